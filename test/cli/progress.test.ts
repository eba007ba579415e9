import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress, type Progress } from '../../src/cli/progress.ts';
import { createLog } from '../../src/observe/log.ts';
import type { Log } from '../../src/observe/types.ts';

interface Scene {
  readonly progress: Progress;
  readonly log: Log;
  /** All that was written on stderr, lines of the log included. */
  written(): string;
  wait(ms: number): void;
}

function scene(isTTY: boolean): Scene {
  let nowMs = 0;
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 20 });
  const write = (message: string, fields = {}): void => {
    stream.write(`${message} ${JSON.stringify(fields)}\n`);
  };
  const log = { error: write, warn: write, info: write, debug: write };
  const progress = createProgress(stream, log, () => nowMs);
  return {
    progress,
    log: createLog({ level: 'info', format: 'json', stream, color: false, now: () => 0, beforeLine: progress.hide }),
    written: () => String(stream.read() ?? ''),
    wait: (ms) => {
      nowMs += ms;
    },
  };
}

const ERASED = '\r\u001b[2K';

describe('progress on a terminal', () => {
  it('is a line that is written anew, and taken away', () => {
    const { progress, written, wait } = scene(true);
    progress.show('1 of 9', 'starting', {});
    wait(400);
    progress.show('5 of 9', 'starting', {});
    expect(written()).toBe(`${ERASED}5 of 9`);
    progress.show('6 of 9', 'starting', {});
    wait(100);
    progress.show('7 of 9', 'starting', {});
    expect(written()).toBe(`${ERASED}7 of 9`);
    progress.clear();
    expect(written()).toBe(ERASED);
  });

  it('is not there when all is done at once', () => {
    const { progress, written, wait } = scene(true);
    progress.show('1 of 2', 'starting', {});
    wait(200);
    progress.show('2 of 2', 'starting', {});
    progress.clear();
    expect(written()).toBe('');
  });

  it('stays within the line', () => {
    const { progress, written, wait } = scene(true);
    progress.show('x', 'starting', {});
    wait(400);
    progress.show('a line that is too long for it', 'starting', {});
    expect(written()).toBe(`${ERASED}a line that is too `);
  });

  it('makes room for the log', () => {
    const { progress, log, written, wait } = scene(true);
    progress.show('1 of 9', 'starting', {});
    wait(400);
    progress.show('5 of 9', 'starting', {});
    log.info('something');
    wait(100);
    progress.show('6 of 9', 'starting', {});
    const line = '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"something"}\n';
    expect(written()).toBe(`${ERASED}5 of 9${ERASED}${line}${ERASED}6 of 9`);
  });

  it('stays where it is when a line is not shown: thousands of exchanges would have it flicker', () => {
    const { progress, log, written, wait } = scene(true);
    progress.show('1 of 9', 'starting', {});
    wait(400);
    progress.show('5 of 9', 'starting', {});
    log.debug('exchange');
    expect(written()).toBe(`${ERASED}5 of 9`);
  });
});

it('progress elsewhere is a line of the log every few seconds', () => {
  const { progress, written, wait } = scene(false);
  for (let done = 0; done < 70; done++) {
    progress.show(`${done} of 70`, 'starting', { done });
    wait(100);
  }
  progress.clear();
  expect(written()).toBe('starting {"done":30}\nstarting {"done":60}\n');
});
