import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AjpAttribute } from '../../../src/core/ajp/index.ts';
import { createApplication } from '../../../src/node/application/application.ts';
import { openAjp } from './ajp-client.ts';
import { serve } from './serve.ts';

const application = (): ReturnType<typeof createApplication> => createApplication({ route: 'n1', contexts: ['/app'] });

describe('a connector of type ajp', () => {
  it('answers with all that the balancer said, in its order, but not the secret', async () => {
    const { port } = await serve({ type: 'ajp', application: application(), ajp: { secret: 's3cret' } });
    const client = await openAjp(port);
    const attributes: AjpAttribute[] = [
      { name: 'query_string', value: 'a=1&b=%20' },
      { name: 'secret', value: 's3cret' },
      { name: 'jvm_route', value: 'n1' },
      { name: 'ssl_key_size', value: '256' },
      { name: 'req_attribute', key: 'AJP_REMOTE_PORT', value: '50000' },
      { name: 'remote_user', value: 'r\xc3\xb6' },
    ];
    const answer = await client.ask({
      uri: '/app/x;y',
      protocol: 'HTTP/2.0',
      remoteHost: 'client.example',
      isSsl: true,
      serverPort: 443,
      headers: [
        ['Host', 'shop.example'],
        ['X-A', '1'],
        ['x-a', '2'],
        ['Connection', 'close'],
      ],
      attributes,
    });
    expect(answer).toMatchObject({ status: 200, reason: 'OK', reuse: true, events: ['head', 'data', 'end'] });
    expect(answer.body).not.toContain('s3cret');
    expect(JSON.parse(answer.body)).toMatchObject({
      route: 'n1',
      context: '/app',
      method: 'GET',
      target: '/app/x;y?a=1&b=%20',
      path: '/app/x',
      httpVersion: '2.0',
      headers: [
        ['Host', 'shop.example'],
        ['X-A', '1'],
        ['x-a', '2'],
        ['Connection', 'close'],
      ],
      ajp: {
        protocol: 'HTTP/2.0',
        uri: '/app/x;y',
        remoteAddress: '192.0.2.7',
        remoteHost: 'client.example',
        serverName: 'shop.example',
        serverPort: 443,
        isSsl: true,
        secret: 'right',
        attributes: [
          ['query_string', 'a=1&b=%20'],
          ['jvm_route', 'n1'],
          ['ssl_key_size', '256'],
          ['AJP_REMOTE_PORT', '50000'],
          ['remote_user', 'rö'],
        ],
      },
    });
  });

  it.each([
    ['with a length', [['Content-Length', '200000']], 200_000],
    ['of chunks', [['Transfer-Encoding', 'chunked']], 200_000],
    ['of which nothing was said', [], 200_000],
    ['of no bytes', [['Content-Length', '0']], 0],
    ['of one byte', [['Content-Length', '1']], 1],
  ] as const)(
    'reads a body %s to its end, and the connection is good for the next request',
    async (_words, headers, size) => {
      const { port } = await serve({ type: 'ajp', application: application() });
      const client = await openAjp(port);
      const body = randomBytes(size);
      const sha256 = createHash('sha256').update(body).digest('hex');
      for (let i = 0; i < 2; i++) {
        const answer = await client.ask({ method: 'POST', headers }, body);
        expect(answer).toMatchObject({ status: 200, reuse: true });
        expect(JSON.parse(answer.body)).toMatchObject({ method: 'POST', body: { bytes: size, sha256 } });
      }
    },
  );

  it.each(['DELETE', 'PATCH', 'CHECKIN', 'VERSION-CONTROL', 'MYOWN'])(
    'serves %s, asking for a body that there is not',
    async (method) => {
      const { port } = await serve({ type: 'ajp', application: application() });
      const answer = await (await openAjp(port)).ask({ method });
      expect(answer).toMatchObject({ status: 200, events: ['asked', 'head', 'data', 'end'] });
      const said: object = JSON.parse(answer.body);
      expect(said).toMatchObject({ method });
      expect(said).not.toHaveProperty('body');
    },
  );

  it('answers HEAD without a body', async () => {
    const { port } = await serve({ type: 'ajp', application: application() });
    const answer = await (await openAjp(port)).ask({ method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '', events: ['head', 'end'] });
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(100);
  });
});
