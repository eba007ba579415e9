import { createSocket } from 'node:dgram';
import { describe, expect, it, vi } from 'vitest';
import { type DiscoverOptions, type DiscoverSurroundings, discoverBalancers } from '../../src/advertise/discover.ts';
import type { NetworkInterface } from '../../src/advertise/interfaces.ts';
import { openSender } from '../../src/advertise/sender.ts';
import {
  type AdvertiseGroup,
  type Advertisement,
  formatGroup,
  printAdvertiseDate,
  printAdvertisement,
} from '../../src/core/advertise/index.ts';
import { freeAfter } from '../support/cleanup.ts';
import { waitFor } from '../support/wait-for.ts';
import { freshGroup, loopback } from './group.ts';

const URL_OF = 'http://192.0.2.1:8090';

function datagram(change: Partial<Advertisement> = {}, key?: string): Buffer {
  const plain = { status: 200, reason: 'OK', date: printAdvertiseDate(Date.now()), sequence: '1', server: 'one' };
  return printAdvertisement(
    { ...plain, managerAddress: '192.0.2.1:8090', ...change },
    key === undefined ? {} : { key },
  );
}

async function discover(group: AdvertiseGroup, options: DiscoverOptions = {}, surroundings: DiscoverSurroundings = {}) {
  const told: string[] = [];
  const ignored: string[] = [];
  const silences: { group: string; heard: number }[] = [];
  const troubles: string[] = [];
  const discovery = await discoverBalancers(
    { group: formatGroup(group), interface: '127.0.0.1', ...options },
    {
      onJoin: ({ url, server }) => told.push(`join ${url} ${server}`),
      onLeave: ({ url, server }) => told.push(`leave ${url} ${server}`),
      onIgnored: ({ source, why }) => ignored.push(`${source}: ${why}`),
      onSilence: (silence) => silences.push(silence),
      onTrouble: ({ code }) => troubles.push(code),
    },
    surroundings,
  );
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await discovery.close();
    isOpen = false;
  };
  freeAfter(close);
  return { discovery, told, ignored, silences, troubles, close };
}

async function sender(group: AdvertiseGroup) {
  const opened = await openSender({ group, interface: loopback, ttl: 0 });
  freeAfter(() => opened.close());
  return (bytes: Buffer): Promise<void> => opened.send(bytes);
}

