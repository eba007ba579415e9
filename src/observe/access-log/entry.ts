/** All that the line of a request says. `code` and `session` are constants of the program that fills it in. */
export interface AccessEntry {
  /** Milliseconds since the epoch: when the head of the request was complete. */
  startedAtMs: number;
  /** Address of the peer. */
  client: string;
  /** X-Forwarded-For, when the peer is a proxy that is trusted. From here on, empty strings stand for what is not known. */
  forwardedFor: string;
  /** Method, target and the other strings of the client and of nodes are byte strings, exactly as they came. */
  method: string;
  target: string;
  version: '' | '1.0' | '1.1' | '2.0';
  host: string;
  /** Of the answer that the client was given, or began to be given; 0 when it was given nothing. */
  status: number;
  /** Whether the client was given the whole answer; of a tunnel, whether it stood. */
  complete: boolean;
  /** Of the body, as written to the client. */
  sentBytes: number;
  /** Of the body, as it came from the client. */
  receivedBytes: number;
  referer: string;
  userAgent: string;
  /** The node that was tried last, and the context. */
  route: string;
  context: string;
  code: string;
  attempts: number;
  session: string;
  /** From the start to the end; -1 when there was no request to begin with. */
  totalMs: number;
  /** From the start until the request went to the node that was tried last; -1 when it went to none. */
  sentAfterMs: number;
  /** From the start until that node's first byte; -1 when there was none. */
  firstByteAfterMs: number;
}

/** An entry that says nothing yet. It is filled anew for each line. */
export function createAccessEntry(): AccessEntry {
  return {
    startedAtMs: 0,
    client: '',
    forwardedFor: '',
    method: '',
    target: '',
    version: '',
    host: '',
    status: 0,
    complete: false,
    sentBytes: 0,
    receivedBytes: 0,
    referer: '',
    userAgent: '',
    route: '',
    context: '',
    code: '',
    attempts: 0,
    session: '',
    totalMs: -1,
    sentAfterMs: -1,
    firstByteAfterMs: -1,
  };
}
