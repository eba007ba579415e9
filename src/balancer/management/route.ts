import type { RequestHead } from '../../core/http/index.ts';
import { escapeJsonForTerminal } from '../../core/text.ts';
import type { Shared } from '../shared.ts';

/** A request to a path of the management address, whole: its peer and Host were checked, its body is there. */
export interface ManagementRequest {
  readonly shared: Shared;
  /** A GET that was HEAD is answered like it; the body is left out on the way. */
  readonly method: 'GET' | 'POST';
  /** As sent, without the query. */
  readonly path: string;
  /** As sent, behind `?`; empty when there is none. */
  readonly query: string;
  /** Borrowed: only good until the answer is given. */
  readonly head: RequestHead;
  /** At most `--max-message` bytes. */
  readonly body: Buffer;
  /** IP address. */
  readonly peer: string;
  /** It came over TLS. */
  readonly isEncrypted: boolean;
}

/** An answer that is there as a whole. Content-Length, Connection and Server are added to its headers. */
export interface WholeAnswer {
  readonly kind: 'whole';
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A string is sent as UTF-8. */
  readonly body: string | Buffer;
}

/** An answer that is made piece by piece: a stream of events, or a document too large to make at once. */
export interface StreamedAnswer {
  readonly kind: 'stream';
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Called once, when the head is out; not for HEAD. */
  start(stream: AnswerStream): StreamSource;
}

export type ManagementAnswer = WholeAnswer | StreamedAnswer;

/** Where the pieces of a streamed answer go. Behind its end, or when the client is gone, nothing happens any more. */
export interface AnswerStream {
  /** A string is sent as UTF-8. */
  write(data: string | Buffer): void;
  /** What waits in this process for a slow reader. */
  readonly unreadBytes: number;
  /** The answer is complete. */
  end(): void;
  /** The answer cannot be completed: the client must notice. */
  abort(): void;
}

/** Who makes the pieces. All are called in the turn of the event loop in which it happens. */
export interface StreamSource {
  /** Everything written was taken. */
  onDrained(): void;
  /** Ten times a second. @param nowMs monotonic */
  onTick(nowMs: number): void;
  /** The balancer stops: a stream without an end ends here. */
  onClosing(): void;
  /** The client is gone, or the answer ended. Called once. */
  onOver(): void;
}

/** One path of the management address. */
export interface ManagementRoute {
  /** GET means HEAD as well. */
  readonly methods: readonly ('GET' | 'POST')[];
  /** What it is for, a few words in lower case: the list that `GET /` shows is made of them. */
  readonly describe: string;
  /** Only at addresses for MCMP alone: where web traffic comes as well, the path belongs to the nodes. */
  readonly onMcmpAlone?: true;
  /** Takes next to no time, and is given however many wait for answers that take longer. */
  readonly atOnce?: true;
  answer(request: ManagementRequest): ManagementAnswer | Promise<ManagementAnswer>;
}

/** By path. */
export type ManagementRoutes = ReadonlyMap<string, ManagementRoute>;

/** Headers of every answer that is made anew each time. */
const FRESH: readonly (readonly [string, string])[] = [
  ['Cache-Control', 'no-store'],
  ['X-Content-Type-Options', 'nosniff'],
];

/**
 * A value as one line of JSON that a terminal shows harmlessly, for that is where curl puts it: names of peers may hold
 * control characters and marks that reorder a line.
 */
export function printJson(value: unknown): string {
  const json = JSON.stringify(value);
  return /[^ -~]/.test(json) ? escapeJsonForTerminal(json) : json;
}

/** @param document must not hold byte strings: use `textOf` on what peers sent */
export function jsonAnswer(
  status: number,
  document: object,
  headers: readonly (readonly [string, string])[] = [],
): WholeAnswer {
  return {
    kind: 'whole',
    status,
    headers: [['Content-Type', 'application/json'], ...FRESH, ...headers],
    body: `${printJson(document)}\n`,
  };
}

export function textAnswer(status: number, text: string): WholeAnswer {
  return { kind: 'whole', status, headers: [['Content-Type', 'text/plain; charset=utf-8'], ...FRESH], body: text };
}

/** The shape of every error of the JSON API; in `docs/api/error.schema.json`. */
export interface ApiError {
  /** Stable: `MCMP_…`. */
  readonly code: string;
  /** What is wrong, one sentence. */
  readonly error: string;
  /** What to do about it. */
  readonly hint?: string;
}

export function errorOf(
  status: number,
  error: ApiError,
  headers: readonly (readonly [string, string])[] = [],
): WholeAnswer {
  return jsonAnswer(status, { schemaVersion: 1, ...error }, headers);
}
