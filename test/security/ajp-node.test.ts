import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyPacketHead, CPING } from '../../src/core/ajp/index.ts';
import { createApplication } from '../../src/node/application/application.ts';
import { ajpRequest, openAjp } from '../node/connector/ajp-client.ts';
import { type Served, serve } from '../node/connector/serve.ts';
import { freeAfter } from '../support/cleanup.ts';
import { openRaw } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 1024 * 1024;
const application = (): ReturnType<typeof createApplication> => createApplication({ route: 'n1', contexts: ['/app'] });
const serveAjp = (): Promise<Served> =>
  serve({ type: 'ajp', application: application(), ajp: { secret: 'a secret of the node' } });
const SECRET = { name: 'secret', value: 'a secret of the node' } as const;

/** Sends bytes without a look at what comes back; resolves when the node has closed, or reads no more. */
function flood(port: number, piece: Buffer, most: number): Promise<'closed' | 'blocked' | 'all'> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    freeAfter(() => {
      socket.destroy();
    });
    let sent = 0;
    const write = (): void => {
      while (sent < most) {
        sent += piece.length;
        if (!socket.write(piece)) {
          const blocked = setTimeout(() => resolve('blocked'), 500);
          socket.once('drain', () => {
            clearTimeout(blocked);
            write();
          });
          return;
        }
      }
      resolve('all');
    };
    socket.on('error', () => resolve('closed'));
    socket.on('close', () => resolve('closed'));
    write();
  });
}

describe('a node that speaks AJP, and a hostile balancer', () => {
  it('CVE-2020-1938: attributes of strangers reach no application, with or without the secret', async () => {
    const { connector, port } = await serveAjp();
    for (const key of ['javax.servlet.include.request_uri', 'javax.servlet.include.path_info']) {
      const client = await openAjp(port);
      const attributes = [SECRET, { name: 'req_attribute', key, value: '/WEB-INF/web.xml' } as const];
      expect(await client.ask({ attributes })).toMatchObject({ status: 403, reuse: false });
    }
    expect(connector.requestCount()).toBe(0);
  });

  it('says nothing of its secret to those who do not know it', async () => {
    const { port } = await serveAjp();
    const answer = await (await openAjp(port)).ask({ attributes: [{ name: 'secret', value: 'a secret of the nod' }] });
    expect(`${[...answer.headers].flat().join()}${answer.body}`).not.toContain('a secret of');
  });

  it('any bytes: the node serves the next one', async () => {
    const { port } = await serveAjp();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      // What looks like packets gets further.
      fc
        .array(fc.tuple(fc.constantFrom(2, 7, 10, 99), fc.uint8Array({ maxLength: 60 })), { maxLength: 5 })
        .map((packets) =>
          Uint8Array.from(packets.flatMap(([type, rest]) => [0x12, 0x34, 0, rest.length + 1, type, ...rest])),
        ),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (hostile) => {
        const client = await openRaw(port);
        client.socket.end(Buffer.from(hostile));
        await client.closed();
      }),
      { numRuns: 60 },
    );
    const client = await openAjp(port);
    expect(await client.ask({ attributes: [SECRET] })).toMatchObject({ status: 200 });
  });

  it('a good request with one byte changed is answered, or its connection closed, never more than once', async () => {
    const { port } = await serveAjp();
    const good = ajpRequest({ attributes: [SECRET], headers: [['X-A', '1']] });
    for (let at = 0; at < good.length; at += 3) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0xff;
      const client = await openRaw(port);
      client.socket.end(bad);
      const { text } = await client.closed();
      expect(text.split('AB\0\x02\x05').length - 1, `byte ${at}`).toBeLessThanOrEqual(1);
    }
  });

  it.each([
    ['pings without end', CPING],
    ['a request that is answered, again and again', ajpRequest({ attributes: [SECRET] })],
    [
      'requests with bodies that are not there',
      ajpRequest({ attributes: [SECRET], headers: [['Content-Length', '9']] }),
    ],
    ['empty body packets', Buffer.from('123400020000', 'hex')],
    ['a header without end', Buffer.concat([Buffer.from('12341ffc02', 'hex'), Buffer.alloc(8000, 0x61)])],
  ])('does not swell from %s whose answers nobody reads', async (_words, piece) => {
    const { port } = await serveAjp();
    const before = process.memoryUsage().rss;
    await flood(
      port,
      Buffer.concat(new Array<Buffer>(Math.ceil(65_536 / piece.length)).fill(piece)),
      (piece === CPING ? 2 : 8) * MIB,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * MIB);
    const client = await openAjp(port);
    expect(await client.ask({ attributes: [SECRET] })).toMatchObject({ status: 200 });
  });

  it('a body that is longer than it said ends the connection', async () => {
    const { connector, port } = await serveAjp();
    const client = await openAjp(port);
    const head = ajpRequest({ method: 'POST', attributes: [SECRET], headers: [['Content-Length', '3']] });
    client.write(Buffer.concat([head, bodyPacketHead(4), Buffer.from('body')]));
    await client.closed();
    await waitFor(() => connector.inFlight() === 0);
  });

  it('what stands behind a request is not read as its body, nor as a request before its time', async () => {
    const { connector, port } = await serveAjp();
    const client = await openAjp(port);
    const hidden = ajpRequest({ uri: '/app/hidden', attributes: [SECRET] });
    const post = ajpRequest({
      method: 'POST',
      attributes: [SECRET],
      headers: [['Content-Length', String(hidden.length)]],
    });
    client.write(Buffer.concat([post, bodyPacketHead(hidden.length), hidden]));
    expect(JSON.parse((await client.answer()).body)).toMatchObject({ path: '/app', body: { bytes: hidden.length } });
    expect(connector.requestCount()).toBe(1);
  });

  it('a method, a path and a header cannot become lines of the HTTP inside', async () => {
    const { port } = await serveAjp();
    const client = await openAjp(port);
    const answer = await client.ask({
      method: 'POST',
      attributes: [SECRET],
      headers: [
        ['Transfer-Encoding', 'identity'],
        ['Connection', 'close, X-A'],
        ['Expect', '100-continue'],
        ['X-A', '1'],
      ],
    });
    expect(answer).toMatchObject({ status: 200, reuse: true });
    // No honest writer writes such a path: it takes the place of one that is as long.
    for (const end of [' HTTP/1.1', '\x7f', '\t', '\r\nX: y']) {
      const honest = `/app${'x'.repeat(end.length)}`;
      const packet = ajpRequest({ uri: honest, attributes: [SECRET] });
      packet.write(`/app${end}`, packet.indexOf(honest), 'latin1');
      const refused = await openRaw(port);
      refused.write(packet);
      expect((await refused.closed()).text).toMatch(/^AB\0.\x04\x01\x90/s);
    }
  });
});
