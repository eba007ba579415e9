import { createServer, type Server, type Socket } from 'node:net';

/** A request as the peer read it. */
export interface BalancerRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Number of the connection, from 1. */
  readonly connection: number;
}

export interface BalancerAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * What the peer does with a request: an answer, these very bytes, `close` without a word, or nothing at all.
 */
export type BalancerReaction =
  | BalancerAnswer
  | { readonly bytes: string; readonly end?: boolean }
  | 'close'
  | 'silence';

export interface ScriptedBalancer {
  readonly url: string;
  readonly port: number;
  readonly requests: BalancerRequest[];
  /** `METHOD target body` of each request. */
  readonly said: () => string[];
  close(): Promise<void>;
  /** Resolves when the predicate holds; looked at after every request. */
  until(predicate: () => boolean, deadlineMs?: number): Promise<void>;
}

/** A balancer in the eyes of a client: a real TCP server that reads MCMP requests one after the other and reacts as told. */
export async function startScriptedBalancer(
  react: (request: BalancerRequest) => BalancerReaction | Promise<BalancerReaction>,
): Promise<ScriptedBalancer> {
  const requests: BalancerRequest[] = [];
  const sockets = new Set<Socket>();
  const watchers = new Set<() => void>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let buffered = '';
    let busy = Promise.resolve();
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1');
      for (let read = readRequest(buffered, connection); read !== undefined; read = readRequest(buffered, connection)) {
        buffered = buffered.slice(read.length);
        const { request } = read;
        requests.push(request);
        busy = busy.then(async () => {
          const reaction = await react(request);
          for (const look of [...watchers]) look();
          perform(socket, reaction);
        });
      }
    });
  });
  await listen(server);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    said: () =>
      requests.map(({ method, target, body }) => [method, target, body].filter((part) => part !== '').join(' ')),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    until: (predicate, deadlineMs = 5000) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!predicate()) return;
          clearTimeout(timer);
          watchers.delete(look);
          resolve();
        };
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`not seen in ${deadlineMs} ms; requests: ${requests.map((one) => one.method).join(' ')}`));
        }, deadlineMs);
        watchers.add(look);
        look();
      }),
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
}

function perform(socket: Socket, reaction: BalancerReaction): void {
  if (reaction === 'silence') return;
  if (reaction === 'close') {
    socket.destroy();
    return;
  }
  if ('bytes' in reaction) {
    socket.write(reaction.bytes, 'latin1');
    if (reaction.end === true) socket.end();
    return;
  }
  const { status = 200, headers = {}, body = '' } = reaction;
  const lines = Object.entries({ 'Content-Length': String(Buffer.byteLength(body)), ...headers });
  socket.write(
    `HTTP/1.1 ${status} Reason\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
  if (headers['Connection'] === 'close') socket.end();
}

function readRequest(text: string, connection: number): { request: BalancerRequest; length: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [startLine = '', ...headerLines] = text.slice(0, headEnd).split('\r\n');
  const [method = '', target = ''] = startLine.split(' ');
  const headers = new Map<string, string>();
  for (const line of headerLines) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const length = headEnd + 4 + Number(headers.get('content-length') ?? '0');
  if (text.length < length) return undefined;
  return { request: { method, target, headers, body: text.slice(headEnd + 4, length), connection }, length };
}
