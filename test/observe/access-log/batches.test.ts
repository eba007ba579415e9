import { describe, expect, it } from 'vitest';
import { Batches } from '../../../src/observe/access-log/batches.ts';
import type { Destination } from '../../../src/observe/access-log/destination.ts';
import type { Log, LogFields } from '../../../src/observe/types.ts';

/** A destination that takes a batch when the test says so. */
function startSlowDisk(mostWaitingBytes?: number) {
  const batches: string[] = [];
  const waiting: ((error: Error | null) => void)[] = [];
  const destination: Destination = {
    name: 'slow',
    write(batch, done) {
      batches.push(batch.toString('latin1'));
      waiting.push(done);
    },
    reopen: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const said: (readonly [string, LogFields])[] = [];
  const say = (message: string, fields: LogFields = {}): void => {
    said.push([message, fields]);
  };
  const log: Log = { error: say, warn: say, info: say, debug: say };
  return {
    lines: new Batches(destination, log, mostWaitingBytes),
    batches,
    said,
    waiting: () => waiting.length,
    finish(error: Error | null = null) {
      const done = waiting.shift();
      if (done === undefined) throw new Error('nothing is being written');
      done(error);
    },
  };
}

const LONG = `${'x'.repeat(1023)}\n`;

describe('lines on their way', () => {
  it('wait for the next flush, and go together', () => {
    const disk = startSlowDisk();
    disk.lines.add('one\n');
    disk.lines.add('two\n');
    expect(disk.batches).toEqual([]);
    disk.lines.flush();
    expect(disk.batches).toEqual(['one\ntwo\n']);
  });

  it('do not wait when the next one makes them more than 64 KiB', () => {
    const disk = startSlowDisk();
    for (let i = 0; i < 64; i++) disk.lines.add(LONG);
    expect(disk.batches).toEqual([]);
    disk.lines.add(LONG);
    expect(disk.batches.map((batch) => batch.length)).toEqual([64 * 1024]);
  });

  it('keep their order when one is longer than a batch', () => {
    const disk = startSlowDisk();
    const giant = `${'y'.repeat(100_000)}\n`;
    for (const line of ['one\n', giant, 'two\n']) disk.lines.add(line);
    disk.lines.flush();
    while (disk.waiting() > 0) disk.finish();
    disk.lines.flush();
    expect(disk.batches.join('')).toBe(`one\n${giant}two\n`);
  });

  it('are written one batch behind the other, in order, none twice', () => {
    const disk = startSlowDisk();
    const sent: string[] = [];
    for (let i = 0; i < 300; i++) {
      const line = `${i} ${LONG}`;
      sent.push(line);
      disk.lines.add(line);
      disk.lines.flush();
      expect(disk.waiting()).toBe(1);
    }
    const closed = disk.lines.close();
    while (disk.waiting() > 0) disk.finish();
    expect(disk.batches.join('')).toBe(sent.join(''));
    return closed;
  });

  it('are left out when too many wait, counted, and said once to be', () => {
    const disk = startSlowDisk(128 * 1024);
    for (let i = 0; i < 1000; i++) disk.lines.add(LONG);
    const { lostLines } = disk.lines;
    expect(lostLines).toBeGreaterThan(800);
    expect(disk.said).toHaveLength(1);
    while (disk.waiting() > 0) disk.finish();
    disk.lines.flush();
    while (disk.waiting() > 0) disk.finish();
    expect(disk.batches.join('').length).toBe((1000 - lostLines) * LONG.length);
    expect(disk.batches.join('').length).toBeLessThan(140 * 1024);
    expect(disk.said.map(([message]) => message)).toEqual([
      'Lines of the access log are lost',
      'The access log is written again',
    ]);
    disk.lines.add('new\n');
    disk.lines.flush();
    expect(disk.batches.at(-1)).toBe('new\n');
    expect(disk.lines.lostLines).toBe(lostLines);
  });

  it('that a full disk refuses are counted, and later ones are tried again', () => {
    const disk = startSlowDisk();
    for (const line of ['a\n', 'b\n']) disk.lines.add(line);
    disk.lines.flush();
    disk.finish(new Error('ENOSPC: no space left on device'));
    disk.lines.add('c\n');
    disk.lines.flush();
    disk.finish(new Error('ENOSPC: no space left on device'));
    expect(disk.lines.lostLines).toBe(3);
    expect(disk.said).toEqual([
      ['Lines of the access log are lost', { file: 'slow', problem: 'ENOSPC: no space left on device' }],
    ]);
    disk.lines.add('d\n');
    disk.lines.flush();
    disk.finish();
    expect(disk.batches).toEqual(['a\nb\n', 'c\n', 'd\n']);
    expect(disk.said.at(-1)).toEqual(['The access log is written again', { file: 'slow', lostLinesSinceStart: 3 }]);
  });

  it('are all written when the log has closed, and none is taken after that', async () => {
    const disk = startSlowDisk();
    disk.lines.add('last\n');
    let closed = false;
    const closing = disk.lines.close().then(() => {
      closed = true;
    });
    await Promise.resolve();
    expect(closed).toBe(false);
    disk.lines.add('too late\n');
    disk.finish();
    await closing;
    disk.lines.flush();
    expect(disk.batches).toEqual(['last\n']);
  });
});
