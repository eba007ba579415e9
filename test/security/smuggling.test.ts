import { describe, expect, it } from 'vitest';
import { VIOLATION } from '../../src/core/http/violations.ts';
import { SMUGGLING_ATTEMPTS } from '../core/http/smuggling-corpus.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { startLenientNode } from '../support/lenient-node.ts';
import { openRaw, readAnswer, talk } from '../support/raw-http.ts';

/** Status of each violation, by its code. */
const STATUS = new Map<string, number>(Object.values(VIOLATION).map(({ code, status }) => [code, status]));

/** What a request ought to do at a lenient node behind the balancer: nothing, or one request. */
const REFUSED = SMUGGLING_ATTEMPTS.filter(({ code }) => code !== '');
const SOUND = SMUGGLING_ATTEMPTS.filter(({ code }) => code === '');

async function startPair(preference: 'length' | 'chunks') {
  const lb = await startTestBalancer();
  const node = await startLenientNode(preference);
  await lb.register('n1', node.port, { contexts: '/' });
  return { lb, node };
}

describe.each(['length', 'chunks'] as const)('before a lenient node that prefers %s', (preference) => {
  it.each(REFUSED.map(({ name, code, bytes }) => ({ name, code, bytes })))(
    'refuses and closes: $name',
    async ({ code, bytes }) => {
      const { lb, node } = await startPair(preference);
      const answer = await talk(lb.port, Buffer.from(bytes, 'latin1'));
      expect(answer.status).toBe(STATUS.get(code));
      expect(answer.headers.get('x-mcmp-reason')).toBe(code);
      expect(answer.text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
      expect(answer.headers.get('connection')).toBe('close');
      expect(node.requestLines.filter((line) => line.includes('hidden'))).toEqual([]);
      expect(node.requestLines.length).toBeLessThanOrEqual(1);
    },
  );

  it.each(SOUND.map(({ name, bytes }) => ({ name, bytes })))('sends one request on: $name', async ({ bytes }) => {
    const { lb, node } = await startPair(preference);
    const client = await openRaw(lb.port);
    client.write(Buffer.from(bytes, 'latin1'));
    await client.until((text) => text.endsWith(bytes.startsWith('HEAD') ? '\r\n\r\n' : 'ok'));
    expect(client.received().startsWith('HTTP/1.1 200 ')).toBe(true);
    // The same connection goes on in step: the next answer is the next request's.
    client.write('GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const { text } = await client.closed();
    expect(text.match(/HTTP\/1\.1 \d/g)).toHaveLength(2);
    expect(node.requestLines).toEqual([
      bytes.slice(0, bytes.indexOf('\r\n')).replace('1.0', '1.1'),
      'GET /next HTTP/1.1',
    ]);
  });
});

it('sends nothing to a node that it would not fall for: without the balancer it sees the hidden request', async () => {
  const deceived = new Set<string>();
  for (const preference of ['length', 'chunks'] as const) {
    const node = await startLenientNode(preference);
    for (const { name, bytes } of REFUSED) {
      const before = node.requestLines.length;
      const client = await openRaw(node.port);
      client.write(Buffer.from(bytes, 'latin1'));
      client.socket.end();
      await client.closed();
      if (node.requestLines.slice(before).some((line) => line.includes('hidden'))) deceived.add(name);
    }
  }
  expect(deceived.size).toBeGreaterThan(20);
});

it('refuses the whole corpus one byte at a time, and no node ever sees the hidden request', async () => {
  const { lb, node } = await startPair('chunks');
  await Promise.all(
    REFUSED.map(async ({ name, bytes }) => {
      const client = await openRaw(lb.port);
      client.socket.setNoDelay(true);
      for (const byte of Buffer.from(bytes, 'latin1')) {
        if (client.received() !== '') break;
        client.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      const answer = await client.closed();
      expect(answer.status, name).toBeGreaterThanOrEqual(400);
      expect(readAnswer(answer.text, 'fin').headers.get('connection'), name).toBe('close');
    }),
  );
  // Trailers that are refused at their end may have reached the node in part, but no reader takes them for a request.
  expect(node.requestLines.filter((line) => line.includes('hidden'))).toEqual([]);
});
