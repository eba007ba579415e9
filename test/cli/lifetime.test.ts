import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import type { CommandContext } from '../../src/cli/command.ts';
import { runUntilStopped } from '../../src/cli/lifetime.ts';

it('a service that is told to stop while it starts is closed politely as soon as it has started', async () => {
  const happened: string[] = [];
  const stop = new AbortController();
  let taken = false;
  const silent = (): void => {};
  const log = { error: silent, warn: silent, info: silent, debug: silent };
  const out = {
    ...{ isTerminal: false, columns: 80, line: silent, write: silent, json: silent },
    flushed: () => Promise.resolve(),
  };
  const progress = { show: silent, hide: silent, clear: silent };
  const context: CommandContext = {
    ...{ json: false, out, log, progress, notice: silent, style: new Chalk({ level: 0 }) },
    signals: {
      takeOver: () => {
        taken = true;
        return stop.signal;
      },
    },
  };
  await runUntilStopped(
    context,
    async () => {
      happened.push(taken ? 'starts, signals taken over' : 'starts');
      stop.abort('SIGTERM');
      await Promise.resolve();
      return {
        close: async () => {
          happened.push('closed');
        },
        closeNow: () => happened.push('cut off'),
      };
    },
    { onReady: () => happened.push('ready'), onReload: silent },
  );
  expect(happened).toEqual(['starts, signals taken over', 'ready', 'closed']);
});
