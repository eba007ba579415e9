import { connect, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { BalancerTarget } from '../../src/conformance/balancer/create-trial.ts';
import { identityOf, testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';

/** What it puts into a FORWARD_REQUEST, and how. */
export interface AjpManners {
  readonly keySize: 'integer' | 'string';
  readonly secret: 'first' | 'last';
  readonly jvmRoute: boolean;
  readonly query: boolean;
}

const SECRET = 's3cret';
/** Browsers and Tomcat know 256 bits of AES best. */
const KEY_BITS = 256;

/** Just enough of a balancer to send one AJP request as it is told: right or wrong. */
export async function startScriptedAjpBalancer(manners: AjpManners): Promise<BalancerTarget> {
  const ports = new Map<string, number>();
  const routes = new Map<string, string>();
  const mcmp = createServer((socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const [head = '', body] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body === undefined || body.length < length) return;
      const fields = new URLSearchParams(body);
      const route = fields.get('JVMRoute') ?? '';
      if (head.startsWith('CONFIG ')) ports.set(route, Number(fields.get('Port')));
      if (head.startsWith('ENABLE-APP ')) routes.set(fields.get('Context') ?? '', route);
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
  });
  const { ca, server } = testCertificates();
  const traffic = createTlsServer(identityOf(server), (client) => {
    client.on('error', () => client.destroy());
    client.once('data', (chunk: Buffer) => {
      const head = chunk.toString('latin1');
      const target = head.split(' ')[1] ?? '';
      const [context, route] = [...routes].find(([path]) => target.startsWith(path)) ?? ['', ''];
      if (context === '') return client.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      const node = connect(ports.get(route) ?? 0, '127.0.0.1', () =>
        node.write(forwardRequest(head, target, route, manners)),
      );
      let answer = '';
      node.on('data', (bytes: Buffer) => {
        answer += bytes.toString('latin1');
        if (!answer.endsWith('AB\0\x02\x05\x01')) return;
        node.destroy();
        const served = answer.includes(route) ? `X-Served-By: ${route}\r\n` : '';
        client.end(`HTTP/1.1 200 OK\r\n${served}Content-Length: 0\r\nConnection: close\r\n\r\n`);
      });
      return node;
    });
  });
  const [mcmpPort, trafficPort] = [await listening(mcmp), await listening(traffic)];
  return {
    mcmpUrl: new URL(`http://127.0.0.1:${mcmpPort}`),
    trafficUrl: new URL(`https://localhost:${trafficPort}`),
    tls: { ca },
    features: new Map([
      ['ajp', ''],
      ['ajp-secret', SECRET],
    ]),
    restart: undefined,
  };
}

function forwardRequest(head: string, target: string, route: string, manners: AjpManners): Buffer {
  const [path = '', query = ''] = target.split('?');
  const lines = head
    .slice(0, head.indexOf('\r\n\r\n'))
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(': '));
  const secret = [byte(12), string(SECRET)];
  const payload = Buffer.concat([
    Buffer.from([2, 2]),
    string('HTTP/1.1'),
    string(path),
    string('127.0.0.1'),
    uint16(0xffff),
    string('localhost'),
    uint16(443),
    byte(1),
    uint16(lines.length),
    ...lines.flatMap(([name = '', value = '']) => [
      name.toLowerCase() === 'host' ? uint16(0xa00b) : string(name),
      string(value),
    ]),
    ...(manners.secret === 'first' ? secret : []),
    ...(manners.query ? [byte(5), string(query)] : []),
    ...(manners.jvmRoute ? [byte(6), string(route)] : []),
    byte(11),
    manners.keySize === 'integer' ? uint16(KEY_BITS) : string(String(KEY_BITS)),
    byte(10),
    string('AJP_REMOTE_PORT'),
    string('40000'),
    ...(manners.secret === 'last' ? secret : []),
    byte(0xff),
  ]);
  return Buffer.concat([Buffer.from([0x12, 0x34]), uint16(payload.length), payload]);
}

const byte = (value: number): Buffer => Buffer.from([value]);
const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const string = (text: string): Buffer => Buffer.concat([uint16(text.length), Buffer.from(`${text}\0`, 'latin1')]);

function listening(server: Server): Promise<number> {
  freeAfter(() => {
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
