import { createServer } from 'node:net';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { type DemoSnapshot, startDemo } from '../../src/demo/demo.ts';
import { runDemo } from '../../src/demo/index.ts';
import { createRate } from '../../src/demo/rates.ts';
import { ACTS, actAt, ROUND_MS } from '../../src/demo/script.ts';
import { freeAfter } from '../support/cleanup.ts';

const quiet = { error: fail, warn: () => undefined, info: () => undefined, debug: () => undefined };

function fail(message: string): never {
  throw new Error(`logged as an error: ${message}`);
}

describe('the script', () => {
  it('goes through its acts in order, round after round, with other nodes each time', () => {
    const seen = Array.from({ length: ACTS.length * 3 }, (_, acts) => actAt(acts, 3));
    const times = seen.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[ACTS.length]).toBe(ROUND_MS + (times[0] ?? 0));
    expect(new Set(seen.filter(({ kind }) => kind === 'kill').map(({ node }) => node))).toEqual(new Set([0, 1, 2]));
  });

  it('never has more than one node away', () => {
    const away = new Set<number>();
    for (let acts = 0; acts < ACTS.length * 6; acts++) {
      const { kind, node } = actAt(acts, 3);
      if (kind === 'return') expect(away.delete(node)).toBe(true);
      else away.add(node);
      expect(away.size).toBeLessThanOrEqual(1);
    }
  });
});

it('a rate is what happened in the last two seconds', () => {
  const rate = createRate();
  expect(rate(0, 0)).toBe(0);
  expect(rate(10, 1000)).toBe(10);
  for (let ms = 2000; ms <= 6000; ms += 500) rate(10, ms);
  expect(rate(10, 6500)).toBe(0);
  expect(rate(110, 7500)).toBeGreaterThan(30);
});

describe('the demo', () => {
  it('loses nothing when a node leaves, another is killed, and both come back', async () => {
    const demo = await startDemo({ log: quiet, webPort: 0, mcmpPort: 0, speed: 20 });
    let stopped = false;
    freeAfter(() => (stopped ? undefined : demo.stop()));
    const conditions = new Set<string>();
    let last: DemoSnapshot = demo.snapshot();
    await expect
      .poll(
        () => {
          last = demo.snapshot();
          for (const { route, condition } of last.nodes) conditions.add(`${route} ${condition}`);
          return conditions.has('node1 killed') && last.nodes.every(({ condition }) => condition === 'up');
        },
        { timeout: 15_000, interval: 20 },
      )
      .toBe(true);
    // On a busy machine it may be on its way out for as long as it is out on an idle one.
    expect(conditions.has('node2 leaving') || conditions.has('node2 gone')).toBe(true);
    expect(conditions).toContain('node1 killed');
    expect([last.failed, last.lastFailure]).toEqual([0, '']);
    expect(last.requests).toBeGreaterThan(50);
    expect(last.nodes.every(({ requests }) => requests > 0)).toBe(true);
    const { web, mcmp } = demo.addresses;
    await demo.stop();
    stopped = true;
    for (const url of [web, mcmp]) await expect(request(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('takes free ports when the usual ones are taken, and says so', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(0, '127.0.0.1', resolve);
    });
    freeAfter(() => new Promise<void>((resolve) => taken.close(() => resolve())));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const lines: string[] = [];
    await runDemo({
      program: 'mcmp',
      screen: {
        json: false,
        isTerminal: false,
        color: false,
        line: (text = '') => lines.push(text),
        document: fail as never,
      },
      log: quiet,
      stop: new AbortController().signal,
      durationMs: 50,
      webPort: 0,
      mcmpPort: port,
    });
    expect(lines.join('\n')).toContain(`port ${port} is taken, so free ones are used`);
    expect(lines.filter((line) => /^ {2}(curl|mcmp (?:send|explain))/.test(line))).toHaveLength(3);
    expect(lines.at(-1)).toMatch(/requests in .* failed: 0/);
  });

  it('tells everything as JSON documents when asked', async () => {
    const documents: unknown[] = [];
    const stop = new AbortController();
    const running = runDemo({
      program: 'mcmp',
      screen: {
        json: true,
        isTerminal: true,
        color: true,
        line: fail as never,
        document: (value) => documents.push(value),
      },
      log: quiet,
      stop: stop.signal,
      durationMs: undefined,
      webPort: 0,
      mcmpPort: 0,
    });
    await expect.poll(() => documents.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    stop.abort();
    await running;
    expect(documents[0]).toMatchObject({
      schemaVersion: 1,
      event: 'ready',
      try: expect.arrayContaining([expect.stringContaining('curl')]),
    });
    expect(documents[1]).toMatchObject({ schemaVersion: 1, event: 'progress', failed: 0 });
    expect(documents.at(-1)).toMatchObject({ schemaVersion: 1, event: 'end', failed: 0 });
  });
});
