import { describe, expect, it, onTestFinished } from 'vitest';
import type { ListenEvent } from '../../src/advertise/listen/events.ts';
import { type ListenState, listen } from '../../src/advertise/listen/session.ts';
import { listenToGroups } from '../../src/advertise/listener.ts';
import { openSender } from '../../src/advertise/sender.ts';
import { printAdvertisement } from '../../src/core/advertise/index.ts';
import { freshGroup, loopback } from './group.ts';
import { GOOD } from './listen/samples.ts';

const FLOOD = 10_000;

async function flood(group: ReturnType<typeof freshGroup>, count: number): Promise<void> {
  const sender = await openSender({ group, interface: loopback, ttl: 0 });
  const datagrams = Array.from({ length: 100 }, (_, index) => printAdvertisement({ ...GOOD, server: `s${index}` }));
  for (let sent = 0; sent < count; sent += datagrams.length) {
    await Promise.all(datagrams.map((bytes) => sender.send(bytes)));
  }
  await sender.close();
}

describe('under a flood', () => {
  it('each datagram is either handled or counted as dropped, exactly', async () => {
    const group = freshGroup();
    let handled = 0;
    const listener = await listenToGroups({
      groups: [group],
      interfaces: [loopback],
      queueLimit: 64,
      onDatagram: () => {
        handled += 1;
        // Slower than they come.
        const untilMs = performance.now() + 0.3;
        while (performance.now() < untilMs);
      },
      onFailure: (failure) => {
        throw failure;
      },
    });
    onTestFinished(() => listener.close());
    await flood(group, FLOOD);
    const arrived = (): number => listener.counts().received + (listener.counts().droppedByKernel ?? 0);
    await expect.poll(arrived, { timeout: 15_000 }).toBe(FLOOD);
    await expect
      .poll(() => handled + listener.counts().droppedHere, { timeout: 15_000 })
      .toBe(listener.counts().received);
    expect(listener.counts().handled).toBe(handled);
    expect(listener.counts().droppedHere).toBeGreaterThan(0);
  });

  it('a session judges all that is not dropped, and tells a few with the number of the rest', async () => {
    const group = freshGroup();
    const events: ListenEvent[] = [];
    const stop = new AbortController();
    let state: ListenState | undefined;
    const plan = { groups: [group], interfaces: [loopback], key: undefined, expect: undefined, once: false };
    const ended = listen({
      plan: { ...plan, timeoutMs: undefined, silenceMs: 60_000, probe: false },
      stop: stop.signal,
      toldPerSecond: 20,
      onEvent: (event) => events.push(event),
      onStart: (started) => {
        state = started;
      },
      onFailure: (failure) => {
        throw failure;
      },
    });
    await expect.poll(() => events.length).toBe(1);
    await flood(group, FLOOD);
    const done = (): number | undefined => {
      const counts = state?.counts();
      return counts && counts.handled + counts.droppedHere + (counts.droppedByKernel ?? 0);
    };
    await expect.poll(done, { timeout: 15_000 }).toBe(FLOOD);
    stop.abort();
    const { counts, balancers } = await ended;
    const told = events.filter(({ kind }) => kind === 'datagram').length;
    const leftOut = events.reduce((sum, event) => sum + (event.kind === 'left-out' ? event.count : 0), 0);
    expect(counts.handled).toBe(told + leftOut);
    expect(counts.received + (counts.droppedByKernel ?? 0)).toBe(FLOOD);
    expect(counts.handled + counts.droppedHere).toBe(counts.received);
    expect(told).toBeLessThan(FLOOD / 10);
    expect(balancers).toHaveLength(100);
  });
});
