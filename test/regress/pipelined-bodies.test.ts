import { createServer } from 'node:http';
import { describe, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { openRaw } from '../support/raw-http.ts';

/** A node that reads bodies and says how long they were. */
async function startCounter(): Promise<number> {
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.end(`got ${bytes}.`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  freeAfter(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

function post(bytes: number): string {
  return `POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`;
}

/**
 * A client that pipelines is paused while a request runs. Who reads on with the next one's body was left to the node's
 * socket and its `drain`; since Node 22 a socket takes 64 KiB before it says that it is full, and then says nothing when it
 * has sent less, so that the rest of such a body was never read.
 */
describe('requests with large bodies that come in one go', () => {
  const sizes = [1, 1_000, 20_000, 70_000, 200_000, 400_000];
  for (const second of sizes) {
    it(`are all answered: ${second} bytes in between`, async () => {
      const balancer = await startTestBalancer();
      await balancer.register('n1', await startCounter());
      for (const third of sizes) {
        const client = await openRaw(balancer.port);
        client.write(post(1000) + post(second) + post(third));
        await client.until((text) => text.endsWith(`got ${third}.`) && text.split('HTTP/1.1 200').length === 4);
        client.close();
      }
    });
  }
});
