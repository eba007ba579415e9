import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { freeAfter } from '../../support/cleanup.ts';

/** An application that knows nothing of MCMP. Probes ask it for `/health`, everything else is a client's request. */
export interface TestApplication {
  readonly port: number;
  /** Status of the answers to probes. */
  health: number;
  /** Requests of clients so far. */
  served(): number;
  /** Requests that wait for `release`: those of `/app/slow`. */
  waiting(): number;
  release(): void;
  /** Most probes that were being answered at once. */
  probesAtOnce(): number;
  probes(): number;
  /** Probes are answered only when `release` is called. */
  slowHealth: boolean;
  listen(): Promise<void>;
  /** Ends as a process does. */
  kill(): Promise<void>;
}

/** An application on a port of its own, which listens unless told not to. */
export async function startApplication(listens = true): Promise<TestApplication> {
  const held = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  let port = 0;
  let server: Server | undefined;
  let served = 0;
  let probes = 0;
  let probesNow = 0;
  let probesAtOnce = 0;

  const listen = async (): Promise<void> => {
    const next = createServer((request, response) => {
      if (request.url === '*') {
        response.end();
      } else if (request.url === '/health') {
        probes += 1;
        probesNow += 1;
        probesAtOnce = Math.max(probesAtOnce, probesNow);
        response.once('close', () => {
          probesNow -= 1;
        });
        response.statusCode = application.health;
        if (application.slowHealth) held.add(response);
        else response.end();
      } else {
        served += 1;
        if (request.url?.startsWith('/app/slow') === true) held.add(response);
        else response.end('from the application');
      }
    });
    next.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject);
      next.listen(port, '127.0.0.1', resolve);
    });
    const address = next.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    server = next;
  };
  const kill = async (): Promise<void> => {
    const ended = server;
    server = undefined;
    for (const socket of sockets) socket.resetAndDestroy();
    await new Promise<void>((resolve) => (ended === undefined ? resolve() : ended.close(() => resolve())));
  };
  const application: TestApplication = {
    get port() {
      return port;
    },
    health: 200,
    slowHealth: false,
    served: () => served,
    waiting: () => held.size,
    release() {
      for (const response of held) response.end('at last');
      held.clear();
    },
    probes: () => probes,
    probesAtOnce: () => probesAtOnce,
    listen,
    kill,
  };
  await listen();
  if (!listens) await kill();
  freeAfter(kill);
  return application;
}
