import { describe, expect, it } from 'vitest';
import { advertiseFault } from '../../../src/advertise/faults.ts';
import { listInterfaces, type NetworkInterface } from '../../../src/advertise/interfaces.ts';
import type { ListenEvent, ListenSummary } from '../../../src/advertise/listen/events.ts';
import type { ListenPlan } from '../../../src/advertise/listen/plan.ts';
import { listen } from '../../../src/advertise/listen/session.ts';
import { openSender } from '../../../src/advertise/sender.ts';
import { type AdvertiseGroup, printAdvertiseDate, printAdvertisement } from '../../../src/core/advertise/index.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { freshGroup, loopback } from '../group.ts';
import { GOOD, PLAIN_MACHINE } from './samples.ts';

const fresh = (changes: object = {}): Buffer =>
  printAdvertisement({ ...GOOD, date: printAdvertiseDate(Date.now()), managerAddress: '127.0.0.1:6666', ...changes });

interface Listening {
  readonly events: readonly ListenEvent[];
  readonly ended: Promise<ListenSummary>;
  send(...datagrams: readonly Buffer[]): Promise<void>;
  stop(): void;
  of<Kind extends ListenEvent['kind']>(kind: Kind): Extract<ListenEvent, { kind: Kind }>[];
}

async function start(changes: Partial<ListenPlan> = {}, via: NetworkInterface = loopback): Promise<Listening> {
  const groups = changes.groups ?? [freshGroup()];
  const [group] = groups;
  if (group === undefined) throw new Error('a test needs a group');
  const events: ListenEvent[] = [];
  const stop = new AbortController();
  const plan: ListenPlan = {
    groups,
    interfaces: [via],
    key: undefined,
    expect: undefined,
    once: false,
    timeoutMs: undefined,
    silenceMs: 60_000,
    probe: false,
    ...changes,
  };
  const ended = listen({
    plan,
    stop: stop.signal,
    toldPerSecond: 1000,
    onEvent: (event) => events.push(event),
    onFailure: (failure) => {
      throw failure;
    },
    readMachine: async () => PLAIN_MACHINE,
  });
  await expect.poll(() => events.length).toBeGreaterThan(0);
  return {
    events,
    ended,
    stop: () => stop.abort(),
    of: (kind) => events.filter((event): event is never => event.kind === kind),
    async send(...datagrams) {
      const sender = await openSender({ group, interface: via, ttl: 0 });
      for (const bytes of datagrams) await sender.send(bytes);
      await sender.close();
    },
  };
}

const idsOf = (listening: Listening): string[][] =>
  listening.of('datagram').map(({ judgement }) => judgement.findings.map(({ id }) => id));

