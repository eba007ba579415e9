import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  CPONG,
  END_RESPONSE_CLOSE,
  END_RESPONSE_REUSE,
  FLUSH_PACKET,
  getBodyChunk,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
  writeSendHeaders,
} from '../../src/core/ajp/index.ts';
import { startAjpNode } from '../support/ajp-node.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { openRaw } from '../support/raw-http.ts';

/** Whatever an AJP node sends, in whatever pieces: its client gets a response or sees that it got none, and nobody else does. */

const head = fc
  .record({
    status: fc.constantFrom(100, 101, 200, 204, 304, 403, 500, 599),
    reason: fc.constantFrom('', '200', 'OK'),
    headers: fc.array(
      fc.constantFrom<readonly [string, string]>(
        ['Content-Length', '5'],
        ['Content-Length', '0'],
        ['Transfer-Encoding', 'chunked'],
        ['Connection', 'close'],
        ['X-Other', 'yes'],
        ['Content-Type', 'text/plain'],
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ status, reason, headers }) => writeSendHeaders(status, reason, headers, 8192) ?? CPONG);

const data = fc.integer({ min: 1, max: 40 }).map((length) => {
  const bytes = Buffer.alloc(length, 'x');
  return Buffer.concat([sendBodyChunkHead(length), bytes, SEND_BODY_CHUNK_TAIL]);
});

const other = fc.constantFrom(CPONG, FLUSH_PACKET, END_RESPONSE_CLOSE, END_RESPONSE_REUSE, getBodyChunk(10));
const noise = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes));

/** Mostly responses, as they should be or nearly. */
const answer = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: head }, { weight: 1, arbitrary: other }), { maxLength: 2 }),
    fc.array(
      fc.oneof({ weight: 5, arbitrary: data }, { weight: 1, arbitrary: other }, { weight: 1, arbitrary: noise }),
      {
        maxLength: 3,
      },
    ),
    fc.array(fc.oneof({ weight: 5, arbitrary: other }, { weight: 1, arbitrary: noise }), { maxLength: 2 }),
  )
  .map((parts) => Buffer.concat(parts.flat()));

it('answers the client of such a node, or cuts it off, and serves everybody else', async () => {
  const lb = await startTestBalancer({ upstreamTimeoutMs: 1000 });
  let said = Buffer.alloc(0);
  let pieceBytes = 1;
  const hostile = await startAjpNode(async (call) => {
    for (let at = 0; at < said.length; at += pieceBytes) {
      call.socket.write(said.subarray(at, at + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
    }
    call.socket.end();
  });
  const honest = await startAjpNode((call) => call.answer('its own'));
  await lb.register('hostile', hostile.port, { type: 'ajp', contexts: '/hostile' });
  await lb.register('honest', honest.port, { type: 'ajp', contexts: '/honest' });
  await fc.assert(
    fc.asyncProperty(
      answer,
      fc.constantFrom(1, 3, 7, 4096),
      fc.constantFrom('GET', 'HEAD', 'POST'),
      async (bytes, piece, method) => {
        said = bytes;
        pieceBytes = piece;
        const client = await openRaw(lb.port);
        const body = method === 'POST' ? 'Content-Length: 5\r\n\r\nhello' : '\r\n';
        client.write(`${method} /hostile HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${body}`);
        const { text, end } = await client.closed();
        expect(end).not.toBe('open');
        if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 (?:100 Continue\r\n\r\n|[2345]\d\d [^\r]*\r\n)/);
        expect(text.split('HTTP/1.1 ').length).toBeLessThanOrEqual(2);
        const after = await openRaw(lb.port);
        after.write('GET /honest HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        expect((await after.closed()).body).toBe('its own');
      },
    ),
    { numRuns: 150 },
  );
  expect(lb.log.filter(({ level }) => level === 'error')).toEqual([]);
}, 60_000);
