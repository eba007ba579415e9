import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createMcmpConnection } from '../../src/client/connection.ts';
import { exchangeRaw } from '../../src/client/raw.ts';
import type { McmpClientTls } from '../../src/client/sockets.ts';
import { createWire } from '../../src/node/wire/wire.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { identityOf, testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';
import { freePort } from '../support/free-port.ts';
import { programOf } from '../support/needs-program.ts';
import { waitFor } from '../support/wait-for.ts';

const OPENSSL = programOf(['openssl'], 'openssl', 'what clients say when OpenSSL refuses their certificate');
const certificates = testCertificates();
const { ca, authority, client, server, unknown } = certificates;
const SERVER = identityOf(server);
const WANTS_CLIENT: TlsOptions = { ...SERVER, ca, requestCert: true };
const TRUSTS: McmpClientTls = { ca };

const issued = authority.issue({ name: 'client only', hosts: ['127.0.0.1'], use: 'client' });

async function listening(listener: Server): Promise<number> {
  freeAfter(() => void listener.close());
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return (listener.address() as AddressInfo).port;
}

/** Answers everybody who comes through the handshake. */
async function tlsServer(options: TlsOptions): Promise<number> {
  const listener = createServer(options, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'));
  });
  listener.on('tlsClientError', (_, socket) => socket.destroy());
  return listening(listener);
}

async function plainServer(onData: (socket: Socket) => void): Promise<number> {
  return listening(
    createTcpServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => onData(socket));
    }),
  );
}

/** The three ways on which this program speaks to balancers. */
const WAYS = {
  'a command': async (url: string, tls: McmpClientTls) => {
    const connection = createMcmpConnection(url, { tls });
    freeAfter(() => connection.close());
    return connection.exchange('INFO', []);
  },
  'send --raw': (url: string, tls: McmpClientTls) =>
    exchangeRaw(url, { method: 'INFO', target: '/', pairs: [] }, { timeoutMs: 10_000, tls }),
  'a node': async (url: string, tls: McmpClientTls) => {
    const wire = createWire(url, { tls });
    freeAfter(() => wire.close());
    return wire.exchange({ method: 'INFO', target: '/', pairs: [] }, new AbortController().signal);
  },
};
const NAMES = Object.keys(WAYS) as (keyof typeof WAYS)[];

