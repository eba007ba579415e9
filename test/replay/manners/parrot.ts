import { connect, type Socket } from 'node:net';
import type { McmpNode } from '../../../src/node/registrar/types.ts';
import type { Surroundings } from './replay.ts';
import type { Situation } from './situation.ts';

/**
 * A node that says what was recorded when it was recorded, whatever it is answered: what the comparison is tried on.
 * @param altered gives what it says in place of a recorded request, or undefined to be silent
 */
export function startParrot(
  { lines, recorded }: Situation,
  { balancers, clock }: Surroundings,
  altered: (text: string) => string | undefined = (text) => text,
): McmpNode {
  const sockets = new Map<string, Socket>();
  const life = new AbortController();
  const isOver = (atMs: number): boolean => life.signal.aborted || atMs < clock.nowMs();
  const until = (atMs: number): Promise<void> => clock.sleep(atMs - clock.nowMs(), life.signal);

  const open = (balancer: number): Socket => {
    const port = Number(new URL(balancers[balancer - 1] ?? '').port);
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    return socket
      .resume()
      .on('end', () => socket.end())
      .on('error', () => socket.destroy());
  };
  const say = async (): Promise<void> => {
    for (const { balancer, connection, atMs, line, headers, body } of lines) {
      if (isOver(atMs)) continue;
      await until(atMs);
      const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      const text = altered(`${line} HTTP/1.1\r\n${head}\r\n${body}`);
      if (life.signal.aborted || text === undefined) continue;
      const key = `${balancer} ${connection}`;
      const socket = sockets.get(key) ?? open(balancer);
      sockets.set(key, socket);
      socket.write(text);
    }
  };
  const close = async (): Promise<void> => {
    for (const { balancer, connection, atMs } of recorded.closed) {
      if (isOver(atMs)) continue;
      await until(atMs);
      sockets.get(`${balancer} ${connection}`)?.end();
    }
  };
  void say();
  void close();

  const done = async (operation: string): Promise<void> => {
    const next = recorded.done.find((one) => one.operation === operation && !isOver(one.atMs));
    if (next !== undefined) await until(next.atMs);
  };
  return {
    route: 'node1',
    registrations: () => [],
    contexts: () => [],
    registered: async () => {},
    deploy: (path) => done(`deploy ${path}`),
    undeploy: (path) => done(`undeploy ${path}`),
    wish: (path, wish) => done(`${wish === 'stopped' ? 'stop' : 'start'}-ctx ${path}`),
    setLoad: () => {},
    addBalancer: () => {},
    removeBalancer: async () => {},
    refresh: () => {},
    say: async () => [],
    leave: () => done('exit'),
    async abandon() {
      life.abort();
      for (const socket of sockets.values()) socket.destroy();
    },
  };
}
