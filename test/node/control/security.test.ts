import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/node/clock.ts';
import { startControl } from '../../../src/node/control/control.ts';
import { openRaw } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { standInFleet } from './stand-in-fleet.ts';
import { startTestControl } from './test-control.ts';

const TOKEN = 'a-token-of-some-length';
const LOG = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

describe('the address of the control API', () => {
  it.each(['', '0.0.0.0', '::', '10.1.2.3', 'example.org', '127.0.0.1.example.org'])(
    'is not %j without a token',
    async (host) => {
      const starting = startControl(standInFleet(), { address: { host, port: 0 }, clock: systemClock, log: LOG });
      await expect(starting).rejects.toMatchObject({ kind: 'usage', code: 'MCMP_OPEN_CONTROL' });
    },
  );

  it.each(['', 'short', 'with space in the token', 'with\nline break in it'])('takes no token %j', async (token) => {
    const options = { address: { host: '127.0.0.1', port: 0 }, clock: systemClock, log: LOG, token };
    await expect(startControl(standInFleet(), options)).rejects.toMatchObject({ code: 'MCMP_BAD_TOKEN' });
  });

  it('that somebody else has is named', async () => {
    const { port } = await startTestControl(standInFleet());
    const options = { address: { host: '127.0.0.1', port }, clock: systemClock, log: LOG };
    await expect(startControl(standInFleet(), options)).rejects.toMatchObject({
      kind: 'unreachable',
      code: 'MCMP_LISTEN',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });
});

describe('with a token', () => {
  it.each([
    [undefined, 401],
    ['Bearer', 401],
    ['Bearer wrong-token-of-some-length', 401],
    [`Bearer ${TOKEN}x`, 401],
    [`Bearer ${TOKEN.slice(1)}`, 401],
    [`Basic ${TOKEN}`, 401],
    [TOKEN, 401],
    [`Bearer ${TOKEN}`, 200],
    [`bearer  ${TOKEN}`, 200],
  ])('Authorization: %s is answered %d, whatever is asked', async (authorization, status) => {
    const { ask } = await startTestControl(standInFleet(), TOKEN);
    const headers = authorization === undefined ? {} : { authorization };
    expect((await ask('GET', '/v1', undefined, headers)).status).toBe(status);
    const unknown = await ask('GET', '/nothing', undefined, headers);
    expect(unknown.status).toBe(status === 200 ? 404 : status);
    if (status === 401) expect(unknown.headers['www-authenticate']).toContain('Bearer');
  });

  it('any Host will do', async () => {
    const { ask } = await startTestControl(standInFleet(), TOKEN);
    const headers = { host: 'nodes.example', authorization: `Bearer ${TOKEN}` };
    expect((await ask('GET', '/v1', undefined, headers)).status).toBe(200);
  });
});

describe('a web page in a browser of this machine', () => {
  it.each([
    ['attacker.example', 421],
    ['attacker.example:8099', 421],
    ['localhost.attacker.example', 421],
    ['127.0.0.1.attacker.example', 421],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['127.0.0.1:8099', 200],
    ['[::1]:8099', 200],
  ])('that calls it %s gets %d (DNS rebinding)', async (host, status) => {
    const { ask } = await startTestControl(standInFleet());
    expect((await ask('GET', '/v1', undefined, { host })).status).toBe(status);
  });

  it.each([
    [{ origin: 'http://attacker.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://127.0.0.1:8099' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('with %j changes nothing and reads nothing', async (headers) => {
    const fleet = standInFleet();
    const { ask } = await startTestControl(fleet);
    expect((await ask('POST', '/v1/nodes/node1/kill', {}, headers)).status).toBe(403);
    const answer = await ask('GET', '/v1/events', undefined, headers);
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(fleet.nodes.get('node1')?.told).toEqual([]);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json-patch+json',
    'application/json; charset=utf-16',
    '',
  ])('whose form sends %j changes nothing', async (type) => {
    const fleet = standInFleet();
    const { ask } = await startTestControl(fleet);
    expect((await ask('POST', '/v1/nodes/node1/kill', '{}', { 'content-type': type })).status).toBe(415);
    expect(fleet.nodes.get('node1')?.told).toEqual([]);
  });

  it('is told of no other origin that may (no CORS)', async () => {
    const { ask } = await startTestControl(standInFleet());
    const headers = { 'access-control-request-method': 'DELETE' };
    const { status, headers: answered } = await ask('OPTIONS', '/v1/faults', undefined, headers);
    expect(status).toBe(405);
    expect(Object.keys(answered).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('bytes that are no request', () => {
  it.each([
    ['GARBAGE\r\n\r\n', 400],
    ['GET /v1 HTTP/1.1\r\n\r\n', 400],
    ['GET http://127.0.0.1/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', 400],
    [`GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['POST /v1/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['CONFIG / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 15\r\n\r\nJVMRoute=node1&', 400],
  ])('%j are answered %d and the end of the connection', async (bytes, status) => {
    const { port, ask } = await startTestControl(standInFleet());
    const client = await openRaw(port);
    client.write(bytes);
    expect((await client.closed()).status).toBe(status);
    expect((await ask('GET', '/v1')).status).toBe(200);
  });

  it('of a body that is too long end the connection before the body has come', async () => {
    const { port } = await startTestControl(standInFleet());
    const client = await openRaw(port);
    client.write(
      'POST /v1/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n{',
    );
    const { status, headers } = await client.closed();
    expect({ status, connection: headers.get('connection') }).toEqual({ status: 413, connection: 'close' });
  });

  it('of a body in chunks are counted, too', async () => {
    const { port } = await startTestControl(standInFleet());
    const client = await openRaw(port);
    const chunk = `8000\r\n${' '.repeat(0x8000)}\r\n`;
    client.write(
      `POST /v1/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}${chunk}`,
    );
    expect((await client.closed()).status).toBe(413);
  });

  it('come from a client that does not wait for the answer, and harm nobody', async () => {
    const fleet = standInFleet();
    const { port, ask, logged } = await startTestControl(fleet);
    let release = (): void => {};
    fleet.nodes.get('node1')?.holdUntil(
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    const client = await openRaw(port);
    client.write(
      'POST /v1/nodes/node1/kill HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
    );
    await waitFor(() => fleet.nodes.get('node1')?.told.length === 1);
    client.socket.resetAndDestroy();
    // The reset has arrived when what was sent after it is answered.
    expect((await ask('GET', '/v1')).status).toBe(200);
    release();
    await waitFor(() => fleet.nodes.get('node1')?.condition() === 'killed');
    expect((await ask('GET', '/v1')).status).toBe(200);
    expect(logged).toEqual([]);
  });

  it('end in the middle of a body', async () => {
    const { port, ask, logged } = await startTestControl(standInFleet());
    const client = await openRaw(port);
    client.write(
      'POST /v1/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"fault"',
    );
    expect((await ask('GET', '/v1')).status).toBe(200);
    client.socket.resetAndDestroy();
    expect((await ask('GET', '/v1')).status).toBe(200);
    expect(logged).toEqual([]);
  });
});
