import { describe, expect, test } from 'vitest';
import { startSidecar } from '../../../src/node/sidecar/sidecar.ts';
import type { Sidecar, SidecarEvent, SidecarOptions } from '../../../src/node/sidecar/types.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { startNode } from '../../support/node-server.ts';
import { hostPort } from '../../support/raw-http.ts';
import { startScriptedBalancer } from '../../support/scripted-balancer.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startApplication, type TestApplication } from './application.ts';
import { rowsOf } from './rows.ts';

/** So seldom that in a test no STATUS comes but the first and those with a reason. */
const SELDOM_MS = 600_000;

interface WatchedSidecar extends Sidecar {
  readonly events: readonly SidecarEvent[];
  /** `well sick well`, as it went. */
  healths(): string;
}

async function sidecarOf(
  application: TestApplication,
  balancers: readonly string[],
  options: Partial<SidecarOptions> = {},
): Promise<WatchedSidecar> {
  const events: SidecarEvent[] = [];
  const sidecar = await startSidecar(
    {
      route: 'side',
      balancers,
      contexts: ['/app'],
      upstream: `http://${hostPort(application.port)}`,
      statusIntervalMs: SELDOM_MS,
      ...options,
      probe: { path: '/health', intervalMs: 10, timeoutMs: 5000, ...options.probe },
    },
    { onEvent: (event) => events.push(event) },
  );
  freeAfter(() => sidecar.abandon());
  return {
    ...sidecar,
    events,
    healths: () =>
      events.flatMap((event) => (event.kind === 'health' && event.to !== event.from ? [event.to] : [])).join(' '),
  };
}

const url = (port: number): string => `http://${hostPort(port)}`;

