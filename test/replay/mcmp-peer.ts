import { openRaw, type RawClient } from '../support/raw-http.ts';

/** An answer in the only form that all real nodes read (interop notes of the recordings: `answers-mod_cluster-2.1.0.json`). */
export interface NodeAnswer {
  readonly status: number;
  /** Lower-cased names. */
  readonly headers: ReadonlyMap<string, string>;
  /** Byte string. */
  readonly body: string;
  /** The head as it came, without the empty line. */
  readonly head: string;
  /** The balancer said that it closes, and did. */
  readonly closed: boolean;
}

/** One MCMP client: one connection, one request at a time, a new connection after the balancer closed one. */
export interface McmpPeer {
  /** Sends the bytes of one request and takes exactly one answer; fails when a real node could not read it. */
  ask(request: string): Promise<NodeAnswer>;
  /** How many connections it took so far. */
  connections(): number;
  close(): void;
}

export function createPeer(port: number): McmpPeer {
  let client: RawClient | undefined;
  let taken = 0;
  let connections = 0;
  return {
    async ask(request) {
      if (client === undefined) {
        client = await openRaw(port);
        connections++;
        taken = 0;
      }
      const { received, until, closed, write } = client;
      if (received().length > taken) throw new Error(`bytes that nobody asked for: ${received().slice(taken)}`);
      write(request);
      const text = await until((all) => isWhole(all.slice(taken)));
      const answer = readForNode(text.slice(taken));
      taken = text.length;
      if (!answer.closed) return answer;
      // A node waits 20 s for the end of a connection that was announced and does not come.
      const { text: all } = await closed(3_000);
      if (all.length > taken) throw new Error('more bytes than Content-Length says');
      client = undefined;
      return answer;
    },
    connections: () => connections,
    close() {
      client?.close();
      client = undefined;
    },
  };
}

function headOf(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n');
  return end < 0 ? undefined : text.slice(0, end);
}

function isWhole(text: string): boolean {
  const head = headOf(text);
  if (head === undefined) return false;
  const length = /^content-length:\s*(\d+)\s*$/im.exec(head)?.[1];
  return text.length >= head.length + 4 + Number(length ?? 0);
}

/**
 * Reads an answer as strictly as the most easily confused node needs it: a space after the code, one Content-Length, no
 * chunks, nothing behind the body.
 */
export function readForNode(text: string): NodeAnswer {
  const head = headOf(text) ?? '';
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) [ -~]*$/.exec(statusLine)?.[1];
  if (status === undefined) throw new Error(`a node cannot read this status line: ${JSON.stringify(statusLine)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no header line: ${JSON.stringify(line)}`);
    if (headers.has(name.toLowerCase())) throw new Error(`${name} comes twice`);
    headers.set(name.toLowerCase(), value);
  }
  if (headers.has('transfer-encoding')) throw new Error('chunked answers are not for nodes');
  const length = headers.get('content-length');
  if (length === undefined || !/^\d+$/.test(length)) throw new Error(`no usable Content-Length in ${head}`);
  const body = text.slice(head.length + 4);
  if (body.length !== Number(length)) throw new Error(`Content-Length: ${length}, but the body is ${body.length} long`);
  return { status: Number(status), headers, body, head, closed: /^close$/i.test(headers.get('connection') ?? '') };
}

/** The bytes of a request as the Java node writes it. */
export function asJavaNode(line: string, host: string, body = ''): string {
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
  return `${line} HTTP/1.1\r\nHost: ${host}\r\n${length}User-Agent: ClusterListener/1.0\r\nConnection: Keep-Alive\r\n\r\n${body}`;
}
