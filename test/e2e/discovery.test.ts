import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type AdvertisedBalancer, startAdvertisedBalancer } from '../../src/advertise/advertised-balancer.ts';
import type { DiscoverOptions } from '../../src/advertise/discover.ts';
import { openSender } from '../../src/advertise/sender.ts';
import {
  type AdvertiseGroup,
  formatGroup,
  printAdvertiseDate,
  printAdvertisement,
} from '../../src/core/advertise/index.ts';
import { createNode, discoverBalancers, type Fleet, startFleet } from '../../src/index.ts';
import { startSidecar } from '../../src/node/sidecar/sidecar.ts';
import { type FollowOptions, followAdvertisements } from '../../src/node/simulator/follow.ts';
import type { Log, LogFields } from '../../src/observe/types.ts';
import { freshGroup, hear, loopback } from '../advertise/group.ts';
import { TEST_OPTIONS } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { hostPort, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const quiet: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

interface Advertised {
  readonly url: string;
  /** As registrations call it. */
  readonly address: string;
  readonly port: number;
  info(): Promise<string>;
  get(path: string): Promise<number>;
  close(): Promise<void>;
}

async function balancerAt(group: AdvertiseGroup, wish: { port?: number; key?: string } = {}): Promise<Advertised> {
  const balancer: AdvertisedBalancer = await startAdvertisedBalancer(
    { ...TEST_OPTIONS, mcmp: [{ host: '127.0.0.1', port: wish.port ?? 0 }] },
    { url: undefined, group, interface: '127.0.0.1', frequencyMs: 100, ttl: 0, key: wish.key },
    { log: quiet },
  );
  freeAfter(() => balancer.closeNow());
  const portOf = (address: string | undefined): number => Number(address?.split(':')[1]);
  const [port, web] = [portOf(balancer.addresses.mcmp[0]), portOf(balancer.addresses.listen[0])];
  const ask = (to: number, head: string) =>
    talk(to, `${head} HTTP/1.1\r\nHost: ${hostPort(to)}\r\nConnection: close\r\n\r\n`);
  return {
    url: `http://127.0.0.1:${port}`,
    address: `127.0.0.1:${port}`,
    port,
    info: async () => (await ask(port, 'INFO /')).body,
    get: async (path) => (await ask(web, `GET ${path}`)).status,
    close: () => balancer.close(),
  };
}

function recordingLog(): { readonly log: Log; readonly said: (message: string) => readonly LogFields[] } {
  const lines: { readonly message: string; readonly fields: LogFields }[] = [];
  const keep = (message: string, fields: LogFields = {}): void => {
    lines.push({ message, fields });
  };
  return {
    log: { error: keep, warn: keep, info: keep, debug: keep },
    said: (message) => lines.filter((line) => line.message === message).map(({ fields }) => fields),
  };
}

async function fleetThatFollows(
  group: AdvertiseGroup,
  options: Partial<FollowOptions> & { readonly discoverOptions?: DiscoverOptions; readonly nodes?: number } = {},
) {
  const { log, said } = recordingLog();
  const { named = [], ignoresGoodbyes = false, nodes = 2 } = options;
  const fleet = await startFleet({ route: 'node', nodes, balancers: named, contexts: ['/app'], statusIntervalMs: 100 });
  freeAfter(() => fleet.kill());
  const discover = { group: formatGroup(group), interface: '127.0.0.1', ...options.discoverOptions };
  const discovery = await followAdvertisements(fleet, { discover, named, ignoresGoodbyes }, log);
  freeAfter(() => discovery.close());
  return { fleet, discovery, said };
}

const standings = (fleet: Fleet): string[][] =>
  [...fleet.nodes.values()].map((node) =>
    node
      .node()
      .registrations()
      .filter(({ state }) => state === 'registered' || state === 'reporting')
      .map(({ balancer }) => balancer)
      .sort(),
  );

async function send(group: AdvertiseGroup, bytes: Buffer): Promise<void> {
  const sender = await openSender({ group, interface: loopback, ttl: 0 });
  await sender.send(bytes);
  await sender.close();
}

describe('nodes that discover their balancers', () => {
  it.each([
    ['without a key', undefined, {}],
    ['with a key', 'k', { key: 'k' }],
    ['with a key that is required', 'k', { key: 'k', requireKey: true }],
  ])('register, leave at the goodbye, and come back to the new id of the same address, %s', async (_, key, rules) => {
    const group = freshGroup();
    const { fleet, discovery, said } = await fleetThatFollows(group, { discoverOptions: rules });
    const wish = key === undefined ? {} : { key };
    const first = await balancerAt(group, wish);
    await waitFor(async () => (await first.get('/app')) === 200);
    await waitFor(async () => {
      const info = await first.info();
      return ['node1', 'node2'].every((route) => info.includes(`Name: ${route}`));
    });
    const [before] = discovery.joined();
    await first.close();
    await waitFor(() => [...fleet.nodes.values()].every((node) => node.node().registrations().length === 0));
    expect([discovery.joined(), said('an advertisement is ignored')]).toEqual([[], []]);
    const second = await balancerAt(group, { ...wish, port: first.port });
    await waitFor(async () => (await second.get('/app')) === 200);
    expect(discovery.joined()).toEqual([{ url: first.url, server: expect.not.stringMatching(before?.server ?? '') }]);
  });

  it('register with each that advertises, and never with one that has another key', async () => {
    const group = freshGroup();
    const { fleet, said } = await fleetThatFollows(group, { discoverOptions: { key: 'right' } });
    const stranger = await balancerAt(group, { key: 'wrong' });
    const unsigned = await balancerAt(group);
    const friends = [await balancerAt(group, { key: 'right' }), await balancerAt(group, { key: 'right' })];
    const addresses = friends.map(({ address }) => address).sort();
    await waitFor(() => standings(fleet).every((balancers) => balancers.join() === addresses.join()));
    for (const { info } of [stranger, unsigned]) expect(await info()).not.toContain('node1');
    await waitFor(() => said('an advertisement is ignored').length === 2);
    expect(said('an advertisement is ignored').map((fields) => fields['because'])).toEqual(
      expect.arrayContaining(['it was signed with another key', 'it is not signed']),
    );
  });

  it('keep those that were named, also when these say goodbye', async () => {
    const [group, elsewhere] = [freshGroup(), freshGroup()];
    const silent = await balancerAt(elsewhere);
    const both = await balancerAt(group);
    const { fleet, said } = await fleetThatFollows(group, { named: [silent.url, both.url] });
    const other = await balancerAt(group);
    const all = [silent, both, other].map(({ address }) => address).sort();
    await waitFor(() => standings(fleet).every((balancers) => balancers.join() === all.join()));
    await waitFor(() => said('a balancer was discovered').length === 2);
    await both.close();
    await waitFor(() => said('a balancer says goodbye').length === 1);
    expect(fleet.nodes.get('node1')?.node().registrations()).toHaveLength(3);
  });

  it('as Java nodes, stay with whoever goes', async () => {
    const group = freshGroup();
    const { fleet, said } = await fleetThatFollows(group, { ignoresGoodbyes: true });
    const balancer = await balancerAt(group);
    await waitFor(() => standings(fleet).every((balancers) => balancers.length === 1));
    await balancer.close();
    await waitFor(() => said('a balancer says goodbye').length === 1);
    expect(fleet.nodes.get('node1')?.node().registrations()).toHaveLength(1);
  });

  it('know what was discovered when they come back from the dead', async () => {
    const group = freshGroup();
    const balancer = await balancerAt(group);
    const { fleet } = await fleetThatFollows(group);
    await waitFor(() => standings(fleet).every((balancers) => balancers.length === 1));
    const node = fleet.nodes.get('node1');
    await node?.kill();
    await node?.restart();
    await waitFor(() => standings(fleet)[0]?.[0] === balancer.address);
  });

  it('serve on through a goodbye that somebody forged', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    const balancer = await balancerAt(group);
    const { fleet, said } = await fleetThatFollows(group, { nodes: 1 });
    await waitFor(async () => (await balancer.get('/app')) === 200);
    const forged = {
      status: 410,
      reason: 'Gone',
      date: printAdvertiseDate(Date.now()),
      sequence: `${2n ** 64n - 1n}`,
      server: heard[0]?.server ?? '',
    };
    await send(group, printAdvertisement(forged));
    await waitFor(() => said('a balancer says goodbye').length === 1);
    expect(await balancer.get('/app')).toBe(200);
    await waitFor(() => said('a balancer was discovered').length === 2 && standings(fleet)[0]?.length === 1);
    expect(await balancer.get('/app')).toBe(200);
  });

  it('are not harmed by an advertisement of their own connector', async () => {
    const group = freshGroup();
    const balancer = await balancerAt(group);
    const { fleet } = await fleetThatFollows(group, { nodes: 1 });
    const own = `127.0.0.1:${fleet.nodes.get('node')?.port}`;
    const plain = { status: 200, reason: 'OK', date: printAdvertiseDate(Date.now()), sequence: '1', server: 'mirror' };
    await send(group, printAdvertisement({ ...plain, managerAddress: own }));
    const node = fleet.nodes.get('node')?.node();
    await waitFor(() => {
      const mirror = node?.registrations().find((one) => one.balancer === own);
      return mirror !== undefined && mirror.lastFailure !== '';
    });
    await waitFor(async () => (await balancer.get('/app')) === 200);
  });
});

