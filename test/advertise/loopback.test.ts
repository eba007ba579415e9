import { afterEach, describe, expect, it } from 'vitest';
import { type HeardDatagram, type ListenerOptions, listenToGroups } from '../../src/advertise/listener.ts';
import { openSender } from '../../src/advertise/sender.ts';
import type { AdvertiseGroup } from '../../src/core/advertise/index.ts';
import { freshGroup, loopback } from './group.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(group: AdvertiseGroup, options: Partial<ListenerOptions> = {}) {
  const heard: HeardDatagram[] = [];
  const listener = await listenToGroups({
    groups: [group],
    interfaces: [loopback],
    onDatagram: (datagram) => heard.push(datagram),
    onFailure: (failure) => {
      throw failure;
    },
    ...options,
  });
  cleanups.push(() => listener.close());
  return { listener, heard, texts: () => heard.map(({ bytes }) => bytes.toString('latin1')) };
}

async function sender(group: AdvertiseGroup) {
  const opened = await openSender({ group, interface: loopback, ttl: 0 });
  cleanups.push(() => opened.close());
  return opened;
}

describe('a listener', () => {
  it('hears a burst to the last datagram, with its source', async () => {
    const group = freshGroup();
    const { heard, texts } = await listen(group);
    const out = await sender(group);
    const sent = Array.from({ length: 50 }, (_, index) => `datagram ${index}`);
    for (const text of sent) await out.send(Buffer.from(text));
    await expect.poll(texts).toEqual(sent);
    expect(heard[0]?.source.address).toBe('127.0.0.1');
  });

  it('drops what its queue cannot hold, and counts it exactly', async () => {
    const group = freshGroup();
    const { listener, heard } = await listen(group, { queueLimit: 8 });
    const out = await sender(group);
    const burst = 500;
    await Promise.all(Array.from({ length: burst }, () => out.send(Buffer.from('x'))));
    const total = (): number => {
      const { received, droppedByKernel } = listener.counts();
      return received + (droppedByKernel ?? 0);
    };
    await expect.poll(total).toBe(burst);
    const { received, droppedHere } = listener.counts();
    await expect.poll(() => heard.length + droppedHere).toBe(received);
  });

  it('shares a group with another listener', async () => {
    const group = freshGroup();
    const [one, other] = [await listen(group), await listen(group)];
    await (await sender(group)).send(Buffer.from('to all'));
    await expect.poll(() => [one.texts(), other.texts()]).toEqual([['to all'], ['to all']]);
  });
});
