import { createServer } from 'node:net';

/** The port when nobody listens on it, else 0, which means any free one. */
export function portOrAnyFree(host: string, port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(port, host, () => probe.close(() => resolve(port)));
  });
}