describe('examples/discover.mjs', () => {
  const file = fileURLToPath(new URL('../../examples/discover.mjs', import.meta.url));

  it('stands in docs/node.md as it is', () => {
    const page = readFileSync(new URL('../../docs/node.md', import.meta.url), 'utf8');
    expect(page).toContain(`\`\`\`js\n${readFileSync(file, 'utf8')}\`\`\`\n`);
  });

  it('runs as written: serves through a balancer that advertises, and leaves it when it is told to end', async () => {
    const group = freshGroup();
    const child = spawn(process.execPath, [file, formatGroup(group), 'k'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    freeAfter(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    const balancer = await balancerAt(group, { key: 'k' });
    await waitFor(async () => (await balancer.get('/hello/x')) === 200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await balancer.info()).not.toContain('Context: ');
  });
});

describe('others that discover', () => {
  it('a sidecar registers its application with whoever advertises', async () => {
    const group = freshGroup();
    const { fleet } = await fleetThatFollows(freshGroup(), { nodes: 1 });
    const upstream = `http://127.0.0.1:${fleet.nodes.get('node')?.port}`;
    const sidecar = await startSidecar({ route: 'app1', upstream, balancers: [], contexts: ['/app'] });
    freeAfter(() => sidecar.abandon());
    const options = {
      discover: { group: formatGroup(group), interface: '127.0.0.1' },
      named: [],
      ignoresGoodbyes: false,
    };
    const discovery = await followAdvertisements(sidecar.node, options, quiet);
    freeAfter(() => discovery.close());
    const balancer = await balancerAt(group);
    await waitFor(async () => (await balancer.get('/app')) === 200);
    await balancer.close();
    await waitFor(() => sidecar.node.registrations().length === 0);
  });

  it('a program of its own, as the documentation has it', async () => {
    const group = freshGroup();
    const { fleet } = await fleetThatFollows(freshGroup(), { nodes: 1 });
    const connector = { host: '127.0.0.1', port: fleet.nodes.get('node')?.port ?? 0 };
    const node = createNode({ route: 'own1', balancers: [], contexts: ['/app'], connector });
    freeAfter(() => node.abandon());
    const discovery = await discoverBalancers(
      { group: formatGroup(group), interface: '127.0.0.1', key: 'k', requireKey: true },
      {
        onJoin: ({ url }) => node.addBalancer(url),
        onLeave: ({ url }) => void node.removeBalancer(url, { goodbye: false }),
      },
    );
    freeAfter(() => discovery.close());
    const balancer = await balancerAt(group, { key: 'k' });
    await waitFor(async () => (await balancer.get('/app')) === 200);
    await balancer.close();
    await waitFor(() => node.registrations().length === 0);
  });
});
