import { type AnswerHead, type BodyEnd, type Broken, createAnswerHead } from './answer-head.ts';
import { ANSWER_RULES, type AnswerManners } from './answer-rules.ts';
import { type ByteSink, createByteSink } from './byte-sink.ts';

export interface AnswerReaderOptions {
  /** `mcmp`: as HTTP allows; `java`: as the Java node does (`ANSWER_RULES`). */
  readonly manners: AnswerManners;
  /** Of the request; an answer to HEAD has no body. */
  readonly method: string;
  /** Longest body that is taken. */
  readonly maxBytes: number;
}

/** An answer to its last byte. */
export interface ReadAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly reason: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Byte string. */
  readonly body: string;
  /** Whether the next request may use the same connection. */
  readonly keepAlive: boolean;
  /** What came behind the answer; with Java manners the next answer begins with it. */
  readonly leftover: Buffer;
}

/** What came is no answer that can be taken. */
export interface BrokenAnswer {
  readonly kind: 'broken';
  /** `silent`: the peer closed before a word of it; `cut`: it ended too early; `malformed`; `too-long`. */
  readonly fault: 'silent' | 'cut' | 'malformed' | 'too-long';
  /** Follows the words "answered with broken HTTP: ". */
  readonly why: string;
}

export type AnswerVerdict = ReadAnswer | BrokenAnswer;

/** Reads one answer. Never throws; keeps no more than 64 KiB of a head and `maxBytes` of a body. */
export interface AnswerReader {
  /** Whether the peer has begun to answer: its first byte came; with Java manners, its first line. */
  readonly begun: boolean;
  /** Takes the next bytes; undefined while more are needed. After a verdict it stays the same. */
  push(chunk: Buffer): AnswerVerdict | undefined;
  /** The peer is gone: it closed, or the connection failed (`reset`). */
  end(how?: 'closed' | 'reset'): AnswerVerdict;
}

/** Status line and headers of an answer, with all that precedes it; one line of chunk framing; all trailers together. */
const MAX_HEAD_BYTES = 64 * 1024;
/** So far is looked at a line without an end before it is waited for. */
const LOOK_BYTES = 64;
const LF = 10;
const CR = 13;
const NOTHING = Buffer.alloc(0);
const CHUNK_SIZE = {
  'with-extensions': /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/,
  bare: /^\+?([0-9A-Fa-f]{1,8})$/,
} as const;

/** Reader of one HTTP answer of a balancer, fed with buffers of any size. */
export function createAnswerReader(options: AnswerReaderOptions): AnswerReader {
  return new Reader(options);
}

type Stage = 'before' | 'head' | 'length' | 'close' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer';

class Reader implements AnswerReader {
  begun = false;
  readonly #manners: AnswerManners;
  readonly #maxBytes: number;
  readonly #head: AnswerHead;
  readonly #body: ByteSink;
  #stage: Stage = 'before';
  #verdict: AnswerVerdict | undefined;
  #input: Buffer = NOTHING;
  #at = 0;
  /** Of the line that is being read. */
  #line = '';
  /** Bytes of lines, against `MAX_HEAD_BYTES`. */
  #lineBytes = 0;
  /** A CR ended the line before: a LF that follows belongs to it. */
  #skipLf = false;
  /** Of the body, or of the chunk. */
  #left = 0;
  #keepAlive = false;

  constructor({ manners, method, maxBytes }: AnswerReaderOptions) {
    this.#manners = manners;
    this.#maxBytes = maxBytes;
    this.#head = createAnswerHead(manners, method);
    this.#body = createByteSink(maxBytes);
  }

