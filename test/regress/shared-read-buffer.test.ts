import { expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { openRaw } from '../support/raw-http.ts';

it('never takes what another client sent before for the rest of an unfinished head', async () => {
  const balancer = await startTestBalancer();
  const node = await startNode('n1');
  await balancer.register('n1', node.port);
  const unfinished = await openRaw(balancer.port);
  const other = await openRaw(balancer.port);
  const answers = (text: string): number => text.split('HTTP/1.1 ').length - 1;
  for (let round = 1; round <= 3; round++) {
    other.write(`GET /app/other HTTP/1.1\r\nHost: other\r\nX-Filler: ${'x'.repeat(200)}\r\nX-Secret: of-other\r\n\r\n`);
    await other.until((text) => answers(text) === round);
    unfinished.write(round === 1 ? 'GET /app/own HTTP/1.1\r\n' : `X-Own-${round}: 1\r\n`);
  }
  other.write('GET /app/last HTTP/1.1\r\nHost: other\r\n\r\n');
  await other.until((text) => answers(text) === 4);
  expect(node.seen.map(({ target }) => target)).toEqual(['/app/other', '/app/other', '/app/other', '/app/last']);
  expect(unfinished.received()).toBe('');
  unfinished.write('Host: own\r\n\r\n');
  await unfinished.until((text) => answers(text) === 1);
  expect(node.seen.at(-1)).toMatchObject({ target: '/app/own' });
  expect(node.seen.at(-1)?.rawHeaders.join()).not.toContain('of-other');
});
