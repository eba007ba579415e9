import { setTimeout as pause } from 'node:timers/promises';
import {
  type AdvertiseGroup,
  type Advertisement,
  DEFAULT_GROUP,
  printAdvertiseDate,
  printAdvertisement,
} from '../../../core/advertise/index.ts';
import { outcome, said } from '../../case.ts';
import { demand } from '../../verdict.ts';
import type { StagedBalancer } from '../balancer.ts';
import { outline } from '../request.ts';
import { ofMethod } from '../sayings.ts';
import { type NodeCase, type NodeStage, nodeCase } from '../stage.ts';

/** Between two rounds of datagrams; a node that still boots hears none of the first ones. */
const ROUND_MS = 200;

/** A group that nobody else uses: not from the seed, or the nodes of two runs at a time would hear each other's balancers. */
function ownGroup(): AdvertiseGroup {
  const byte = (): number => 1 + Math.floor(Math.random() * 250);
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  return { host: `239.${byte()}.${byte()}.${byte()}`, port, family: 'IPv4' };
}

/** What a balancer says of itself; the server id is one of this case. */
function advertisement(balancer: StagedBalancer): Advertisement {
  return {
    ...{ status: 200, reason: 'OK', date: printAdvertiseDate(Date.now()), sequence: '1' },
    server: `cf-${balancer.address.replace(':', '-')}`,
    ...{ managerAddress: balancer.address, managerUrl: '/', managerProtocol: 'http', managerHost: 'cf.test' },
  };
}

