import { beforeAll, describe, expect, it } from 'vitest';
import { startAdvertisedBalancer } from '../../src/advertise/advertised-balancer.ts';
import { type HeardDatagram, listenToGroups } from '../../src/advertise/listener.ts';
import { createAdvertiseTracker } from '../../src/advertise/tracker.ts';
import { createJavaListener, formatGroup } from '../../src/core/advertise/index.ts';
import { startFleet } from '../../src/index.ts';
import { followAdvertisements } from '../../src/node/simulator/follow.ts';
import type { Log } from '../../src/observe/types.ts';
import { freshGroup, loopback } from '../advertise/group.ts';
import { TEST_OPTIONS } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { hostPort, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';
import { INTEROP_WANTED, WHY_SKIPPED } from './java-program.ts';
import { buildTomcatNode, startTomcat } from './tomcat-node.ts';
import { buildUndertowBalancer, startUndertow } from './undertow-balancer.ts';

if (!INTEROP_WANTED) console.info(`Discovery with a real Tomcat and a real Undertow is left out: ${WHY_SKIPPED}`);

const DEADLINE_MS = 20_000;
const quiet: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

const KEYS: readonly (readonly [string, string | undefined])[] = [
  ['without a key', undefined],
  ['with a key', 'a key of 1 and 2'],
];

const keyed = (key: string | undefined): { key?: string } => (key === undefined ? {} : { key });

async function serve(group: ReturnType<typeof freshGroup>, key: string | undefined) {
  const balancer = await startAdvertisedBalancer(
    TEST_OPTIONS,
    { url: undefined, group, interface: '127.0.0.1', frequencyMs: 500, ttl: 0, key },
    { log: quiet },
  );
  freeAfter(() => balancer.closeNow());
  const portOf = (address: string | undefined): number => Number(address?.split(':')[1]);
  const [web, mcmp] = [portOf(balancer.addresses.listen[0]), portOf(balancer.addresses.mcmp[0])];
  const ask = (port: number, line: string) =>
    talk(port, `${line} HTTP/1.1\r\nHost: ${hostPort(port)}\r\nConnection: close\r\n\r\n`);
  return {
    balancer,
    mcmp,
    get: (path: string) => ask(web, `GET ${path}`),
    info: async () => (await ask(mcmp, 'INFO /')).body,
  };
}

describe.runIf(INTEROP_WANTED)('a real Tomcat', { timeout: 60_000 }, () => {
  beforeAll(buildTomcatNode, 300_000);

  it.each(KEYS)('finds our balancer by its advertisements and serves requests, %s', async (_, key) => {
    const group = freshGroup();
    const ours = await serve(group, key);
    await startTomcat({ group: formatGroup(group), ...keyed(key) });
    await waitFor(async () => (await ours.get('/one')).status === 200, DEADLINE_MS);
    expect(await ours.get('/one')).toMatchObject({ status: 200, body: 'node1 /one' });
  });

  it('finds the one that has its key, not those that have another one or none', async () => {
    const group = freshGroup();
    const strangers = [await serve(group, 'another'), await serve(group, undefined)];
    const friend = await serve(group, 'the key');
    await startTomcat({ group: formatGroup(group), key: 'the key' });
    await waitFor(async () => (await friend.get('/one')).status === 200, DEADLINE_MS);
    for (const { info } of strangers) expect(await info()).not.toContain('node1');
  });

  it('goes on discovering after a goodbye, and comes back to a balancer that was restarted elsewhere', async () => {
    const group = freshGroup();
    const first = await serve(group, undefined);
    await startTomcat({ group: formatGroup(group) });
    await waitFor(async () => (await first.get('/one')).status === 200, DEADLINE_MS);
    await first.balancer.close();
    const second = await serve(group, undefined);
    await waitFor(async () => (await second.get('/one')).status === 200, DEADLINE_MS);
  });
});

describe.runIf(INTEROP_WANTED)('a real Undertow', { timeout: 60_000 }, () => {
  beforeAll(buildUndertowBalancer, 300_000);

  it.each(KEYS)('advertises what is judged valid, and our nodes join it, %s', async (_, key) => {
    const group = freshGroup();
    const heard: HeardDatagram[] = [];
    const listener = await listenToGroups({
      groups: [group],
      interfaces: [loopback],
      onDatagram: (datagram) => heard.push(datagram),
      onFailure: (failure) => {
        throw failure;
      },
    });
    freeAfter(() => listener.close());
    const fleet = await startFleet({ route: 'n', nodes: 2, balancers: [], contexts: ['/one'], statusIntervalMs: 300 });
    freeAfter(() => fleet.kill());
    const discover = {
      group: formatGroup(group),
      interface: '127.0.0.1',
      ...keyed(key),
      requireKey: key !== undefined,
    };
    const discovery = await followAdvertisements(fleet, { discover, named: [], ignoresGoodbyes: false }, quiet);
    freeAfter(() => discovery.close());

    const undertow = await startUndertow({ group: formatGroup(group), ...keyed(key) });
    await waitFor(async () => (await undertow.get('/one')).status === 200, DEADLINE_MS);
    await waitFor(async () => {
      const info = await undertow.info();
      return ['n1', 'n2'].every((route) => info.includes(`Name: ${route}`));
    });
    await waitFor(() => heard.length >= 3);

    const tracker = createAdvertiseTracker(key);
    const java = createJavaListener(key);
    const address = `127.0.0.1:${undertow.mcmpPort}`;
    for (const [index, datagram] of heard.entries()) {
      const { findings, digest } = tracker.take(datagram);
      expect(digest).toBe('ok');
      expect(findings.map(({ id }) => id)).toEqual(['advert/loopback']);
      expect(java.hear(datagram.bytes)).toEqual({ does: index === 0 ? 'joins' : 'knows', address });
    }
  });
});