interface Case {
  readonly name: string;
  readonly options: TlsOptions;
  readonly tls: McmpClientTls;
  /** Behind the address. */
  readonly says: string;
  readonly hint: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'has expired',
    options: identityOf(certificates.expired),
    tls: TRUSTS,
    says: 'shows a certificate that has expired',
    hint: /Renew it there\. Its dates: openssl s_client -connect 127\.0\.0\.1:\d+ /,
  },
  {
    name: 'is not valid yet',
    options: identityOf(certificates.notYetValid),
    tls: TRUSTS,
    says: 'shows a certificate that is not valid yet',
    hint: /clocks/,
  },
  {
    name: 'is for another host',
    options: identityOf(certificates.wrongHost),
    tls: TRUSTS,
    says: 'shows a certificate that is not for 127.0.0.1, but for elsewhere.example',
    hint: /Use a name of the certificate in the URL/,
  },
  {
    name: 'is of an authority that is not the given one',
    options: identityOf(unknown.server),
    tls: TRUSTS,
    says: 'shows a certificate of an authority that is not known here',
    hint: /--ca FILE/,
  },
  {
    name: 'comes with its authority, which nobody named',
    options: { ...SERVER, cert: server.certPem + ca },
    tls: {},
    says: 'shows a certificate of an authority that is not known here',
    hint: /--ca FILE/,
  },
  {
    name: 'is signed by itself',
    options: identityOf(certificates.selfSigned),
    tls: TRUSTS,
    says: 'shows a certificate that signed itself',
    hint: /name its file to trust it: --ca FILE/,
  },
  {
    name: 'is for clients',
    options: identityOf(issued),
    tls: TRUSTS,
    says: 'shows a certificate that is not for servers',
    hint: /serverAuth/,
  },
  {
    name: 'and it wants one of ours, with TLS 1.3',
    options: WANTS_CLIENT,
    tls: TRUSTS,
    says: 'wants a certificate of this client',
    hint: /--cert FILE --key FILE/,
  },
  {
    name: 'and it wants one of ours, with TLS 1.2',
    options: { ...WANTS_CLIENT, maxVersion: 'TLSv1.2' },
    tls: TRUSTS,
    says: 'breaks the handshake off, as a balancer does that wants a certificate of the client',
    hint: /--cert FILE --key FILE/,
  },
  {
    name: 'and speaks TLS 1.1 at most',
    options: { ...SERVER, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    tls: TRUSTS,
    says: 'speaks no version of TLS from 1.2 on',
    hint: /RFC 8996/,
  },
  {
    name: 'and has other ciphers',
    options: { ...SERVER, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA' },
    tls: TRUSTS,
    says: 'has no cipher in common with this program',
    hint: /ciphers/,
  },
];

describe.each(NAMES)('%s at a balancer whose certificate', (way) => {
  it.each(CASES)('$name', async ({ options, tls, says, hint }) => {
    const url = `https://127.0.0.1:${await tlsServer(options)}`;
    await expect(WAYS[way](url, tls)).rejects.toMatchObject({
      kind: 'refused',
      code: 'MCMP_TLS',
      message: `${url} ${says}`,
      hint: expect.stringMatching(hint),
    });
  });

  it('is fine', async () => {
    const url = `https://localhost:${await tlsServer(WANTS_CLIENT)}`;
    await expect(WAYS[way](url, { ca, ...identityOf(client) })).resolves.toBeDefined();
  });

  it('is wrong, and who was told to take any', async () => {
    const url = `https://localhost:${await tlsServer(identityOf(certificates.expired))}`;
    await expect(WAYS[way](url, { insecure: true })).resolves.toBeDefined();
  });

  it('cannot be seen, because it does not speak TLS', async () => {
    const port = await plainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'));
    await expect(WAYS[way](`https://127.0.0.1:${port}`, TRUSTS)).rejects.toMatchObject({
      kind: 'refused',
      code: 'MCMP_TLS',
      message: `https://127.0.0.1:${port} does not speak TLS`,
      hint: `It may speak plain HTTP: try http://127.0.0.1:${port}`,
    });
  });

  it('cannot be seen, because it says nothing', async () => {
    const port = await plainServer((socket) => socket.destroy());
    await expect(WAYS[way](`https://127.0.0.1:${port}`, TRUSTS)).rejects.toMatchObject({
      kind: 'protocol',
      code: 'MCMP_NO_ANSWER',
      message: `https://127.0.0.1:${port} closed the connection during the TLS handshake`,
      hint: expect.stringContaining(`try http://127.0.0.1:${port}`),
    });
  });

  it('cannot be seen, because we do not speak TLS', async () => {
    const port = await tlsServer(SERVER);
    await expect(WAYS[way](`http://127.0.0.1:${port}`, {})).rejects.toMatchObject({
      kind: 'protocol',
      code: 'MCMP_NO_ANSWER',
      message: `127.0.0.1:${port} closed the connection without answering INFO /`,
      hint: expect.stringContaining(`try https://127.0.0.1:${port}`),
    });
  });

  it('is fine, but it closes the connection of a client that it does not know, without a word', async () => {
    const url = `https://127.0.0.1:${await tlsServer(WANTS_CLIENT)}`;
    await expect(WAYS[way](url, { ca, ...identityOf(unknown.client) })).rejects.toMatchObject({
      kind: 'protocol',
      code: 'MCMP_NO_ANSWER',
      message: `${url} closed the connection behind the TLS handshake without answering INFO /`,
      hint: expect.stringContaining('another one'),
    });
  });

  it.skipIf(OPENSSL === undefined).each([{ version: '-tls1_3' }, { version: '-tls1_2' }])(
    'is fine, but it does not know our authority, and OpenSSL says so: $version',
    async ({ version }) => {
      const port = await opensslServer(version);
      const url = `https://127.0.0.1:${port}`;
      await expect(WAYS[way](url, { ca, ...identityOf(unknown.client) })).rejects.toMatchObject({
        kind: 'refused',
        code: 'MCMP_TLS',
        message: `${url} does not know the authority of the certificate of this client`,
        hint: expect.stringContaining(`openssl s_client -connect 127.0.0.1:${port}`),
      });
    },
  );
});

it.each(NAMES)('%s over TLS at an address of mcmp serve without TLS says to try http', async (way) => {
  const { mcmpPort } = await startTestBalancer();
  await expect(WAYS[way](`https://127.0.0.1:${mcmpPort}`, {})).rejects.toMatchObject({
    code: 'MCMP_TLS',
    message: `https://127.0.0.1:${mcmpPort} does not speak TLS`,
    hint: `It may speak plain HTTP: try http://127.0.0.1:${mcmpPort}`,
  });
});

it('a command that is answered by an alert of TLS says to use https', async () => {
  const port = await plainServer((socket) => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 80])));
  await expect(WAYS['a command'](`http://127.0.0.1:${port}`, {})).rejects.toMatchObject({
    kind: 'refused',
    code: 'MCMP_TLS',
    message: `127.0.0.1:${port} speaks TLS, not plain HTTP`,
    hint: `Use https://127.0.0.1:${port}`,
  });
});

/** `openssl s_server`, which tells a client by an alert why its certificate is refused, as httpd and nginx do. */
async function opensslServer(version: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mcmp-s-server-'));
  freeAfter(() => rmSync(folder, { recursive: true }));
  const files = { 'ca.pem': ca, 'server.pem': server.certPem, 'server.key': server.keyPem };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const port = await freePort();
  const words = ['s_server', '-accept', `127.0.0.1:${port}`, '-www', version, '-Verify', '1', '-verify_return_error'];
  const program: ChildProcess = spawn(
    OPENSSL ?? '',
    [...words, '-CAfile', 'ca.pem', '-cert', 'server.pem', '-key', 'server.key'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  freeAfter(async () => {
    const ended = once(program, 'exit');
    program.kill('SIGKILL');
    await ended;
  });
  let said = '';
  program.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await waitFor(() => said.includes('ACCEPT'));
  return port;
}