/** Sends datagrams again and again while something is waited for. */
async function whileSending<T>(
  stage: NodeStage,
  group: AdvertiseGroup,
  datagrams: readonly Buffer[],
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const sending = (async () => {
    while (!over.signal.aborted) {
      for (const datagram of datagrams) await stage.advertise(group, datagram);
      await pause(ROUND_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  try {
    return await work();
  } finally {
    over.abort();
    await sending;
  }
}

/** A datagram that must be ignored is sent beside a good one of another balancer, which is joined. */
function ignoredCase(
  facts: Pick<NodeCase, 'id' | 'requirement' | 'lines' | 'level'>,
  spoil: (one: Advertisement) => Buffer,
): NodeCase {
  return nodeCase({
    ...facts,
    spec: '7.5',
    needs: ['fresh-node', 'node-discovery'],
    expected: { any: said(IGNORED), mcmp: said(IGNORED), java: said(IGNORED) },
    async run(stage, { words }) {
      const group = ownGroup();
      const [bad, good] = [await stage.balancer(), await stage.balancer()];
      await stage.start({ discovers: group });
      const datagrams = [spoil(advertisement(bad)), printAdvertisement(advertisement(good))];
      await whileSending(stage, group, datagrams, async () => {
        await stage.registered(good);
        await stage.pass('both are advertised', 1.5 * stage.statusIntervalMs);
      });
      demand(bad.connections() === 0, words, () => `it connected to it and said ${outline(bad.requests)}`);
    },
  });
}

const IGNORED = 'the other balancer is joined, and nothing goes to this one';

/** A datagram that must be taken. */
function joinedCase(
  facts: Pick<NodeCase, 'id' | 'requirement' | 'lines'>,
  print: (one: Advertisement) => Buffer,
): NodeCase {
  return nodeCase({
    ...facts,
    level: 'must',
    spec: '7.5',
    needs: ['fresh-node', 'node-discovery'],
    expected: {
      any: outcome('registered there', /^/),
      mcmp: outcome('registered there, INFO first', /^INFO$/),
      java: outcome('registered there, INFO first', /^INFO$/),
    },
    async run(stage, { value, words }) {
      const group = ownGroup();
      const balancer = await stage.balancer();
      await stage.start({ discovers: group });
      await whileSending(stage, group, [print(advertisement(balancer))], () => stage.registered(balancer));
      const [first] = balancer.requests;
      demand(value.test(first?.method ?? ''), words, () => outline(balancer.requests));
    },
  });
}

/** Nodes that find their balancers by advertisements (reference §7.5). */
export const DISCOVERY_CASES: readonly NodeCase[] = [
  joinedCase(
    { id: 'discovery/joins', requirement: 'A balancer that advertises itself is registered with.', lines: ['NODE-40'] },
    (one) => printAdvertisement(one),
  ),
  joinedCase(
    {
      id: 'discovery/long-datagram',
      requirement: 'A datagram of more than 512 bytes is taken when what is needed stands in the first 512.',
      lines: ['NODE-43'],
    },
    (one) => printAdvertisement({ ...one, managerUrl: `/${'x'.repeat(600)}` }),
  ),
  ignoredCase(
    {
      id: 'discovery/wrong-digest',
      requirement: 'A datagram that was signed with another key leads nowhere.',
      lines: ['NODE-39'],
      level: 'must',
    },
    (one) => printAdvertisement(one, { key: 'cf-another-key' }),
  ),
  ignoredCase(
    {
      id: 'discovery/other-protocol',
      requirement: 'A datagram that does not begin with HTTP/1 is ignored.',
      lines: ['NODE-44'],
      level: 'should',
    },
    (one) =>
      Buffer.from(
        printAdvertisement(one)
          .toString('latin1')
          .replace(/^HTTP\/1\.0/, 'HTTP/2'),
        'latin1',
      ),
  ),
  nodeCase({
    id: 'discovery/other-address',
    requirement: 'A known server id with another address adds nobody.',
    level: 'should',
    lines: ['NODE-41'],
    spec: '7.5',
    needs: ['fresh-node', 'node-discovery'],
    expected: { mcmp: said(IGNORED), java: said(IGNORED) },
    async run(stage, { words }) {
      const group = ownGroup();
      const [first, moved, third] = [await stage.balancer(), await stage.balancer(), await stage.balancer()];
      await stage.start({ discovers: group });
      const own = advertisement(first);
      await whileSending(stage, group, [printAdvertisement(own)], () => stage.registered(first));
      const datagrams = [
        printAdvertisement({ ...own, sequence: '2', managerAddress: moved.address }),
        printAdvertisement(advertisement(third)),
      ];
      await whileSending(stage, group, datagrams, async () => {
        await stage.registered(third);
        await stage.pass('both are advertised', 1.5 * stage.statusIntervalMs);
      });
      demand(moved.connections() === 0, words, () => `it connected to it and said ${outline(moved.requests)}`);
    },
  }),
  nodeCase({
    id: 'discovery/gone',
    requirement: 'A balancer that says 410 Gone is on its way out.',
    level: 'may',
    lines: ['NODE-42'],
    spec: '7.5',
    needs: ['fresh-node', 'node-discovery'],
    expected: {
      mcmp: outcome('the node leaves it alone', { stays: false }),
      java: outcome('the node goes on reporting', { stays: true }),
    },
    async run(stage, { value, words }) {
      const group = ownGroup();
      const balancer = await stage.balancer();
      await stage.start({ discovers: group });
      const own = advertisement(balancer);
      await whileSending(stage, group, [printAdvertisement(own)], () => stage.registered(balancer));
      const { date, server } = own;
      const gone = printAdvertisement({ status: 410, reason: 'Gone', date, sequence: '2', server });
      await whileSending(stage, group, [gone], () => stage.pass('it hears the goodbye', stage.statusIntervalMs));
      const count = ofMethod(balancer.requests, 'STATUS').length;
      await stage.pass('what it does then', 2.5 * stage.statusIntervalMs);
      const news = ofMethod(balancer.requests, 'STATUS').length - count;
      demand(value.stays ? news > 0 : news === 0, words, `${news} STATUS after it`);
    },
  }),
  nodeCase({
    id: 'discovery/no-interface',
    requirement: 'A node that shall discover and has no interface to serves the balancers that it was given.',
    level: 'may',
    lines: ['NODE-45'],
    spec: '7.1',
    needs: ['fresh-node', 'node-no-interface'],
    expected: { java: said('registered with the one it was given; no datagram is heard') },
    async run(stage, { words }) {
      const [given, advertised] = [await stage.balancer(), await stage.balancer()];
      await stage.start({ settings: ['node-no-interface'] });
      await stage.registered(given);
      const datagram = printAdvertisement(advertisement(advertised));
      await whileSending(stage, DEFAULT_GROUP, [datagram], () =>
        stage.pass('it is advertised', 2.5 * stage.statusIntervalMs),
      );
      demand(advertised.connections() === 0, words, 'it connected to the one that was advertised');
    },
  }),
];
