import { readdirSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import process from 'node:process';
import { connect } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { testCertificates } from '../support/certificates.ts';
import { listenTls } from '../support/listen-tls.ts';
import { talk } from '../support/raw-http.ts';
import { getOverTls } from '../support/tls-client.ts';
import { waitFor } from '../support/wait-for.ts';

const IS_SOAK = process.env['MCMP_SOAK'] === 'full';
const HANDSHAKES = IS_SOAK ? 10_000 : 300;
const AT_ONCE = 50;
/** Lines of the log, which the test keeps; and what else this process does. */
const SPARE_MIB = 16;
const MIB = 1024 * 1024;

/** Opens a connection, breaks its handshake off in one of several ways, and waits until it is gone. */
async function abort(port: number, way: number): Promise<void> {
  await new Promise<void>((resolve) => {
    if (way % 4 === 0) {
      // A whole hello, and gone as soon as the answer begins.
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
      socket.once('keylog', () => socket.destroy());
      socket.once('secureConnect', () => socket.destroy());
      return;
    }
    const socket = connectTcp(port, '127.0.0.1', () => {
      if (way % 4 === 1) socket.resetAndDestroy();
      else if (way % 4 === 2)
        socket.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1', () => socket.resetAndDestroy());
      else socket.end('\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00', 'latin1');
    });
    socket.on('error', () => undefined);
    socket.resume();
    socket.once('close', () => resolve());
  });
}

async function abortMany(port: number, count: number): Promise<void> {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => abort(port, index)));
  }
}

async function openConnections({ mcmpPort }: TestBalancer): Promise<number> {
  const { body } = await talk(mcmpPort, 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  return Number(/^mcmp_client_connections\{listener="web"\} (\d+)$/m.exec(body)?.[1]);
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

describe('S-tls/CVE-2023-1108, S-tls/CVE-2024-1635', () => {
  it.skipIf(process.platform !== 'linux')(
    `${HANDSHAKES} handshakes that are broken off leave nothing behind`,
    async () => {
      const balancer = await startTestBalancer({
        listenTls: listenTls(testCertificates().server),
        headerTimeoutMs: 2_000,
      });
      await abortMany(balancer.port, 2 * AT_ONCE);
      await waitFor(async () => (await openConnections(balancer)) === 0);
      const [descriptorsBefore, heapBefore] = [descriptors(), heapBytes()];
      await abortMany(balancer.port, HANDSHAKES);
      await waitFor(async () => (await openConnections(balancer)) === 0);
      await waitFor(() => descriptors() <= descriptorsBefore + 2);
      expect((heapBytes() - heapBefore) / MIB).toBeLessThan(SPARE_MIB);
      expect((await getOverTls(balancer.port, '/x')).status).toBe(404);
    },
    IS_SOAK ? 300_000 : 30_000,
  );
});