describe('finding balancers', () => {
  it('tells who comes and who says goodbye, once', async () => {
    const group = freshGroup();
    const { told, discovery } = await discover(group);
    const send = await sender(group);
    for (const sequence of ['1', '2']) await send(datagram({ sequence }));
    await waitFor(() => told.length === 1);
    expect(discovery.joined()).toEqual([{ url: URL_OF, server: 'one' }]);
    for (const [sequence, status] of [
      ['3', 403],
      ['4', 410],
    ] as const)
      await send(datagram({ sequence, status }));
    await send(datagram({ server: 'two' }));
    await waitFor(() => told.length === 3);
    expect(told).toEqual([`join ${URL_OF} one`, `leave ${URL_OF} one`, `join ${URL_OF} two`]);
  });

  it('takes names, and of another machine no address that this machine has on one of its interfaces', async () => {
    const group = freshGroup();
    const own: NetworkInterface = { ...loopback, name: 'eth0', address: '192.0.2.7', internal: false };
    const { told, ignored } = await discover(group, {}, { interfaces: () => [loopback, own] });
    const send = await sender(group);
    const other = createSocket('udp4');
    freeAfter(() => void other.close());
    // No interface of the list has this address.
    await new Promise<void>((resolve) => other.bind(0, '127.0.0.2', resolve));
    other.setMulticastInterface('127.0.0.1');
    other.send(datagram({ managerAddress: '192.0.2.7:9200', server: 'evil' }), group.port, group.host);
    await waitFor(() => ignored.length === 1);
    await send(datagram({ managerAddress: '192.0.2.7:8090' }));
    await send(datagram({ managerAddress: 'lb.example:8090', server: 'two' }));
    await waitFor(() => told.length === 2);
    expect(told).toEqual(['join http://192.0.2.7:8090 one', 'join http://lb.example:8090 two']);
    expect(ignored).toEqual(['127.0.0.2: it comes from another machine, and names an address of this one']);
  });

  it('says once for each reason why it does not believe', async () => {
    const group = freshGroup();
    const { told, ignored } = await discover(group, { key: 'right' });
    const send = await sender(group);
    for (let count = 0; count < 20; count++) {
      await send(Buffer.from('something else'));
      await send(datagram({}, 'wrong'));
    }
    await send(datagram({}, 'right'));
    await waitFor(() => told.length === 1);
    expect(ignored).toEqual(['127.0.0.1: it is no advertisement', '127.0.0.1: it was signed with another key']);
  });

  it.each([
    ['unsigned', () => datagram()],
    ['signed with another key', () => datagram({}, 'wrong')],
    ['stale', () => datagram({ date: printAdvertiseDate(Date.now() - 120_000) }, 'right')],
    ['from the future', () => datagram({ date: printAdvertiseDate(Date.now() + 120_000) }, 'right')],
    ['without a sequence that is a number', () => datagram({ sequence: 'x' }, 'right')],
  ])('with a required key refuses what is %s', async (_, bytes) => {
    const group = freshGroup();
    const { discovery, ignored } = await discover(group, { key: 'right', requireKey: true });
    await (await sender(group))(bytes());
    await waitFor(() => ignored.length === 1);
    expect(discovery.joined()).toEqual([]);
  });

  it('with a required key does not follow replays: of a goodbye, nor to another address', async () => {
    const group = freshGroup();
    const { told, ignored } = await discover(group, { key: 'right', requireKey: true });
    const send = await sender(group);
    const first = datagram({ sequence: '5' }, 'right');
    await send(first);
    await send(first);
    await send(datagram({ sequence: '5', status: 410 }, 'right'));
    await send(datagram({ sequence: '5', managerAddress: '192.0.2.66:8090' }, 'right'));
    await send(datagram({ sequence: '6', server: 'two', managerAddress: '192.0.2.2:8090' }, 'right'));
    await waitFor(() => told.length === 2);
    expect(told).toEqual([`join ${URL_OF} one`, 'join http://192.0.2.2:8090 two']);
    expect(ignored).toEqual(['127.0.0.1: it is a replay']);
  });

  it('survives a flood of foreign datagrams and invented balancers, and is still there for a real goodbye', async () => {
    const group = freshGroup();
    const { told, ignored, discovery } = await discover(group, { maxBalancers: 4 });
    const send = await sender(group);
    await send(datagram());
    await waitFor(() => told.length === 1);
    for (let count = 0; count < 2_000; count++) {
      await send(
        count % 2 === 0
          ? Buffer.alloc(60_000, 1)
          : datagram({ server: `id${count}`, managerAddress: `192.0.2.9:${count}` }),
      );
    }
    await waitFor(() => discovery.joined().length === 4);
    await waitFor(async () => {
      await send(datagram({ sequence: '9', status: 410 }));
      return told.includes(`leave ${URL_OF} one`);
    });
    expect(ignored.length).toBeLessThanOrEqual(3);
  });

  it('says when nothing is heard, and when what is heard is of no use', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    freeAfter(() => {
      vi.useRealTimers();
    });
    const [group, other, third] = [freshGroup(), freshGroup(), freshGroup()];
    const { silences: nothing } = await discover(group);
    const { silences: useless, ignored } = await discover(other, { key: 'right' });
    const { silences: none, told } = await discover(third);
    await (await sender(other))(datagram());
    await (await sender(third))(datagram());
    await expect.poll(() => [ignored, told.length]).toEqual([['127.0.0.1: it is not signed'], 1]);
    vi.advanceTimersByTime(20_000);
    expect([nothing, useless, none]).toEqual([
      [{ group: formatGroup(group), heard: 0 }],
      [{ group: formatGroup(other), heard: 1 }],
      [],
    ]);
  });

  it('listens again when interfaces come, and says once when there is none', async () => {
    const group = freshGroup();
    let interfaces: readonly NetworkInterface[] = [loopback];
    const { told, troubles } = await discover(group, {}, { interfaces: () => interfaces, lookAgainMs: 5 });
    interfaces = [];
    await waitFor(() => troubles.length === 1);
    interfaces = [{ ...loopback, name: 'new0' }, loopback];
    const send = await sender(group);
    await waitFor(async () => {
      await send(datagram());
      return told.length === 1;
    });
    expect(troubles).toHaveLength(1);
  });

  it('hears at once what comes when an interface is back', async () => {
    const group = freshGroup();
    const other: NetworkInterface = { ...loopback, name: 'other0', address: '127.0.0.2' };
    let interfaces: readonly NetworkInterface[] = [loopback, other];
    let looks = 0;
    const { told } = await discoverAnywhere(group, {
      interfaces: () => {
        looks += 1;
        return interfaces;
      },
      lookAgainMs: 5,
    });
    interfaces = [other];
    await waitFor(() => looks >= 4);
    await (await sender(group))(datagram());
    await waitFor(() => told.length === 1);
  });

  it('finds them on any interface when none is named', async () => {
    const group = freshGroup();
    const { told } = await discoverAnywhere(group);
    await (await sender(group))(datagram());
    await waitFor(() => told.length === 1);
  });

  it('hears nothing any more when it is closed', async () => {
    const group = freshGroup();
    const { told, close } = await discover(group);
    await close();
    await (await sender(group))(datagram());
    expect(told).toEqual([]);
  });

  it.each([
    [{ requireKey: true }, /key cannot be required/],
    [{ key: '' }, /key of the advertisements is empty/],
    [{ group: '10.0.0.1:5' }, /no multicast address/],
    [{ interface: 'nosuch0' }, /nosuch0/],
  ])('refuses %j', async (options, message) => {
    await expect(discoverBalancers(options, { onJoin: () => undefined, onLeave: () => undefined })).rejects.toThrow(
      message,
    );
  });
});

async function discoverAnywhere(group: AdvertiseGroup, surroundings: DiscoverSurroundings = {}) {
  const told: string[] = [];
  const discovery = await discoverBalancers(
    { group: formatGroup(group) },
    { onJoin: ({ url }) => told.push(url), onLeave: ({ url }) => told.push(url) },
    surroundings,
  );
  freeAfter(() => discovery.close());
  return { told };
}
