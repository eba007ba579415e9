/** Whose reading of HTTP an answer gets: ours, or that of the Java node with its weaknesses. */
export type AnswerManners = 'mcmp' | 'java';

interface AnswerRule {
  readonly mcmp: string;
  readonly java: string;
  /** Why they differ, and where it was seen. */
  readonly why: string;
}

/**
 * Where the Java node reads an answer otherwise than we do (reference §9.2; the 50 recorded forms of an answer to INFO).
 * Ours is RFC 9112 with every leniency that it allows a client; theirs is what was measured.
 */
export const ANSWER_RULES = {
  lineEnd: {
    mcmp: 'lf',
    java: 'cr-or-lf',
    why: 'A LF, with or without CR, ends a line (RFC 9112 §2.2); for the Java node a CR alone does so too.',
  },
  statusLine: {
    mcmp: 'http',
    java: 'second-space',
    why: 'The Java node takes any line with a space for a status line and wants a second space behind the code, or the status is 500 and the head ends there; the reason is optional (RFC 9112 §4).',
  },
  beforeStatusLine: {
    mcmp: 'empty-lines',
    java: 'lines-without-space',
    why: 'The Java node skips whatever has no space in it; what is no HTTP should be said at once.',
  },
  interim: {
    mcmp: 'skipped',
    java: 'final',
    why: 'A 1xx precedes the answer (RFC 9110 §15.2); for the Java node it is the answer, and not a success.',
  },
  unreadableHeader: {
    mcmp: 'broken',
    java: 'ends-the-head',
    why: 'An exception ends the Java node’s reading of the head, but not the exchange: the rest is taken for what follows.',
  },
  bodyEnd: {
    mcmp: 'as-http',
    java: 'length-chunks-or-close',
    why: 'Without Content-Length or chunks a body lasts until the peer closes (RFC 9112 §6.3); the Java node sees one only with `Connection: close`, and then waits for the end whatever Content-Length says.',
  },
  chunkSize: {
    mcmp: 'with-extensions',
    java: 'bare',
    why: 'Chunk extensions are legal and may be ignored (RFC 9112 §7.1.1); they throw an exception in the Java node.',
  },
  trailer: {
    mcmp: 'all-lines',
    java: 'one-line',
    why: 'The Java node reads one line behind the last chunk; more of them stand before its next answer.',
  },
  cutBody: {
    mcmp: 'whole-lines',
    java: 'taken',
    why: 'The Java node takes what came before the peer closed. We take it when the verdict stands in the head (not 200), or when Content-Length was too large and whole lines came: half a line could be half a number. Chunks that stop are an answer that was cut.',
  },
  keptAfter: {
    mcmp: 'as-said',
    java: 'only-200',
    why: 'The Java node closes its connection after anything but 200; HTTP keeps it unless the peer says otherwise.',
  },
  surplusBytes: {
    mcmp: 'end-the-connection',
    java: 'next-answer',
    why: 'Bytes behind an answer cannot be trusted to begin another one; the Java node reads them as such.',
  },
} as const satisfies Record<string, AnswerRule>;
