import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLoad } from '../../../src/node/load/open-load.ts';
import { parseLoad } from '../../../src/node/load/parse-load.ts';
import type { LoadMeter } from '../../../src/node/load/types.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { createHandClock, type HandClock } from '../../support/hand-clock.ts';
import { waitFor } from '../../support/wait-for.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'mcmp-load-'));
  freeAfter(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function open(command: string, route?: string): { meter: LoadMeter; clock: HandClock; lines: string[] } {
  const clock = createHandClock();
  const lines: string[] = [];
  const log = (line: string): void => {
    lines.push(line);
  };
  const meter = openLoad(parseLoad(`cmd:${command}`), {
    inFlight: () => 0,
    clock,
    log,
    ...(route === undefined ? {} : { route }),
  });
  freeAfter(() => meter.close());
  return { meter, clock, lines };
}

describe('a load taken from a command', () => {
  it('is busy until the first result is there, then the last line', async () => {
    const { meter, lines } = open("echo words; echo ' 42 '; echo");
    expect(meter.next()).toBe(1);
    await waitFor(() => meter.next() === 42);
    expect(lines).toEqual([]);
  });

  it('is read anew for each STATUS', async () => {
    const file = join(folder(), 'load');
    writeFileSync(file, '10\n');
    const { meter } = open(`cat ${file}`);
    await waitFor(() => meter.next() === 10);
    appendFileSync(file, '-1\n');
    await waitFor(() => meter.next() === -1);
    appendFileSync(file, '0\n');
    await waitFor(() => meter.next() === 0);
  });

  it('runs shortly before the next STATUS is due', async () => {
    // Nonsense, because each new nonsense is told when a run is over.
    const file = join(folder(), 'load');
    writeFileSync(file, 'opened');
    const { meter, clock, lines } = open(`cat ${file}`);
    await waitFor(() => lines.length === 1);
    writeFileSync(file, 'asked first');
    meter.next();
    await waitFor(() => lines.length === 2);
    clock.advance(10_000);
    // Now it is known how long it is until the next time.
    meter.next();
    expect(clock.wakesAtMs).toEqual([10_000 + 9_750]);
    writeFileSync(file, 'ahead');
    clock.advance(9_750);
    await waitFor(() => lines.length === 3);
    expect(lines.map((line) => /said "([^"]*)"/.exec(line)?.[1])).toEqual(['opened', 'asked first', 'ahead']);
    meter.close();
  });

  it('runs at once when it is asked for sooner than before', async () => {
    const file = join(folder(), 'load');
    writeFileSync(file, 'opened');
    const { meter, clock, lines } = open(`cat ${file}`);
    await waitFor(() => lines.length === 1);
    writeFileSync(file, 'asked first');
    meter.next();
    await waitFor(() => lines.length === 2);
    clock.advance(1_000);
    meter.next();
    clock.advance(10);
    writeFileSync(file, 'sooner');
    meter.next();
    await waitFor(() => lines.length === 3);
  });

  it('knows for which node it is asked', async () => {
    const { meter } = open('test "$MCMP_ROUTE" = "node; exit 1" && echo 7', 'node; exit 1');
    await waitFor(() => meter.next() === 7);
  });

  it.each([
    ['echo plenty', 'said "plenty"'],
    ['echo 101', 'said "101"'],
    ['true', 'said ""'],
    ['echo 50; exit 3', 'exit code 3'],
    ['echo 50; echo why >&2; kill -9 $$', 'was ended by SIGKILL (it complained: "why")'],
    ['/nowhere/at/all', 'exit code 127'],
  ])('%s means -1, and is said once', async (command, words) => {
    const { meter, lines } = open(command);
    await waitFor(() => meter.next() === -1);
    await waitFor(() => {
      meter.next();
      return lines.length > 0;
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(words);
  });

  it('is never asked by two commands at once', async () => {
    const log = join(folder(), 'runs');
    const gate = join(folder(), 'gate');
    const { meter } = open(`echo run >> ${log}; while ! test -e ${gate}; do sleep 0.01; done; echo 9`);
    await waitFor(() => existsSync(log));
    for (let asked = 0; asked < 5; asked++) expect(meter.next()).toBe(1);
    expect(readFileSync(log, 'utf8')).toBe('run\n');
    writeFileSync(gate, '');
    await waitFor(() => meter.next() === 9);
  });

  it('is -1 when the command takes too long, and all that it started is ended', async () => {
    const file = join(folder(), 'pid');
    const { meter, clock, lines } = open(`sleep 100 & echo $! > ${file}; wait`);
    await waitFor(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
    // Before the next load is asked for, which starts the command again.
    const pid = Number(readFileSync(file, 'utf8'));
    clock.advance(5_000);
    await waitFor(() => lines.length > 0);
    expect(lines[0]).toContain('took longer than 5000 ms');
    await waitFor(() => !isRunning(pid));
    expect(meter.next()).toBe(-1);
  });

  it('is ended with the meter, without a word', async () => {
    const file = join(folder(), 'pid');
    const { meter, lines } = open(`sleep 100 & echo $! > ${file}; wait`);
    await waitFor(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
    const pid = Number(readFileSync(file, 'utf8'));
    meter.close();
    await waitFor(() => !isRunning(pid));
    expect(meter.next()).toBe(1);
    expect(lines).toEqual([]);
  });

  it('keeps no more than the end of what was printed', async () => {
    const { meter } = open('head -c 3000000 /dev/zero; echo; echo 33');
    await waitFor(() => meter.next() === 33);
  });

  it('gets its turn in a fleet that has more commands than may run at once', async () => {
    const meters = Array.from({ length: 40 }, (_, index) => open(`echo ${index + 10}`).meter);
    await waitFor(() => meters.every((meter, index) => meter.next() === index + 10));
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A killed child of a killed shell stays as a zombie where nobody reaps orphans.
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return !status.includes('State:\tZ');
}
