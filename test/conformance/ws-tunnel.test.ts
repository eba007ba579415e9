import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BALANCER_CASES } from '../../src/conformance/balancer/cases/index.ts';
import { freeAfter } from '../support/cleanup.ts';
import { judge } from './judge.ts';
import { startOwnBalancer } from './own-balancer.ts';

const CASES = BALANCER_CASES.filter(({ id }) => id === 'config/type-behind-ws-tunnel');

/**
 * Stands before a balancer and changes the text of its answers. Each message of the judge has a connection of its own, so an
 * answer ends with its connection.
 * @returns its port
 */
async function startRewriter(port: number, rewrite: (body: string) => string): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const balancer = connect(port, '127.0.0.1');
    for (const socket of [client, balancer]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.pipe(balancer);
    let answer = '';
    balancer.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
    });
    balancer.on('end', () => {
      const [head = '', text = ''] = answer.split('\r\n\r\n');
      const body = rewrite(text);
      const ofItsLength = head.replace(/^Content-Length: \d+$/m, `Content-Length: ${body.length}`);
      client.end(Buffer.from(`${ofItsLength}\r\n\r\n${body}`, 'latin1'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  freeAfter(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the rewriter has no port');
  return address.port;
}

/** No configuration of ours shows http nodes as ws, so no mutant can prove this case: httpd is played by rewriting INFO. */
describe('the case for EnableWsTunnel', () => {
  it.each([
    [
      'passes where http is shown as ws and https as wss',
      (body: string) => body.replaceAll('Type: http', 'Type: ws'),
      'pass',
    ],
    ['fails where only http is', (body: string) => body.replaceAll('Type: http,', 'Type: ws,'), 'fail'],
    ['fails where types are shown as they were sent', (body: string) => body, 'fail'],
  ] as const)('%s', async (_, rewrite, verdict) => {
    const own = await startOwnBalancer('httpd-2', {}, new Map([['ws-tunnel', '']]));
    freeAfter(own.close);
    const port = await startRewriter(Number(own.target.mcmpUrl.port), rewrite);
    const target = { ...own.target, mcmpUrl: new URL(`http://127.0.0.1:${port}`) };
    const [result] = await judge(target, 'httpd-2', CASES);
    expect(result?.verdict).toBe(verdict);
  });
});
