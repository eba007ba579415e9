import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCpuTimes } from '../../../src/node/load/cpu-times.ts';
import { openLoad } from '../../../src/node/load/open-load.ts';
import { parseLoad } from '../../../src/node/load/parse-load.ts';
import { createSmoothing } from '../../../src/node/load/smoothing.ts';
import type { LoadSurroundings } from '../../../src/node/load/types.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { createHandClock } from '../../support/hand-clock.ts';
import { nodeRecordings } from '../../support/recordings.ts';

function open(text: string, surroundings: Partial<LoadSurroundings> = {}): ReturnType<typeof openLoad> {
  return openLoad(parseLoad(text), { inFlight: () => 0, clock: createHandClock({ random: 0 }), ...surroundings });
}

describe('the published value of a measured load', () => {
  const recorded = nodeRecordings('tomcat-9.0.123-mod_cluster-2.1.0-http').find(({ file }) => file === '34-load.json');
  const told = (recorded?.exchanges ?? []).flatMap(
    ({ request }) => /&Load=(-?\d+)$/.exec(request?.body ?? '')?.[1] ?? [],
  );

  it('is what a real node said, measurement for measurement', () => {
    expect(told).toHaveLength(7);
    let inFlight = 0;
    const meter = open('busy:10', { inFlight: () => inFlight });
    const ours = told.map((_, index) => {
      // The recorded node was idle for three measurements, then 8 of its 10 sessions came.
      inFlight = index < 3 ? 0 : 8;
      return String(meter.next());
    });
    expect(ours).toEqual(told);
  });

  it.each([
    ['busy:10', 0, [50, 75, 88, 94, 97, 99, 99, 100, 100, 100, 100, 100]],
    ['busy:10', 10, [1, 1, 1]],
    ['busy:10', 1000, [1, 1, 1]],
    ['busy:10,initial=off', 3, [70, 70, 70]],
    ['busy:10,initial=50', 3, [60, 65, 68, 69, 69, 70, 70]],
    ['busy:10,initial=100', 10, [50, 25, 12, 6, 3, 1, 1]],
    ['busy:10,history=0', 10, [1, 1]],
    ['busy:10,history=1', 0, [67, 100]],
    ['busy:10,decay=1,history=3', 0, [25, 50, 75, 100]],
    ['busy:200,initial=off', 1, [99]],
    ['busy:1000,initial=off', 4, [100]],
  ])('%s with %i in flight goes %j', (text, inFlight, expected) => {
    const meter = open(text, { inFlight: () => inFlight });
    expect(expected.map(() => meter.next())).toEqual(expected);
  });

  // What DynamicLoadBalanceFactorProvider of mod_cluster-core 2.1.0.Final makes of these measurements.
  it('follows a load that jumps as the Java node does', () => {
    let inFlight = 0;
    const meter = open('busy:1000', { inFlight: () => inFlight });
    const loads = [100, 900, 450, 200, 1700, 0, 0, 333].map((requests) => {
      inFlight = requests;
      return meter.next();
    });
    expect(loads).toEqual([45, 28, 41, 61, 1, 48, 74, 70]);
  });

  it('stays a whole number from 1 to 100, whatever is measured', () => {
    const ratio = fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0, 1, 1e300, 1e-300));
    const smoothing = fc.record({
      history: fc.integer({ min: 0, max: 1000 }),
      decay: fc.double({ min: 1, max: 1000, noNaN: true }),
      initial: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(smoothing, fc.array(ratio, { minLength: 1, maxLength: 30 }), (how, ratios) => {
        const publish = createSmoothing(how);
        for (const one of ratios) {
          const load = publish(one);
          expect(Number.isInteger(load) && load >= 1 && load <= 100).toBe(true);
        }
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('loads by kind', () => {
  it('a number stays that number', () => {
    const meter = open('-1');
    expect([meter.next(), meter.next(), meter.text]).toEqual([-1, -1, '-1']);
  });

  it('cpu is what the processors did since the last time', () => {
    let times = { busyMs: 500, totalMs: 1_000 };
    const meter = open('cpu,history=0', { cpuTimes: () => times });
    times = { busyMs: 600, totalMs: 2_000 };
    expect(meter.next()).toBe(90);
    expect(meter.next()).toBe(90);
    times = { busyMs: 1_600, totalMs: 3_000 };
    expect(meter.next()).toBe(1);
    times = { busyMs: 1_500, totalMs: 4_000 };
    expect(meter.next()).toBe(100);
  });

  it('cpu knows the processors of this machine', () => {
    const { busyMs, totalMs } = readCpuTimes();
    expect(busyMs).toBeGreaterThan(0);
    expect(totalMs).toBeGreaterThan(busyMs);
    const load = open('cpu').next();
    expect(load >= 1 && load <= 100).toBe(true);
  });

  it('requests is a rate', () => {
    const clock = createHandClock({ random: 0 });
    let requests = 1_000;
    const meter = open('requests:100,history=0', { clock, requestCount: () => requests });
    clock.advance(10_000);
    requests += 300;
    expect(meter.next()).toBe(70);
    expect(meter.next()).toBe(70);
    clock.advance(1_000);
    requests = 0;
    expect(meter.next()).toBe(100);
  });

  it('sine goes from the middle to both ends and back in its period', () => {
    const clock = createHandClock({ random: 0 });
    const meter = open('sine:30,90,60s', { clock });
    const quarters = [0, 1, 2, 3, 4].map(() => {
      const load = meter.next();
      clock.advance(15_000);
      return load;
    });
    expect(quarters).toEqual([60, 90, 60, 30, 60]);
    expect(open('sine:30,90,60s', { random: () => 0.25 }).next()).toBe(90);
  });

  it('sine never leaves its ends', () => {
    const load = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(load, load, fc.nat(1e9), fc.double({ min: 0, max: 0.999, noNaN: true }), (a, b, ms, phase) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const clock = createHandClock({ random: 0 });
        const meter = open(`sine:${min},${max},7s`, { clock, random: () => phase });
        clock.advance(ms);
        const next = meter.next();
        expect(Number.isInteger(next) && next >= min && next <= max).toBe(true);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it.each([
    ['10\n20\n-1\n', [10, 20, -1, 10, 20, -1, 10]],
    ['7\n', [7, 7]],
    ['0 10\n2s 20\n3s 30\n', [10, 10, 20, 30, 10, 10, 20, 30]],
    ['0 5\n', [5, 5]],
  ])('replay of %j goes %j, second by second', (content, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'mcmp-load-'));
    freeAfter(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'loads.txt');
    writeFileSync(file, content);
    const clock = createHandClock({ random: 0 });
    const meter = open(`replay:${file}`, { clock });
    const loads = expected.map(() => {
      const load = meter.next();
      clock.advance(1_000);
      return load;
    });
    expect(loads).toEqual(expected);
  });
});
