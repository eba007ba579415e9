import { createServer } from 'node:net';

/**
 * Ports are taken from below those that systems give to connections that go out: what is free now, or away for a while, is
 * not lost to a connection of somebody else.
 */
const FIRST_PORT = 20_000;
const PORTS = 10_000;
const MOST_ATTEMPTS = 50;

/**
 * Tries one port after the other, until one is free.
 * @param listen rejects with the error of the system
 * @throws Error of the system, when none is free, or the address cannot be had at all
 */
export async function onFreePort(listen: (port: number) => Promise<void>): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    try {
      await listen(port);
      return port;
    } catch (error) {
      if (!isTaken(error) || attempt >= MOST_ATTEMPTS) throw error;
    }
  }
}

/** Whether somebody else listens there. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** A port that is free now; somebody else may still be quicker. */
export function freePort(): Promise<number> {
  return onFreePort(
    (port) =>
      new Promise((resolve, reject) => {
        const server = createServer();
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
      }),
  );
}
