import { describe, expect, it } from 'vitest';
import { openRaw, talk } from '../../../support/raw-http.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { get } from '../../connector/serve.ts';
import { type FaultyNode, faultyNode } from './faulty.ts';

const CLOSE = 'Connection: close';
const WEB_SOCKET = ['Connection: Upgrade', 'Upgrade: websocket'];
const PING = 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n';

async function expectHealed(node: FaultyNode): Promise<void> {
  expect((await talk(node.port, get('/healed', CLOSE))).body).toBe('n1 GET /healed 0');
}

describe('refuse', () => {
  it('closes the port and idle connections, lets running requests end, and opens the same port again', async () => {
    const node = await faultyNode();
    const idle = await openRaw(node.port);
    idle.write(get('/'));
    await idle.until((text) => text.endsWith('n1 GET / 0'));
    const busy = await openRaw(node.port);
    busy.write(get('/wait'));
    await waitFor(() => node.connector.inFlight() === 1);
    const heal = node.suffer('refuse');
    expect((await idle.closed()).end).toBe('fin');
    await expect(openRaw(node.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    node.release();
    expect(await busy.closed()).toMatchObject({ body: 'n1 GET /wait 0', end: 'fin' });
    expect(node.strikes()).toBe(1);
    heal();
    await waitFor(() =>
      talk(node.port, get('/', CLOSE)).then(
        () => true,
        () => false,
      ),
    );
    await expectHealed(node);
  });

  it('can be on from the start and for some nodes only', async () => {
    const other = await faultyNode();
    other.suffer('refuse@n2');
    await expectHealed(other);
    const node = await faultyNode({ route: 'n2', faults: other.board });
    await expect(openRaw(node.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('does not outlive the connector: its port stays closed', async () => {
    const node = await faultyNode();
    const heal = node.suffer('refuse');
    await node.connector.close(1000);
    heal();
    await expect(openRaw(node.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('hang', () => {
  it('takes connections, requests and pings, says nothing, and answers when it is switched off', async () => {
    const node = await faultyNode();
    const heal = node.suffer('hang');
    const [client, pinging] = [await openRaw(node.port), await openRaw(node.port)];
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody');
    pinging.write(PING);
    await waitFor(() => node.strikes() === 2);
    expect([client.received(), pinging.received(), node.connector.inFlight()]).toEqual(['', '', 1]);
    heal();
    await client.until((text) => text.endsWith('n1 POST / 4'));
    await pinging.until((text) => text.startsWith('HTTP/1.1 200 '));
  });

  it('does not answer a balancer that has gone meanwhile', async () => {
    const node = await faultyNode();
    const heal = node.suffer('hang');
    const client = await openRaw(node.port);
    client.write(get('/wait'));
    await waitFor(() => node.strikes() === 1);
    client.close();
    await waitFor(() => node.connector.inFlight() === 0);
    heal();
    await expectHealed(node);
  });

  it('does not even say 100 Continue', async () => {
    const node = await faultyNode();
    const heal = node.suffer('hang');
    const client = await openRaw(node.port);
    client.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
    await waitFor(() => node.strikes() === 1);
    expect(client.received()).toBe('');
    heal();
    await client.until((text) => text.startsWith('HTTP/1.1 100 '));
  });

  it('can be killed', async () => {
    const node = await faultyNode();
    node.suffer('hang');
    const client = await openRaw(node.port);
    client.write(get('/'));
    await waitFor(() => node.strikes() === 1);
    await node.connector.kill();
    expect(await client.closed()).toMatchObject({ text: '', end: 'reset' });
  });

  it('holds the messages of a WebSocket that was open before', async () => {
    const node = await faultyNode();
    const client = await openRaw(node.port);
    client.write(get('/', ...WEB_SOCKET));
    const handshake = await client.until((text) => text.endsWith('\r\n\r\n'));
    const heal = node.suffer('hang');
    client.write('hello');
    await waitFor(() => node.strikes() === 1);
    expect(client.received()).toBe(handshake);
    heal();
    await client.until((text) => text.endsWith('hello'));
  });
});

describe('timing', () => {
  it('latency: the answer comes so much later, with its spread, and at once when it is switched off', async () => {
    const node = await faultyNode();
    const heal = node.suffer('latency:100ms±20ms');
    const startedMs = performance.now();
    expect((await talk(node.port, get('/', CLOSE))).body).toBe('n1 GET / 0');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(79);
    heal();
    const healLong = node.suffer('latency:1h');
    const client = await openRaw(node.port);
    client.write(get('/'));
    await waitFor(() => node.strikes() === 1);
    expect(client.received()).toBe('');
    healLong();
    await client.until((text) => text.endsWith('n1 GET / 0'));
  });

  it('latency: messages of a WebSocket come later, too, and pings', async () => {
    const node = await faultyNode();
    const client = await openRaw(node.port);
    client.write(get('/', ...WEB_SOCKET));
    await client.until((text) => text.endsWith('\r\n\r\n'));
    node.suffer('latency:60ms');
    let startedMs = performance.now();
    client.write('hello');
    await client.until((text) => text.endsWith('hello'));
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(59);
    startedMs = performance.now();
    expect((await talk(node.port, PING.replace('a\r\n', 'a\r\nConnection: close\r\n'))).status).toBe(200);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(59);
  });

  it('bandwidth: so many bytes a second, and all the rest when it is switched off', async () => {
    const body = 'x'.repeat(20_000);
    const node = await faultyNode({
      application: {
        request: (_request, response) => response.writeHead(200, { 'Content-Length': String(body.length) }).end(body),
        upgrade: () => {},
      },
    });
    node.suffer('bandwidth:100kB');
    const startedMs = performance.now();
    expect((await talk(node.port, get('/', CLOSE))).body).toBe(body);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(199);
    node.board.clear();
    const heal = node.suffer('bandwidth:1kB');
    const client = await openRaw(node.port);
    client.write(get('/'));
    const begun = await client.until((text) => text.length > 0);
    expect(begun.length).toBeLessThanOrEqual(1000);
    heal();
    await client.until((text) => text.endsWith(body));
  });

  it('slow-read: a body is read so slowly, also what came together with its head', async () => {
    const node = await faultyNode();
    node.suffer('slow-read:100kB');
    const client = await openRaw(node.port);
    const startedMs = performance.now();
    client.write(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n${'x'.repeat(20_000)}`);
    await client.until((text) => text.endsWith('n1 POST /a 20000'));
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(199);
    client.write(get('/b'));
    await client.until((text) => text.endsWith('n1 GET /b 0'));
    expect(node.strikes()).toBe(1);
  });

  it('slow-read: finds the body of a request that comes byte by byte, on a kept connection too', async () => {
    const node = await faultyNode();
    node.suffer('slow-read:100kB');
    const client = await openRaw(node.port);
    client.socket.setNoDelay(true);
    for (const path of ['/a', '/b']) {
      for (const byte of `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n\r\n\r`) {
        client.write(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await client.until((text) => text.endsWith(`n1 POST ${path} 3`));
    }
    expect(node.strikes()).toBe(2);
  });

  it('slow-read: the balancer cannot send on when the buffers are full, and can when it is switched off', async () => {
    const node = await faultyNode();
    const heal = node.suffer('slow-read:1kB');
    const client = await openRaw(node.port);
    const bytes = 30 * 1024 * 1024;
    let isSent = false;
    // In two writes, and a head in two parts, so that the node sees a head end wherever it is.
    client.write(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r`);
    client.write('\n');
    client.socket.write(Buffer.alloc(bytes), () => {
      isSent = true;
    });
    await waitFor(() => node.strikes() === 1);
    await talk(node.port, get('/', CLOSE));
    expect([isSent, client.received()]).toEqual([false, '']);
    heal();
    await client.until((text) => text.endsWith(`n1 POST /a ${bytes}`));
    expect(isSent).toBe(true);
  });
});

describe('kept connections', () => {
  it('close: each response says that it is the last, and is', async () => {
    const node = await faultyNode();
    const heal = node.suffer('close');
    const answer = await talk(node.port, get('/'));
    expect(answer).toMatchObject({ status: 200, end: 'fin', body: 'n1 GET / 0' });
    expect(answer.headers.get('connection')).toBe('close');
    heal();
    const client = await openRaw(node.port);
    client.write(get('/a'));
    await client.until((text) => text.endsWith('n1 GET /a 0'));
    expect(client.received()).toContain('Connection: keep-alive');
  });

  it('keep-alive-race: the first request is answered, the second meets a FIN, whatever its first byte is', async () => {
    const node = await faultyNode();
    const heal = node.suffer('keep-alive-race');
    const client = await openRaw(node.port);
    client.write(get('/a'));
    const first = await client.until((text) => text.endsWith('n1 GET /a 0'));
    expect(first).toContain('Connection: keep-alive');
    expect(node.strikes()).toBe(0);
    client.write('G');
    const { text } = await client.closed();
    expect(text).toBe(first);
    expect([node.strikes(), node.connector.requestCount()]).toEqual([1, 1]);
    heal();
    const again = await openRaw(node.port);
    for (const path of ['/b', '/c']) {
      again.write(get(path));
      await again.until((received) => received.endsWith(`n1 GET ${path} 0`));
    }
  });
});

describe('pings', () => {
  it('options-501: OPTIONS * is answered with 501, requests as ever', async () => {
    const node = await faultyNode();
    const heal = node.suffer('options-501');
    const client = await openRaw(node.port);
    client.write(PING);
    await client.until((text) => text.startsWith('HTTP/1.1 501 ') && text.endsWith('\r\n\r\n'));
    client.write(get('/'));
    await client.until((text) => text.endsWith('n1 GET / 0'));
    heal();
    client.write(PING);
    await client.until((text) => text.split('HTTP/1.1 200 ').length === 3);
  });

  it('options-silent: OPTIONS * gets nothing until it is switched off, requests are answered', async () => {
    const node = await faultyNode();
    const heal = node.suffer('options-silent');
    const pinging = await openRaw(node.port);
    pinging.write(PING);
    await waitFor(() => node.strikes() === 1);
    await expectHealed(node);
    expect(pinging.received()).toBe('');
    heal();
    await pinging.until((text) => text.startsWith('HTTP/1.1 200 '));
  });

  it.each(['reset', 'error', 'garbage', 'close', 'half-close'])('%s leaves pings alone', async (fault) => {
    const node = await faultyNode();
    node.suffer(fault);
    const client = await openRaw(node.port);
    client.write(PING);
    await client.until((text) => text.startsWith('HTTP/1.1 200 '));
  });
});
