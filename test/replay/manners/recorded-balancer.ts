import { createServer, type Server, type Socket } from 'node:net';
import type { Traffic } from './rest.ts';
import type { Line } from './situation.ts';
import type { Closed, Said } from './transcript.ts';

/** A request as it came, before anybody knows what to answer. */
export type Heard = Omit<Said, 'balancer'>;

export type Reaction =
  | { readonly kind: 'bytes'; readonly bytes: string; readonly end: boolean }
  | { readonly kind: 'close' | 'reset' | 'silence' };

export interface RecordedBalancer {
  readonly port: number;
  readonly said: readonly Said[];
  readonly closed: readonly Closed[];
  /** Its port refuses, and its connections are closed. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  closeConnections(): void;
  /** Requests heard so far, and connections that came and went. */
  activity(): number;
}

interface Options {
  readonly number: number;
  readonly nowMs: () => number;
  readonly traffic: Traffic;
  readonly react: (request: Heard) => Reaction;
}

/** A balancer on a real port that reads MCMP requests and reacts to each as it is told. */
export async function startRecordedBalancer({ number, nowMs, traffic, react }: Options): Promise<RecordedBalancer> {
  const said: Said[] = [];
  const closed: Closed[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let activity = 0;
  let port = 0;
  let server: Server | undefined;

  const serve = (socket: Socket): void => {
    const connection = ++connections;
    let text = '';
    activity += 1;
    sockets.add(socket);
    traffic.accepted(socket);
    const perform = (reaction: Reaction): void => {
      if (reaction.kind === 'reset') socket.resetAndDestroy();
      else if (reaction.kind === 'close') socket.end();
      else if (reaction.kind === 'bytes') {
        socket.write(reaction.bytes, 'latin1');
        if (reaction.end) socket.end();
      }
    };
    socket.on('data', (chunk: Buffer) => {
      activity += 1;
      text += chunk.toString('latin1');
      for (let read = readRequest(text); read !== undefined && socket.writable; read = readRequest(text)) {
        text = text.slice(read.length);
        const request = { ...read.request, connection, atMs: nowMs() };
        said.push({ ...request, balancer: number });
        perform(react(request));
      }
    });
    socket.on('end', () => {
      activity += 1;
      if (!socket.writableEnded) closed.push({ balancer: number, connection, atMs: nowMs() });
      socket.end();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      activity += 1;
      sockets.delete(socket);
    });
  };

  const listen = async (): Promise<void> => {
    const opened = createServer({ allowHalfOpen: true }, serve);
    await new Promise<void>((resolve, reject) => {
      opened.once('error', reject);
      opened.listen(port, '127.0.0.1', resolve);
    });
    const address = opened.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    server = opened;
  };
  const closeConnections = (): void => {
    for (const socket of sockets) socket.end();
  };

  await listen();
  return {
    port,
    said,
    closed,
    async goAway() {
      const closing = server;
      server = undefined;
      for (const socket of sockets) socket.destroy();
      if (closing !== undefined) await new Promise((resolve) => closing.close(resolve));
    },
    async comeBack() {
      if (server === undefined) await listen();
    },
    closeConnections,
    activity: () => activity,
  };
}

function readRequest(text: string): { request: Omit<Heard, 'connection' | 'atMs'>; length: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [startLine = '', ...lines] = text.slice(0, headEnd).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  const length = headEnd + 4 + Number(headers.find(([name]) => /^content-length$/i.test(name))?.[1] ?? 0);
  if (text.length < length) return undefined;
  const body = text.slice(headEnd + 4, length);
  return { request: { line: startLine.replace(/ HTTP\/1\.1$/, ''), headers, body }, length };
}

/** What the recorded balancer did with a request. */
export function recordedReaction({ response }: Line): Reaction {
  const { line, headers = {}, body = '', outcome } = response;
  if (outcome === 'closed without an answer') return { kind: 'close' };
  if (outcome === 'reset without an answer') return { kind: 'reset' };
  if (outcome === 'no answer' || line === undefined) return { kind: 'silence' };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = `${line}\r\n${head.join('')}\r\n${body}`;
  if (outcome !== undefined) return { kind: 'bytes', bytes: bytes.slice(0, Math.floor(bytes.length / 2)), end: true };
  return { kind: 'bytes', bytes, end: /^close$/i.test(headers['Connection'] ?? '') };
}
