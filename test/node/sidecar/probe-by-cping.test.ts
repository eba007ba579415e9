import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { CPONG } from '../../../src/core/ajp/index.ts';
import { systemClock } from '../../../src/node/clock.ts';
import type { ProbeOutcome } from '../../../src/node/sidecar/probe.ts';
import { probeByCping } from '../../../src/node/sidecar/probe-by-cping.ts';
import { startSidecar } from '../../../src/node/sidecar/sidecar.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { serve } from '../connector/serve.ts';

async function peerThat(answers: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => answers(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  freeAfter(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const NEVER = new AbortController().signal;
const ask = (port: number, timeoutMs = 5000, signal = NEVER): Promise<ProbeOutcome> =>
  probeByCping({ origin: new URL(`ajp://127.0.0.1:${port}`), timeoutMs }, systemClock, signal);

describe('a probe by CPING', () => {
  it.each<[string, (socket: Socket) => void, ProbeOutcome['kind']]>([
    ['CPONG', (socket) => socket.write(CPONG), 'ponged'],
    ['CPONG in pieces', (socket) => void [...CPONG].map((byte) => socket.write(Buffer.of(byte))), 'ponged'],
    ['HTTP', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'broken'],
    ['an end', (socket) => socket.end(), 'broken'],
    ['a reset', (socket) => socket.resetAndDestroy(), 'broken'],
  ])('takes %s for what it is', async (_words, answers, kind) => {
    expect((await ask(await peerThat(answers))).kind).toBe(kind);
  });

  it('is over when its time is, and when nobody wants it any more', async () => {
    const port = await peerThat(() => {});
    expect(await ask(port, 50)).toEqual({ kind: 'silent' });
    expect(await ask(port, 60_000, AbortSignal.abort())).toEqual({ kind: 'silent' });
  });

  it('tells when nobody takes connections', async () => {
    const { connector, port } = await serve({ type: 'ajp' });
    expect(await ask(port)).toEqual({ kind: 'ponged' });
    await connector.kill();
    expect(await ask(port)).toMatchObject({ kind: 'gone', why: expect.stringContaining('ECONNREFUSED') });
  });
});

it('a sidecar registers an application that speaks AJP, and requests reach it', async () => {
  const lb = await startTestBalancer({ ajpSecret: 's' });
  const application = await serve({ type: 'ajp', ajp: { secret: 's' } });
  const sidecar = await startSidecar({
    route: 'app1',
    upstream: `ajp://127.0.0.1:${application.port}`,
    contexts: ['/app'],
    balancers: [`http://127.0.0.1:${lb.mcmpPort}`],
    probe: { intervalMs: 20 },
    blindDrainMs: 0,
  });
  freeAfter(() => sidecar.abandon());
  await expect.poll(() => sidecar.application()).toMatchObject({ health: 'well', lastProbe: 'it answered CPING' });
  await expect.poll(async () => (await lb.get('/app/x')).body).toContain('n1 GET /app/x 0');
  expect((await lb.mcmp('INFO')).text).toContain(`Port: ${application.port},Type: ajp`);
  await application.connector.kill();
  await expect.poll(() => sidecar.application()).toMatchObject({ health: 'sick', outOfOrder: true });
});
