import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createApplication } from '../../../src/node/application/application.ts';
import { createFaultBoard } from '../../../src/node/faults/board.ts';
import { parseFault } from '../../../src/node/faults/grammar.ts';
import type { FaultBoard } from '../../../src/node/faults/types.ts';
import { connectorTls } from '../../../src/node/simulator/node-tls.ts';
import { identityOf, testCertificates } from '../../support/certificates.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { openRaw, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { get, type Served, serve } from './serve.ts';

interface Secure {
  readonly socket: TLSSocket;
  readonly text: string;
  readonly error: string;
}

/** Connects, says something, and waits for the end of the connection. */
function ask(port: number, bytes: string, options: ConnectionOptions = {}): Promise<Secure> {
  return new Promise((resolve) => {
    let text = '';
    let error = '';
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: testCertificates().ca, ...options });
    freeAfter(() => {
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      error = `${cause.code} ${cause.message}`;
    });
    socket.on('close', () => resolve({ socket, text, error }));
    socket.write(bytes);
  });
}

const CLOSE = 'Connection: close';
const application = (): ReturnType<typeof createApplication> => createApplication({ route: 'n1', contexts: ['/app'] });

async function serveTls(more: { ca?: string; board?: FaultBoard; type?: string } = {}): Promise<Served> {
  const { server, authority } = testCertificates();
  const { ca, board, type = 'https' } = more;
  const tls = await connectorTls(
    { certificate: identityOf(server), authority: identityOf(authority), ...(ca === undefined ? {} : { ca }) },
    '127.0.0.1',
    board !== undefined,
  );
  return await serve({ type, tls, application: application(), ...(board === undefined ? {} : { faults: board }) });
}

function jsonOf(text: string): { tls: unknown; route: string } {
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
}

describe.each([
  ['without a board of faults', () => undefined],
  ['with a board of faults', () => createFaultBoard()],
])('a connector of type https %s', (_words, makeBoard) => {
  const serveSo = (more: { ca?: string; type?: string } = {}): Promise<Served> => {
    const board = makeBoard();
    return serveTls(board === undefined ? more : { ...more, board });
  };

  it('answers with what is known of the connection', async () => {
    const { port } = await serveSo();
    const { text, error } = await ask(port, get('/app', CLOSE), { ALPNProtocols: ['h2', 'http/1.1'] });
    expect(error).toBe('');
    expect(jsonOf(text).tls).toEqual({
      version: 'TLSv1.3',
      cipher: expect.stringMatching(/^TLS_/),
      serverName: 'localhost',
      alpn: 'http/1.1',
      clientSubject: null,
    });
  });

  it('speaks TLS 1.2, and nothing older', async () => {
    const { port } = await serveSo();
    const { text } = await ask(port, get('/app', CLOSE), { maxVersion: 'TLSv1.2' });
    expect(jsonOf(text).tls).toMatchObject({ version: 'TLSv1.2' });
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    expect((await ask(port, get('/app', CLOSE), old)).error).toMatch(/protocol version/);
  });

  it('wants a certificate of its authority where it has one, and says whose it was', async () => {
    const { ca, client, unknown } = testCertificates();
    const { port } = await serveSo({ ca });
    const known = await ask(port, get('/app', CLOSE), identityOf(client));
    expect(jsonOf(known.text).tls).toMatchObject({ clientSubject: 'CN=node1' });
    expect((await ask(port, get('/app', CLOSE), identityOf(unknown.client))).text).toBe('');
    expect((await ask(port, get('/app', CLOSE))).text).toBe('');
  });

  it('tells those who speak HTTP in clear that it does not', async () => {
    const { port } = await serveSo();
    const answer = await talk(port, get('/app'));
    expect(answer).toMatchObject({ status: 400, body: 'This port speaks TLS.\n' });
  });

  it('answers pings, and keeps connections', async () => {
    const { connector, port } = await serveSo();
    const ping = await ask(port, 'OPTIONS * HTTP/1.0\r\n\r\n');
    expect(ping.text).toMatch(/^HTTP\/1\.1 200 /);
    expect(connector.requestCount()).toBe(0);
    const two = await ask(port, get('/app') + get('/app', CLOSE));
    expect(two.text.split('HTTP/1.1 200 OK')).toHaveLength(3);
  });

  it('takes WebSockets', async () => {
    const { port } = await serveSo({ type: 'wss' });
    const webSocket = new WebSocket(`wss://localhost:${port}/app`, { ca: testCertificates().ca });
    freeAfter(() => webSocket.terminate());
    const echoed = new Promise<string>((resolve, reject) => {
      webSocket.on('message', (data) => resolve(String(data)));
      webSocket.on('error', reject);
    });
    webSocket.on('open', () => webSocket.send('hello'));
    expect(await echoed).toBe('hello');
  });

  it('lets go of connections that say nothing, or half a handshake, when it closes', async () => {
    const { connector, port } = await serveSo();
    const silent = await openRaw(port);
    const half = await openRaw(port);
    half.write(Buffer.from('160301', 'hex'));
    await connector.kill();
    await Promise.all([silent.closed(), half.closed()]);
  });
});

describe('faults of TLS', () => {
  const suffering = async (fault: string): Promise<Served & { heal: () => void; strikes: () => number }> => {
    const board = createFaultBoard();
    freeAfter(() => board.close());
    const served = await serveTls({ board });
    const id = board.add(parseFault(fault));
    return { ...served, heal: () => board.remove(id), strikes: () => board.list()[0]?.strikes ?? 0 };
  };
  const expectHealed = async (port: number): Promise<void> => {
    expect(jsonOf((await ask(port, get('/app', CLOSE))).text)).toMatchObject({ route: 'n1' });
  };

  it.each([
    ['tls-expired', /CERT_HAS_EXPIRED/],
    ['tls-wrong-host', /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['tls-obsolete', /protocol version|unsupported protocol/],
    ['tls-plain', /wrong version number|packet length/],
  ])('%s: clients see %s', async (fault, error) => {
    const { port, heal, strikes } = await suffering(fault);
    const seen = await ask(port, get('/app', CLOSE));
    expect(seen.text).toBe('');
    expect(seen.error).toMatch(error);
    expect(strikes()).toBe(1);
    heal();
    await expectHealed(port);
  });

  it('tls-obsolete: speaks TLS 1.1 to those who can', async () => {
    const { port } = await suffering('tls-obsolete');
    const old = { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    expect(jsonOf((await ask(port, get('/app', CLOSE), old)).text).tls).toMatchObject({ version: 'TLSv1.1' });
  });

  it('tls-silent: the handshake waits until the fault is switched off', async () => {
    const { port, heal, strikes } = await suffering('tls-silent');
    const asked = ask(port, get('/app', CLOSE));
    await waitFor(() => strikes() === 1);
    heal();
    expect(jsonOf((await asked).text)).toMatchObject({ route: 'n1' });
  });

  it('tls-close: the handshake is done, and then the connection', async () => {
    const { port, heal } = await suffering('tls-close');
    let isSecure = false;
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: testCertificates().ca }, () => {
      isSecure = true;
    });
    freeAfter(() => {
      socket.destroy();
    });
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(isSecure).toBe(true);
    heal();
    await expectHealed(port);
  });

  it.each(['reset', 'reset-after:10'])('%s strikes inside of TLS as well', async (fault) => {
    const { port, heal } = await suffering(fault);
    expect((await ask(port, get('/app', CLOSE))).error).toMatch(/ECONNRESET/);
    heal();
    await expectHealed(port);
  });
});
