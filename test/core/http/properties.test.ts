import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bodyOfResponse,
  createRequestWriteOptions,
  createResponseWriteOptions,
  describeClient,
  writeRequestHead,
  writeResponseHead,
} from '../../../src/core/http/index.ts';
import { driveRequest, driveResponse } from './drive.ts';
import { soundRequest, soundResponse } from './generated-heads.ts';

const RUNS = { seed: 9110, numRuns: 1000 };

const writeOptions = fc
  .record({
    forwardedHeaders: fc.constantFrom('x-forwarded' as const, 'forwarded' as const, 'both' as const, 'none' as const),
    trusted: fc.boolean(),
    via: fc.constantFrom('', 'mcmp'),
    passExpect: fc.boolean(),
    upgrade: fc.boolean(),
    passTrailers: fc.boolean(),
    removeCookie: fc.constantFrom('', 'SID'),
    target: fc.constantFrom('', '/other'),
  })
  .map((options) => ({ ...createRequestWriteOptions(describeClient('192.0.2.1', 'http')), ...options }));

describe('generated heads', () => {
  test('of the grammar are always read, as requests', () => {
    fc.assert(
      fc.property(soundRequest, (bytes) => {
        const { code } = driveRequest(bytes);
        expect(code === 'incomplete' ? 'ok' : code).toBe('ok');
      }),
      RUNS,
    );
  });

  test('of the grammar are always read, as responses', () => {
    fc.assert(
      fc.property(soundResponse, (bytes) => {
        expect(driveResponse(bytes).code).toBe('ok');
      }),
      RUNS,
    );
  });

  test('keep their meaning when they are written for a node and read there', () => {
    fc.assert(
      fc.property(soundRequest, writeOptions, (bytes, options) => {
        const client = driveRequest(bytes).head;
        const node = driveRequest(writeRequestHead(client, options)).head;
        const { method, contentLength, chunked } = client;
        expect(node.host.toLowerCase()).toBe(client.host.toLowerCase());
        expect(node).toMatchObject({ method, contentLength, chunked, minorVersion: 1, keepAlive: true });
        expect(node.target).toBe(options.target === '' ? withoutAuthority(client.target) : options.target);
        expect(node.connectionNames.filter((name) => name !== 'te')).toEqual([]);
        expect(node.cookie).toBe(options.removeCookie === '' ? client.cookie : withoutSid(client.cookie));
      }),
      RUNS,
    );
  });

  test('do not change any more once they were written', () => {
    fc.assert(
      fc.property(soundRequest, (bytes) => {
        const options = { ...createRequestWriteOptions(describeClient('192.0.2.1', 'http')), removeCookie: 'SID' };
        const once = writeRequestHead(driveRequest(bytes).head, options);
        expect(writeRequestHead(driveRequest(once).head, options)).toBe(once);
      }),
      RUNS,
    );
  });

  test('keep their meaning when they are written for a client and read there', () => {
    fc.assert(
      fc.property(soundResponse, fc.boolean(), (bytes, keepAlive) => {
        const node = driveResponse(bytes).head;
        const written = writeResponseHead(node, { ...createResponseWriteOptions(), keepAlive });
        const client = driveResponse(written).head;
        const { status, contentLength, chunked } = node;
        expect(client).toMatchObject({ status, contentLength, chunked, connectionNames: [], keepAliveSeconds: -1 });
        expect(bodyOfResponse(client, 'GET')).toBe(bodyOfResponse(node, 'GET'));
        expect(writeResponseHead(client, { ...createResponseWriteOptions(), keepAlive })).toBe(written);
      }),
      RUNS,
    );
  });

  test('never make the readers throw, whatever the bytes, and are judged alike in pieces', () => {
    const parts = fc.constantFrom(
      'GET ',
      '/',
      ' HTTP/1.1',
      '\r\n',
      '\r',
      '\n',
      'Host: a',
      ': ',
      'chunked',
      'Transfer-Encoding',
      ' ',
      '\0',
      '\x80',
      'Content-Length: 3',
      'HTTP/1.1 200 OK',
      'Connection: a',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(parts, fc.string({ unit: 'binary-ascii', maxLength: 5 })), { maxLength: 25 }),
        (pieces) => {
          const bytes = pieces.join('');
          const whole = driveRequest(bytes).code;
          const single = driveRequest(bytes, 1).code;
          expect(single === 'ok' || single === 'incomplete').toBe(whole === 'ok' || whole === 'incomplete');
          expect(driveResponse(bytes).code).toBe(driveResponse(bytes, 1).code);
        },
      ),
      { seed: 9110, numRuns: 3000 },
    );
  });
});

function withoutAuthority(target: string): string {
  return target.replace(/^https?:\/\/[^/?]+/i, '').replace(/^(?!\/)/, '/');
}

function withoutSid(cookie: string): string {
  return cookie
    .split('; ')
    .filter((pair) => !pair.startsWith('SID='))
    .join('; ');
}
