/**
 * HTTP/1.1 messages as this project sees them: the head is one latin1 string, header lines are offsets into it, nothing is
 * copied until a line has to change.
 */

/** Broken grammar or a broken limit, found in bytes from outside. One row each in `violations.ts`. */
export interface HttpViolation {
  /** Stable: `HTTP_…`. */
  readonly code: string;
  /** Status to answer with when the broken message is a request. */
  readonly status: 400 | 408 | 413 | 414 | 417 | 421 | 431 | 501 | 505;
  /** What is wrong, one sentence, nothing of the peer's bytes in it. */
  readonly message: string;
}

/** What a header is to a proxy. Everything not listed is `other` and passes untouched. */
export const HEADER = {
  other: 0,
  connection: 1,
  keepAlive: 2,
  proxyConnection: 3,
  transferEncoding: 4,
  contentLength: 5,
  te: 6,
  trailer: 7,
  upgrade: 8,
  host: 9,
  expect: 10,
  cookie: 11,
  via: 12,
  forwarded: 13,
  xForwardedFor: 14,
  xForwardedProto: 15,
  xForwardedHost: 16,
  setCookie: 17,
  date: 18,
  server: 19,
  proxyAuthenticate: 20,
  proxyAuthorization: 21,
  http2Settings: 22,
  /** `Proxy`, which no one sends honestly (CVE-2016-5385, "httpoxy"). */
  proxy: 23,
  /** Any `X-Forwarded-…` without a kind of its own: a claim about the client, like its siblings. */
  xForwardedOther: 24,
} as const;
export type HeaderKind = (typeof HEADER)[keyof typeof HEADER];

/** Header lines of one message, as offsets into `text`. Re-used from message to message. */
export interface HeaderLines {
  /** The head, latin1, from the first byte of the start line to the empty line inclusive. */
  text: string;
  count: number;
  /** Four numbers a line: name start, name end, value start, value end (optional white space cut off). */
  offsets: Int32Array;
  /** A `HeaderKind` a line. */
  kinds: Uint8Array;
  /** Lower-cased names listed by `Connection`, other than `close`, `keep-alive` and `upgrade`. Usually empty. */
  connectionNames: string[];
}

export interface RequestHead extends HeaderLines {
  method: string;
  /** As sent. */
  target: string;
  /** Offsets of the target in `text`. */
  targetStart: number;
  targetEnd: number;
  /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
  minorVersion: 0 | 1;
  /** Value of Host (validated), or the authority of an absolute target; empty with HTTP/1.0 without Host. */
  host: string;
  /** All Cookie values joined by `; `; empty without one. */
  cookie: string;
  /** Body length in bytes; -1: none announced. */
  contentLength: number;
  chunked: boolean;
  /** Whether the client wants the connection kept. */
  keepAlive: boolean;
  expectContinue: boolean;
  /** Value of Upgrade when `Connection: upgrade` goes with it, else empty. */
  upgrade: string;
}

export interface ResponseHead extends HeaderLines {
  status: number;
  minorVersion: 0 | 1;
  /** Offset of the reason phrase (after the space), and its end. */
  reasonStart: number;
  reasonEnd: number;
  /** -1: none announced. */
  contentLength: number;
  chunked: boolean;
  /** Whether the node keeps the connection open after this response. */
  keepAlive: boolean;
  /** Seconds of `Keep-Alive: timeout=N`, or -1. */
  keepAliveSeconds: number;
  upgrade: string;
}

export interface HeadLimits {
  /** Of the whole head with its line ends. */
  readonly maxHeadBytes: number;
  readonly maxHeaderLines: number;
}