describe('at a real balancer', () => {
  test('an application that is not up yet is known and gets nothing; as soon as it answers well it serves', async () => {
    const balancer = await startTestBalancer();
    const application = await startApplication(false);
    const sidecar = await sidecarOf(application, [url(balancer.mcmpPort)]);
    await sidecar.node.registered(8000);
    await waitFor(async () => (await rowsOf(balancer)).join().endsWith('load -1 /app STOPPED'));
    expect((await balancer.get('/app/')).status).toBe(404);
    expect(sidecar.application()).toMatchObject({ health: 'starting', wish: 'stopped', outOfOrder: true });

    application.health = 503;
    await application.listen();
    await waitFor(() => application.probes() >= 5);
    expect((await balancer.get('/app/')).status).toBe(404);

    application.health = 200;
    await waitFor(async () => (await balancer.get('/app/')).status === 200);
    expect(sidecar.healths()).toBe('well');
    expect(await rowsOf(balancer)).toEqual([`side ${hostPort(application.port)} load 100 /app ENABLED`]);
    expect(balancer.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  test.each([
    ['disable', 'DISABLED', 'from the application'],
    ['stop', 'STOPPED', 'other'],
  ] as const)(
    'a sick application gets no new sessions with --on-sick %s; its own sessions go where they may; well again it serves',
    async (onSick, status, sessionsGoTo) => {
      const balancer = await startTestBalancer();
      const other = await startNode('other');
      await balancer.register('other', other.port, { config: 'StickySessionForce=No', load: 50 });
      const application = await startApplication();
      const sidecar = await sidecarOf(application, [url(balancer.mcmpPort)], {
        onSick,
        config: { StickySessionForce: 'No' },
      });
      const isAt = async (wanted: string): Promise<boolean> =>
        (await rowsOf(balancer)).some((row) => row.startsWith('side ') && row.endsWith(`/app ${wanted}`));
      const session = 'Cookie: JSESSIONID=abc.side\r\n';
      await waitFor(() => isAt('ENABLED'));
      expect((await balancer.get('/app/', session)).text).toContain('from the application');

      application.health = 500;
      await waitFor(() => isAt(status));
      const before = application.served();
      for (let sent = 0; sent < 10; sent++) expect((await balancer.get('/app/')).text).toContain('other');
      expect(application.served()).toBe(before);
      expect((await balancer.get('/app/', session)).text).toContain(sessionsGoTo);
      // It answers: its sessions may go on, so it is not out of order.
      expect(sidecar.application().outOfOrder).toBe(false);

      application.health = 204;
      await waitFor(() => isAt('ENABLED'));
      await waitFor(async () => (await balancer.get('/app/')).text.includes('from the application'));
      expect(sidecar.healths()).toBe('well sick well');
    },
  );

  test('a dead application is told as Load=-1 at once, and taken back at once when it lives again', async () => {
    const balancer = await startTestBalancer();
    const application = await startApplication();
    const sidecar = await sidecarOf(application, [url(balancer.mcmpPort)], { load: () => 73 });
    await waitFor(async () => (await rowsOf(balancer)).join().endsWith('load 73 /app ENABLED'));
    await application.kill();
    await waitFor(async () => (await rowsOf(balancer)).join().endsWith('load -1 /app DISABLED'));
    expect(sidecar.application()).toMatchObject({ health: 'sick', outOfOrder: true });
    await application.listen();
    await waitFor(async () => (await rowsOf(balancer)).join().endsWith('load 73 /app ENABLED'));
    expect((await balancer.get('/app/')).status).toBe(200);
    expect(sidecar.application()).toMatchObject({ health: 'well', outOfOrder: false, lastProbe: 'it answered 200' });
  });

  test('leaving loses no request that is running, and takes no new one', async () => {
    const balancer = await startTestBalancer();
    const application = await startApplication();
    const sidecar = await sidecarOf(application, [url(balancer.mcmpPort)], { drainPollMs: 5, blindDrainMs: 0 });
    await waitFor(async () => (await balancer.get('/app/')).status === 200);
    const slow = balancer.get('/app/slow');
    await waitFor(() => application.waiting() === 1);
    let isGone = false;
    const left = sidecar.leave({ drainTimeoutMs: 60_000 }).then(() => {
      isGone = true;
    });
    await waitFor(async () => (await rowsOf(balancer)).join().endsWith('/app STOPPED'));
    const served = application.served();
    expect((await balancer.get('/app/')).status).not.toBe(200);
    expect(application.served()).toBe(served);
    expect(isGone).toBe(false);
    application.release();
    expect(await slow).toMatchObject({ status: 200, body: expect.stringContaining('at last') });
    await left;
    expect((await rowsOf(balancer)).filter((row) => row.includes('/app'))).toEqual([]);
    // Whoever calls twice, as two signals do, is told the same.
    await sidecar.leave();
  });

  test('two balancers, one of them away: the other one serves, and leaving waits for nobody', async () => {
    const balancer = await startTestBalancer();
    const away = await startScriptedBalancer(() => 'close');
    freeAfter(away.close);
    const application = await startApplication();
    const sidecar = await sidecarOf(application, [url(away.port), url(balancer.mcmpPort)]);
    await waitFor(async () => (await balancer.get('/app/')).status === 200);
    await sidecar.leave();
    expect((await rowsOf(balancer)).filter((row) => row.includes('/app'))).toEqual([]);
  });
});

describe('word for word', () => {
  const OK = { body: '' };

  test('contexts are born stopped, enabled when well, disabled when sick, and stopped again on the way out', async () => {
    const balancer = await startScriptedBalancer(() => OK);
    freeAfter(balancer.close);
    const application = await startApplication();
    application.health = 503;
    const sidecar = await sidecarOf(application, [balancer.url], { blindDrainMs: 0, aliases: ['shop.example'] });
    await balancer.until(() => balancer.requests.some(({ method }) => method === 'STATUS'));
    application.health = 200;
    await balancer.until(() => balancer.requests.some(({ method }) => method === 'ENABLE-APP'));
    application.health = 503;
    await balancer.until(() => balancer.requests.some(({ method }) => method === 'DISABLE-APP'));
    await sidecar.leave();
    const app = 'JVMRoute=side&Alias=shop.example&Context=/app';
    expect(balancer.said().map(decodeURIComponent)).toEqual([
      'INFO /',
      expect.stringMatching(`^CONFIG / JVMRoute=side&Host=127\\.0\\.0\\.1&Port=${application.port}&Type=http`),
      `STOP-APP / ${app}`,
      'STATUS / JVMRoute=side&Load=100',
      `ENABLE-APP / ${app}`,
      `DISABLE-APP / ${app}`,
      `STOP-APP / ${app}`,
      `REMOVE-APP / ${app}`,
      'REMOVE-APP /* JVMRoute=side',
    ]);
  });

  test.each([
    ['a name as a name', { host: 'app.example' }, 'Host=app.example'],
    ['an IPv6 address in brackets', { host: '2001:db8::7' }, 'Host=[2001:db8::7]'],
    ['another port', { port: 8080 }, 'Port=8080'],
    ['another type', { type: 'ws' }, 'Type=ws'],
    ['parameters of CONFIG', { config: { Domain: 'blue' } }, 'Domain=blue'],
  ] as const)('%s is told', async (_, options, expected) => {
    const balancer = await startScriptedBalancer(() => OK);
    freeAfter(balancer.close);
    await sidecarOf(await startApplication(), [balancer.url], options);
    await balancer.until(() => balancer.requests.some(({ method }) => method === 'CONFIG'));
    expect(decodeURIComponent(balancer.said().find((line) => line.startsWith('CONFIG')) ?? '')).toContain(expected);
  });

  test('an https application is told as such, with a word of warning', async () => {
    const balancer = await startScriptedBalancer(() => OK);
    freeAfter(balancer.close);
    const application = await startApplication();
    const upstream = `https://${hostPort(application.port)}`;
    const sidecar = await sidecarOf(application, [balancer.url], { upstream });
    await balancer.until(() => balancer.requests.some(({ method }) => method === 'CONFIG'));
    expect(balancer.said().find((line) => line.startsWith('CONFIG'))).toContain('Type=https');
    expect(sidecar.events[0]).toEqual({ kind: 'notice', message: expect.stringContaining('Type=https') });
  });

  test('a balancer that counts no requests gets REMOVE-APP only after the blind drain', async () => {
    const heard: { readonly method: string; readonly atMs: number }[] = [];
    const balancer = await startScriptedBalancer(({ method }) => {
      heard.push({ method, atMs: performance.now() });
      return OK;
    });
    freeAfter(balancer.close);
    const sidecar = await sidecarOf(await startApplication(), [balancer.url], { blindDrainMs: 150 });
    await balancer.until(() => balancer.requests.some(({ method }) => method === 'ENABLE-APP'));
    await sidecar.leave();
    const goodbye = heard.slice(heard.findIndex(({ method }) => method === 'DISABLE-APP'));
    const timeOf = (wanted: string): number => goodbye.find(({ method }) => method === wanted)?.atMs ?? Number.NaN;
    // A timer may be a millisecond early.
    expect(timeOf('REMOVE-APP') - timeOf('STOP-APP')).toBeGreaterThan(140);
  });
});

test('probes wait for one another, however slow the application is', async () => {
  const application = await startApplication();
  application.slowHealth = true;
  const sidecar = await sidecarOf(application, ['http://127.0.0.1:1'], { probe: { intervalMs: 10, timeoutMs: 50 } });
  await waitFor(() => application.probes() >= 4);
  expect(application.probesAtOnce()).toBe(1);
  expect(sidecar.application()).toMatchObject({ health: 'starting', lastProbe: 'it did not answer in time' });
  await sidecar.leave();
});

test('with a balancer that cannot be reached it leaves at once', async () => {
  const sidecar = await sidecarOf(await startApplication(), ['http://127.0.0.1:1']);
  await waitFor(() => sidecar.healths() === 'well');
  await sidecar.leave();
  expect(sidecar.node.registrations().map(({ state }) => state)).toEqual(['ended']);
});

test('what cannot be is refused before anything is said', async () => {
  const balancer = await startScriptedBalancer(() => ({}));
  freeAfter(balancer.close);
  const upstream = 'http://127.0.0.1:3000';
  for (const wrong of [{ upstream: 'nowhere' }, { upstream, probe: { fall: 0 } }, { upstream, contexts: ['/a,b'] }]) {
    await expect(startSidecar({ route: 'side', balancers: [balancer.url], ...wrong })).rejects.toThrow(
      expect.objectContaining({ kind: 'usage' }),
    );
  }
  expect(balancer.requests).toEqual([]);
});