describe('a session that listens', () => {
  it('ends with the first datagram that is fine, and has told the others', async () => {
    const session = await start({ once: true, timeoutMs: 15_000, key: 'k' });
    await session.send(fresh());
    await session.send(
      printAdvertisement(
        { ...GOOD, managerAddress: '127.0.0.1:6666', date: printAdvertiseDate(Date.now()), sequence: '2' },
        { key: 'k' },
      ),
    );
    expect(await session.ended).toMatchObject({ outcome: 'done', counts: { received: 2 } });
    expect(idsOf(session)).toEqual([['advert/no-key', 'advert/loopback'], ['advert/loopback']]);
  });

  it('shouts about a datagram that ends Java listeners, and fails', async () => {
    const session = await start({ once: true, timeoutMs: 15_000 });
    await session.send(advertiseFault('no-digest').make(GOOD, undefined));
    expect(await session.ended).toMatchObject({ outcome: 'check-failed', dangers: [{ count: 1 }] });
    expect(session.events.map(({ kind }) => kind)).toEqual(['ready', 'danger', 'datagram', 'end']);
    expect(session.of('datagram')[0]?.java.does).toBe('dies');
  });

  it('tells what a fresh Java node would do, after one that has died', async () => {
    const session = await start();
    await session.send(fresh(), fresh(), advertiseFault('no-digest').make(GOOD, undefined), fresh());
    await expect
      .poll(() => session.of('datagram').map(({ java }) => java.does))
      .toEqual(['joins', 'knows', 'dies', 'joins']);
    session.stop();
    await session.ended;
  });

  it('tests itself in silence, which nobody takes for an advertisement, and lists causes', async () => {
    const session = await start({ timeoutMs: 200 });
    const { outcome, counts, ownDatagrams, balancers } = await session.ended;
    expect({ outcome, balancers, own: ownDatagrams }).toEqual({ outcome: 'timeout', balancers: [], own: 1 });
    expect(counts.received).toBe(1);
    const [silence] = session.of('silence').map((event) => event.silence);
    expect(silence?.facts.selfTest).toMatchObject([{ interface: loopback.name, heard: true, failure: undefined }]);
    expect(silence?.causes.map(({ id }) => id).slice(0, 2)).toEqual(['silence/too-short', 'silence/not-advertising']);
  });

  it('looks for the causes once in each silence', async () => {
    const session = await start({ silenceMs: 300 });
    await expect.poll(() => session.of('silence').length, { timeout: 10_000 }).toBe(1);
    await session.send(fresh());
    await expect.poll(() => session.of('silence').length, { timeout: 10_000 }).toBe(2);
    expect(session.of('silence').map(({ silence }) => silence.facts.heardBefore)).toEqual([false, true]);
    session.stop();
    await session.ended;
  });

  it('says which of its groups is silent', async () => {
    const groups: AdvertiseGroup[] = [freshGroup(), freshGroup()];
    const session = await start({ groups, silenceMs: 500 });
    const beat = setInterval(() => void session.send(fresh()), 100);
    try {
      await expect.poll(() => session.of('silence').length, { timeout: 10_000 }).toBe(1);
    } finally {
      clearInterval(beat);
    }
    const [silence] = session.of('silence').map((event) => event.silence);
    expect(silence?.facts.joined.map(({ group }) => group)).toEqual(groups.slice(1));
    expect(silence?.causes[0]).toMatchObject({ id: 'silence/other-group', weight: 100 });
    session.stop();
    await session.ended;
  });

  it('waits for a name to be resolved before it judges, and does not hold up the others', async () => {
    const session = await start();
    await session.send(fresh({ managerAddress: 'nobody.invalid:6666', server: 'named' }), fresh());
    await expect.poll(() => session.of('datagram').length, { timeout: 10_000 }).toBe(2);
    const named = session.of('datagram').find(({ judgement }) => judgement.balancer?.server === 'named');
    expect(named?.judgement.findings.map(({ id }) => id)).toContain('advert/name-does-not-resolve');
    session.stop();
    await session.ended;
  });

  it('asks a balancer whether it is there, by INFO and nothing else', async () => {
    const balancer = await startTestBalancer();
    const there = new URL(`http://127.0.0.1:${balancer.mcmpPort}`);
    const session = await start({ probe: true });
    await session.send(
      fresh({ managerAddress: there.host, server: 'there' }),
      fresh({ managerAddress: '127.0.0.1:1' }),
    );
    await expect.poll(() => session.of('probe').length).toBe(2);
    const results = new Map(session.of('probe').map(({ result }) => [result.url, result]));
    expect(results.get(there.origin)).toMatchObject({ reachable: true, words: 'INFO answered' });
    expect(results.get('http://127.0.0.1:1')).toMatchObject({
      reachable: false,
      words: expect.stringContaining('nothing listens'),
    });
    session.stop();
    await session.ended;
  });
});

describe('IPv6', () => {
  const six = listInterfaces().find(
    ({ family, internal, multicast }) => family === 'IPv6' && !internal && multicast !== false,
  );
  const why = six === undefined ? ' (skipped: no interface of this machine has IPv6 and multicast)' : '';
  it.skipIf(six === undefined).each(['ff15', 'ff12', 'ff11'])(`is heard in the scope of %s${why}`, async (scope) => {
    if (six === undefined) return;
    const random = (): string => (1 + Math.floor(Math.random() * 0xfffe)).toString(16);
    const group = { host: `${scope}::${random()}:${random()}`, port: freshGroup().port, family: 'IPv6' } as const;
    const session = await start({ groups: [group], once: true, timeoutMs: 15_000 }, six);
    await session.send(fresh({ managerAddress: '[2001:db8::1]:8090' }));
    expect(await session.ended).toMatchObject({ outcome: 'done', counts: { droppedHere: 0 } });
    expect(session.of('datagram')[0]?.judgement.heard.group).toEqual(group);
  });
});
