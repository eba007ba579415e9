import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { BalancerOptions } from '../../src/balancer/index.ts';
import type { TestBalancer } from './balancer.ts';
import { freeAfter } from './cleanup.ts';

/** What a node answers; `node:http` shows it the request whatever the protocol on the wire was. */
export type BackHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface BackNode {
  readonly port: number;
  /** The process of it dies: the port refuses, open connections are reset. */
  kill(): void;
}

/** What the balancer speaks to its nodes. */
export interface Back {
  readonly name: 'http' | 'https' | 'ajp';
  /** What the balancer has to be told. */
  readonly options: Partial<BalancerOptions>;
  /** Whether trailers of requests and of responses can be carried. */
  readonly hasTrailers: boolean;
  readonly hasUpgrade: boolean;
  readonly hasInterim: boolean;
  start(handler: BackHandler): Promise<BackNode>;
}

export const HTTP: Back = {
  name: 'http',
  options: {},
  hasTrailers: true,
  hasUpgrade: true,
  hasInterim: true,
  start: (handler) => listening(createServer(answeringPings(handler))),
};

/** A node of this kind, registered. */
export async function startBack(
  lb: TestBalancer,
  back: Back,
  route: string,
  handler: BackHandler,
  contexts = '/app',
): Promise<BackNode> {
  const node = await back.start(handler);
  await lb.register(route, node.port, { contexts, config: back.name === 'http' ? '' : `Type=${back.name}` });
  return node;
}

function answeringPings(handler: BackHandler): BackHandler {
  return (request, response) => {
    if (request.method === 'OPTIONS' && request.url === '*') response.end();
    else handler(request, response);
  };
}

async function listening(server: Server): Promise<BackNode> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const kill = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  freeAfter(kill);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no TCP port');
  return { port: address.port, kill };
}
