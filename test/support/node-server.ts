import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { freeAfter } from './cleanup.ts';

/** What a node saw of one request. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface TestNode {
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** Pings (`OPTIONS *`) received. */
  pings(): number;
  /** Ends the process's part of it at once: the port refuses, open connections are reset. */
  kill(): void;
}

/**
 * A web server that stands for a node. It answers each request with `answer`, or with its name and what it saw, as JSON.
 */
export async function startNode(
  name: string,
  answer?: (request: IncomingMessage, response: ServerResponse, body: string) => void,
  port = 0,
): Promise<TestNode> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let pings = 0;
  const server = createServer((request, response) => {
    if (request.method === 'OPTIONS' && request.url === '*') {
      pings++;
      response.end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1');
      const { method = '', url: target = '', rawHeaders } = request;
      seen.push({ method, target, rawHeaders, body });
      if (answer !== undefined) answer(request, response, body);
      else response.end(JSON.stringify({ node: name, method, target, length: body.length }));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const realPort = await listen(server, port);
  const kill = (): void => {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  };
  freeAfter(kill);
  return { port: realPort, seen, pings: () => pings, kill };
}

/** A server that speaks bytes: for nodes that misbehave. */
export async function startRawNode(
  onConnection: (socket: Socket) => void,
  port = 0,
): Promise<{ port: number; kill(): void }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  const realPort = await listen(server, port);
  const kill = (): void => {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  };
  freeAfter(kill);
  return { port: realPort, kill };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no TCP port');
  return address.port;
}