  push(chunk: Buffer): AnswerVerdict | undefined {
    if (this.#verdict !== undefined) return this.#verdict;
    this.#input = chunk;
    this.#at = 0;
    if (chunk.length > 0 && this.#manners === 'mcmp') this.begun = true;
    while (this.#verdict === undefined && this.#step());
    this.#input = NOTHING;
    return this.#verdict;
  }

  end(how: 'closed' | 'reset' = 'closed'): AnswerVerdict {
    if (this.#verdict === undefined) this.#endEarly(how);
    return this.#verdict ?? this.#refuse('cut', 'it ended too early');
  }

  /** One step; false when more bytes are needed. */
  #step(): boolean {
    if (this.#skipLf && this.#at < this.#input.length) {
      if (this.#input[this.#at] === LF) {
        this.#at += 1;
        this.#lineBytes += 1;
      }
      this.#skipLf = false;
    }
    switch (this.#stage) {
      case 'length':
      case 'chunk-data':
        return this.#takeCounted();
      case 'close':
        return this.#takeData(this.#input.length);
      default: {
        const line = this.#takeLine();
        if (line !== undefined) this.#readLine(line);
        return line !== undefined;
      }
    }
  }

  #readLine(line: string): void {
    switch (this.#stage) {
      case 'before':
        this.begun = true;
        this.#onHead(this.#head.statusLine(line));
        break;
      case 'head':
        this.#onHead(this.#head.headerLine(line));
        break;
      case 'chunk-size':
        this.#readChunkSize(line);
        break;
      case 'chunk-end':
        // The Java node skips that line without a look.
        if (line !== '' && this.#manners === 'mcmp') this.#refuse('malformed', 'a chunk is longer than it says');
        this.#beginChunk();
        break;
      default:
        if (line === '' || ANSWER_RULES.trailer[this.#manners] === 'one-line') this.#finish();
    }
  }

  #onHead(outcome: 'taken' | 'skipped' | 'ends-the-head' | Broken): void {
    if (outcome === 'taken') this.#stage = 'head';
    else if (outcome === 'ends-the-head') this.#endHead();
    else if (outcome !== 'skipped') this.#refuse('malformed', outcome.why);
  }

  #endHead(): void {
    const { status } = this.#head;
    const interim = status >= 100 && status < 200 && status !== 101;
    if (interim && ANSWER_RULES.interim[this.#manners] === 'skipped') {
      this.#stage = 'before';
      return;
    }
    const framing = this.#head.framing();
    if ('why' in framing) {
      this.#refuse('malformed', framing.why);
      return;
    }
    this.#keepAlive = framing.keepAlive;
    this.#left = framing.length;
    if (framing.length > this.#maxBytes) this.#refuseLength();
    else this.#beginBody(framing.bodyEnd);
  }

  #beginBody(bodyEnd: BodyEnd): void {
    if (bodyEnd === 'none' || (bodyEnd === 'length' && this.#left === 0)) this.#finish();
    else if (bodyEnd === 'chunks') this.#beginChunk();
    else this.#stage = bodyEnd;
  }

  #beginChunk(): void {
    this.#stage = 'chunk-size';
    this.#lineBytes = 0;
  }

  #readChunkSize(line: string): void {
    const size = CHUNK_SIZE[ANSWER_RULES.chunkSize[this.#manners]].exec(line)?.[1];
    if (size === undefined) {
      this.#refuse('malformed', 'the size of a chunk cannot be read');
      return;
    }
    this.#left = Number.parseInt(size, 16);
    this.#stage = this.#left === 0 ? 'trailer' : 'chunk-data';
  }

  #takeCounted(): boolean {
    const end = Math.min(this.#input.length, this.#at + this.#left);
    this.#left -= end - this.#at;
    this.#takeData(end);
    if (this.#left > 0) return false;
    if (this.#stage === 'length') this.#finish();
    else this.#stage = 'chunk-end';
    return true;
  }

  /** Moves input to the body; false: nothing is left of it. */
  #takeData(end: number): boolean {
    if (!this.#body.add(this.#input, this.#at, end)) this.#refuseLength();
    this.#at = end;
    return false;
  }

  #takeLine(): string | undefined {
    const input = this.#input;
    const end = this.#lineEnd();
    this.#lineBytes += (end < 0 ? input.length : end + 1) - this.#at;
    if (this.#lineBytes > MAX_HEAD_BYTES) {
      this.#refuse('too-long', `its head is longer than ${MAX_HEAD_BYTES} bytes`);
      return undefined;
    }
    const piece = input.toString('latin1', this.#at, end < 0 ? input.length : end);
    const before = this.#line;
    const line = before === '' ? piece : before + piece;
    if (end < 0) {
      this.#at = input.length;
      this.#line = line;
      if (before.length < LOOK_BYTES && this.#isForeign(line))
        this.#refuse('malformed', 'it does not begin as HTTP does');
      return undefined;
    }
    this.#at = end + 1;
    this.#line = '';
    this.#skipLf = input[end] === CR;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  #lineEnd(): number {
    const lf = this.#input.indexOf(LF, this.#at);
    if (ANSWER_RULES.lineEnd[this.#manners] === 'lf') return lf;
    const cr = this.#input.indexOf(CR, this.#at);
    return cr >= 0 && (lf < 0 || cr < lf) ? cr : lf;
  }

  /** What cannot become a status line any more, such as a TLS alert, need not have an end. */
  #isForeign(line: string): boolean {
    if (this.#stage !== 'before' || ANSWER_RULES.beforeStatusLine[this.#manners] !== 'empty-lines') return false;
    const start = line.slice(0, LOOK_BYTES).trimStart().slice(0, 5);
    return !'HTTP/'.startsWith(start);
  }

  #endEarly(how: 'closed' | 'reset'): void {
    const was = how === 'reset' ? 'the connection was reset' : 'the connection was closed';
    if (this.#stage === 'before') this.#endBefore(was);
    else if (this.#stage === 'head') this.#endInHead(was);
    else if (this.#stage === 'close' && how === 'closed') this.#finish();
    else if (this.#stage === 'trailer' && how === 'closed') this.#finish();
    else if (this.#mayBeCut(how)) this.#finish();
    else this.#refuse('cut', `${was} after ${this.#body.length} bytes of the body, and more were to come`);
  }

  #endBefore(was: string): void {
    // A line without its end is a line for the Java node.
    const line = this.#line;
    this.#line = '';
    if (line !== '' && this.#manners === 'java' && was.endsWith('closed')) {
      this.#readLine(line);
      if (this.#verdict === undefined) this.#endEarly('closed');
    } else if (this.begun) this.#refuse('cut', `${was} before the status line was complete`);
    else this.#refuse('silent', `${was} before an answer came`);
  }

  #endInHead(was: string): void {
    if (this.#manners === 'mcmp' || !was.endsWith('closed')) {
      this.#refuse('cut', `${was} in the middle of the head`);
      return;
    }
    const line = this.#line;
    this.#line = '';
    if (line !== '') this.#readLine(line);
    if (this.#verdict === undefined && this.#stage === 'head') this.#endHead();
    if (this.#verdict === undefined) this.#endEarly('closed');
  }

  /** Whether what there is of the body will do (`ANSWER_RULES.cutBody`). */
  #mayBeCut(how: 'closed' | 'reset'): boolean {
    if (this.#manners === 'java') return how === 'closed' && this.#stage === 'length';
    if (this.#head.status !== 200) return true;
    return how === 'closed' && this.#stage === 'length' && this.#body.endsWith(LF);
  }

  #finish(): void {
    if (this.#skipLf && this.#input[this.#at] === LF) this.#at += 1;
    const leftover = this.#at < this.#input.length ? Buffer.from(this.#input.subarray(this.#at)) : NOTHING;
    const surplus = leftover.length > 0 && ANSWER_RULES.surplusBytes[this.#manners] === 'end-the-connection';
    const { status, reason, headers } = this.#head;
    const keepAlive = this.#keepAlive && !surplus;
    this.#verdict = { kind: 'answer', status, reason, headers, body: this.#body.text(), keepAlive, leftover };
  }

  #refuseLength(): void {
    this.#refuse('too-long', `its body is longer than ${this.#maxBytes} bytes`);
  }

  #refuse(fault: BrokenAnswer['fault'], why: string): AnswerVerdict {
    this.#verdict = { kind: 'broken', fault, why };
    return this.#verdict;
  }
}
