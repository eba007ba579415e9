import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startProgram } from '../cli/program/start-program.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startRawNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 1024 * 1024;
const BODY_BYTES = 128 * MIB;
/** What a balancer may grow by, whatever passes through it: some buffers of 256 KiB, and what the collector leaves. */
const FLAT_BYTES = 80 * MIB;

/** The real program in a process of its own, with one node. */
async function startServe(onConnection: (socket: Socket) => void) {
  const program = startProgram(['serve', '--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0', '--json']);
  const [line] = await program.written('stderr', /^.*"listen".*$/m);
  const ready: unknown = JSON.parse(line);
  const [port = 0, mcmpPort = 0] = [...JSON.stringify(ready).matchAll(/127\.0\.0\.1:(\d+)/g)].map((match) =>
    Number(match[1]),
  );
  const node = await startRawNode(onConnection);
  const { pid } = program.child;
  const send = async (command: string, body: string): Promise<void> => {
    const head = `${command} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect((await talk(mcmpPort, head + body)).status).toBe(200);
  };
  await send('CONFIG', `JVMRoute=n1&Host=127.0.0.1&Port=${node.port}&Type=http`);
  await send('ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
  await send('STATUS', 'JVMRoute=n1&Load=100');
  return {
    port,
    mcmpPort,
    /** Resident memory now, and the most it ever was, in bytes. */
    memory: () => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const bytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
      return { now: bytes('VmRSS'), most: bytes('VmHWM') };
    },
    openFiles: () => readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** Answers pings; everything else is up to `onRequest`, once a connection. */
function node(onRequest: (socket: Socket, text: string) => void) {
  return (socket: Socket): void => {
    let text = '';
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (text.startsWith('OPTIONS')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      else if (text.includes('\r\n\r\n')) {
        socket.off('data', read);
        onRequest(socket, text);
      }
    };
    socket.on('data', read);
    socket.on('end', () => socket.end());
  };
}

/** Writes so many bytes as fast as the other side takes them. */
function pour(socket: Socket, bytes: number): void {
  const piece = Buffer.alloc(MIB, 97);
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= piece.length;
      if (!socket.write(piece)) return;
    }
  };
  socket.on('drain', more);
  more();
}

/** Counts what arrives, but takes no more than so many bytes a millisecond. */
function sip(socket: Socket, bytesPerMs: number): { received: () => number } {
  let received = 0;
  const startedMs = performance.now();
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    const aheadMs = received / bytesPerMs - (performance.now() - startedMs);
    if (aheadMs < 5) return;
    socket.pause();
    setTimeout(() => socket.resume(), aheadMs);
  });
  return { received: () => received };
}

describe.runIf(process.platform === 'linux')('memory stays flat', () => {
  it('while 128 MiB go to a reader that is slower than the node', async () => {
    const lb = await startServe(
      node((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`);
        pour(socket, BODY_BYTES);
      }),
    );
    const before = lb.memory().now;
    const client = connect(lb.port, '127.0.0.1');
    freeAfter(() => void client.destroy());
    const { received } = sip(client, 120 * 1024);
    client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
    await waitFor(() => received() >= BODY_BYTES, 15_000);
    expect(lb.memory().most - before).toBeLessThan(FLAT_BYTES);
  });

  it('while 128 MiB go to a node that is slower than the client', async () => {
    let received = (): number => 0;
    const lb = await startServe(
      node((socket) => {
        received = sip(socket, 120 * 1024).received;
      }),
    );
    const before = lb.memory().now;
    const client = connect(lb.port, '127.0.0.1');
    freeAfter(() => void client.destroy());
    client.write(`POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`);
    pour(client, BODY_BYTES);
    await waitFor(() => received() >= BODY_BYTES - MIB, 15_000);
    expect(lb.memory().most - before).toBeLessThan(FLAT_BYTES);
  });

  it('while a client pipelines requests without end and reads no answer', async () => {
    // Small enough to be passed on in one piece, so that nothing waits in the middle of an answer.
    const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${40 * 1024}\r\n\r\n${'a'.repeat(40 * 1024)}`;
    let asked = 0;
    const lb = await startServe((socket) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (text.startsWith('OPTIONS')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else {
          const requests = text.split('\r\n\r\n');
          text = requests.pop() ?? '';
          asked += requests.length;
          for (const _ of requests) socket.write(answer);
        }
      });
      socket.on('end', () => socket.end());
    });
    const before = lb.memory().now;
    const client = connect(lb.port, '127.0.0.1');
    freeAfter(() => void client.destroy());
    client.pause();
    const requests = 'GET /app HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20_000);
    client.write(requests);
    // Nothing goes on any more: what was asked for fills the buffers of the kernel, and no more.
    let asking = -1;
    await waitFor(async () => {
      const still = asking === asked && asked > 0;
      asking = asked;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return still;
    }, 15_000);
    expect(asked).toBeLessThan(2_000);
    expect(lb.memory().most - before).toBeLessThan(FLAT_BYTES);
    expect((await talk(lb.port, 'GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).status).toBe(404);
  });
});

describe.runIf(process.platform === 'linux')('CVE-2023-1108, CVE-2024-5971, CVE-2024-1635: nothing stays open', () => {
  const ways: readonly [string, (port: number) => Promise<void>][] = [
    ['connections that are closed at once', async (port) => void (await openRaw(port)).socket.resetAndDestroy()],
    [
      'heads that break off',
      async (port) => {
        const client = await openRaw(port);
        client.write('GET /app HTTP/1.1\r\nHo');
        client.socket.end();
        await client.closed();
      },
    ],
    [
      'uploads that are reset in the middle',
      async (port) => {
        const client = await openRaw(port);
        client.write(`POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${'a'.repeat(1000)}`);
        await new Promise(setImmediate);
        client.socket.resetAndDestroy();
      },
    ],
    [
      'uploads that end too early',
      async (port) => {
        const client = await openRaw(port);
        client.write(`POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel`);
        client.socket.end();
        await client.closed();
      },
    ],
    [
      'requests whose client goes before the answer',
      async (port) => {
        const client = await openRaw(port);
        client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
        await new Promise(setImmediate);
        client.socket.resetAndDestroy();
      },
    ],
    [
      'TLS handshakes on the plain port',
      async (port) => {
        await talk(port, Buffer.from('16030100a5010000a1030300', 'hex'));
      },
    ],
  ];

  it.each(ways)('500 %s', async (_, abort) => {
    let atNode = 0;
    const lb = await startServe((socket) => {
      atNode++;
      socket.once('close', () => atNode--);
      node(() => {})(socket);
    });
    await waitFor(() => atNode === 0);
    const before = lb.openFiles();
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 50 }, () => abort(lb.port)));
    await waitFor(() => lb.openFiles() <= before && atNode === 0);
    expect((await talk(lb.mcmpPort, 'INFO / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).body).toMatch(
      /Connected: 0/,
    );
  });
});

describe.runIf(process.platform === 'linux')('MCMP peers', () => {
  it.each([
    [
      'CONFIG',
      (i: number) => `JVMRoute=a-rather-long-route-${i}&Host=127.0.1.${i}&Port=9&Type=http&Domain=a-domain-name`,
    ],
    [
      'STOP-APP',
      (i: number) => `JVMRoute=a-rather-long-route-${i}&Alias=a-rather-long-alias&Context=/a-rather-long-path`,
    ],
    ['ENABLE-APP', (i: number) => `JVMRoute=n1&Alias=a-rather-long-alias&Context=/a-rather-long-path-${i}`],
  ])('100 %s of 1 MiB leave no more behind than they say', async (command, body) => {
    const lb = await startServe(node(() => {}));
    const send = async (i: number): Promise<void> => {
      const text = `${body(i)}&X=${'x'.repeat(1_000_000)}`;
      const head = `${command} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n`;
      expect((await talk(lb.mcmpPort, head + text)).status).toBe(200);
    };
    for (let i = 0; i < 20; i++) await send(i);
    const before = lb.memory().now;
    for (let i = 20; i < 120; i++) await send(i);
    expect(lb.memory().now - before).toBeLessThan(50 * MIB);
  });
});
