import { describe, expect, it } from 'vitest';
import { type AdvertiseTracker, createAdvertiseTracker } from '../../src/advertise/tracker.ts';
import { DEFAULT_GROUP, printAdvertisement } from '../../src/core/advertise/index.ts';
import { GOOD, heard, NOW_MS } from './listen/samples.ts';

const datagram = (sequence: number, server = GOOD.server): Buffer =>
  printAdvertisement({ ...GOOD, sequence: String(sequence), server });

/** Hears sequence numbers at times, in ms from the first. */
function hearAll(tracker: AdvertiseTracker, all: readonly (readonly [sequence: number, atMs: number])[]): void {
  for (const [sequence, atMs] of all) tracker.take(heard(datagram(sequence), { receivedAtMs: NOW_MS + atMs }));
}

describe('the tracker of balancers', () => {
  it('measures interval and jitter, and counts lost sequence numbers', () => {
    const tracker = createAdvertiseTracker(undefined);
    hearAll(tracker, [
      [1, 0],
      [2, 10_000],
      [3, 20_080],
      [6, 50_000],
    ]);
    const [balancer] = tracker.balancers();
    expect(balancer).toMatchObject({ heard: 4, lost: 2, firstHeardMs: NOW_MS, lastHeardMs: NOW_MS + 50_000 });
    // Smoothed by an eighth: 10 s, then 10.08 s, then 29.92 s.
    expect(balancer?.intervalMs).toBeCloseTo(12_498.75);
    expect(balancer?.jitterMs).toBeCloseTo(80 + (19_910 - 80) / 8);
  });

  it('knows no interval before the second datagram', () => {
    const tracker = createAdvertiseTracker(undefined);
    hearAll(tracker, [[1, 0]]);
    expect(tracker.balancers()[0]).toMatchObject({ intervalMs: undefined, jitterMs: undefined });
  });

  it('measures on when the clock of this machine is put back', () => {
    const tracker = createAdvertiseTracker(undefined);
    hearAll(tracker, [
      [1, 0],
      [2, 10_000],
      [3, -3_580_000],
      [4, -3_570_000],
    ]);
    expect(tracker.balancers()[0]).toMatchObject({ intervalMs: 10_000, jitterMs: 0 });
  });

  it('is not spoiled by a forged sequence number', () => {
    const tracker = createAdvertiseTracker(undefined);
    hearAll(tracker, [
      [1, 0],
      [99_999_999_999, 10],
    ]);
    expect(tracker.balancers()[0]?.lost).toBe(0);
  });

  it('takes the same id in two groups for two', () => {
    const tracker = createAdvertiseTracker(undefined);
    const elsewhere = { ...DEFAULT_GROUP, host: '224.0.1.106' };
    tracker.take(heard(datagram(1)));
    expect(tracker.take(heard(datagram(1), { group: elsewhere })).findings).toEqual([]);
    expect(tracker.balancers().map(({ group }) => group.host)).toEqual(['224.0.1.105', '224.0.1.106']);
  });

  it('keeps the address of a balancer that says goodbye', () => {
    const tracker = createAdvertiseTracker(undefined);
    hearAll(tracker, [[1, 0]]);
    const { status, reason, date, server } = { ...GOOD, status: 410, reason: 'Gone' };
    tracker.take(heard(printAdvertisement({ status, reason, date, server, sequence: '2' })));
    expect(tracker.balancers()).toMatchObject([{ status: 410, managerAddress: '192.0.2.10:6666' }]);
  });

  it('judges again when a name has been resolved, against the same past', () => {
    const tracker = createAdvertiseTracker(undefined);
    const named = (sequence: string): Buffer =>
      printAdvertisement({ ...GOOD, sequence, managerAddress: 'lb.example:6666' });
    tracker.take(heard(named('1')));
    const first = tracker.take(heard(named('5')));
    expect(first.findings.map(({ id }) => id)).toEqual(['advert/sequence-gap', 'advert/name']);
    const again = tracker.judgeAgain(first, 'failed');
    const ids = ['advert/name-does-not-resolve', 'advert/sequence-gap'];
    expect(again.findings.map(({ id }) => id)).toEqual(ids);
    expect(tracker.balancers()[0]?.findings.map(({ id }) => id)).toEqual(ids);
    tracker.take(heard(named('6')), () => ['192.0.2.10']);
    tracker.judgeAgain(first, 'failed');
    expect(tracker.balancers()[0]?.findings.map(({ id }) => id)).toEqual(['advert/name']);
  });

  it('forgets the balancers heard of longest ago when somebody invents ids', () => {
    const tracker = createAdvertiseTracker(undefined);
    tracker.take(heard(datagram(1, 'first')));
    for (let index = 0; index < 998; index++) tracker.take(heard(datagram(1, `invented ${index}`)));
    tracker.take(heard(datagram(2, 'first')));
    for (let index = 998; index < 1010; index++) tracker.take(heard(datagram(1, `invented ${index}`)));
    expect(tracker.balancers()).toHaveLength(1000);
    expect(tracker.forgotten()).toBe(11);
    expect(tracker.balancers().some(({ server }) => server === 'first')).toBe(true);
  });
});
