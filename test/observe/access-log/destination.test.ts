import { spawnSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { openAccessLog } from '../../../src/observe/access-log/access-log.ts';
import { openFileDestination, stdoutDestination } from '../../../src/observe/access-log/destination.ts';
import type { Log, LogFields } from '../../../src/observe/types.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { waitFor } from '../../support/wait-for.ts';

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-access-log-'));
  freeAfter(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function keptLog(): { log: Log; said: string[] } {
  const said: string[] = [];
  const say = (message: string, _fields?: LogFields): void => {
    said.push(message);
  };
  return { log: { error: say, warn: say, info: say, debug: say }, said };
}

/** A named pipe with a reader that reads when it is told. */
function startPipe() {
  const path = join(temporaryDirectory(), 'pipe');
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(1024 * 1024);
  return {
    path,
    read: (): string => {
      try {
        return buffer.toString('latin1', 0, readSync(reader, buffer));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return '';
        throw error;
      }
    },
  };
}

it('does not wait for ever for the reader of a named pipe: it says that there is none', async () => {
  const path = join(temporaryDirectory(), 'pipe');
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  const failed = await openFileDestination(path).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 'MCMP_ACCESS_LOG', hint: expect.stringContaining('reader') });
});

it('loses lines, and nothing else, while the reader of a pipe stands still, and goes on when it reads again', async () => {
  const pipe = startPipe();
  const { log, said } = keptLog();
  const settings = {
    file: pipe.path,
    format: 'combined',
    log,
    stdout: process.stdout,
    mostWaitingBytes: 64 * 1024,
  } as const;
  const accessLog = await openAccessLog(settings);
  accessLog.entry.client = '192.0.2.7';
  for (let i = 0; i < 5_000; i++) {
    accessLog.entry.attempts = i;
    accessLog.write();
  }
  expect(accessLog.lostLines).toBeGreaterThan(0);
  let read = '';
  await waitFor(() => {
    accessLog.flush();
    read += pipe.read();
    return said.includes('The access log is written again');
  });
  accessLog.entry.attempts = 9_999;
  accessLog.write();
  await accessLog.close();
  read += pipe.read();
  const numbers = read
    .split('\n')
    .slice(0, -1)
    .map((line) => Number(/ attempts=(\d+) .* first-byte=-$/.exec(line)?.[1]));
  expect(numbers).toEqual([...Array(5_000 - accessLog.lostLines).keys(), 9_999]);
});

it('writes to a stream that is no file as it takes it, and hears of its failure', async () => {
  const stream = new PassThrough();
  const destination = stdoutDestination(stream);
  await new Promise<void>((resolve) => destination.write(Buffer.from('one\n'), () => resolve()));
  expect(stream.read().toString()).toBe('one\n');
  stream.on('error', () => {});
  stream.destroy(new Error('the reader has gone'));
  const error = await new Promise((resolve) => destination.write(Buffer.from('two\n'), resolve));
  expect(error).toBeInstanceOf(Error);
});

it('appends to what is there', async () => {
  const file = join(temporaryDirectory(), 'access.log');
  for (const line of ['one\n', 'two\n']) {
    const destination = await openFileDestination(file);
    await new Promise<void>((resolve) => destination.write(Buffer.from(line), () => resolve()));
    await destination.close();
  }
  expect(readFileSync(file, 'latin1')).toBe('one\ntwo\n');
});
