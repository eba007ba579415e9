import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type ProcessSignals, processSignals } from '../../src/cli/signals.ts';

function takenOver(): { send: (name: string, atMs: number) => void; log: string[] } {
  const log: string[] = [];
  let timeMs = 0;
  const events = new EventEmitter();
  const target = { on: events.on.bind(events), exit: (code: number) => log.push(`exit ${code}`) };
  const stop = processSignals(target, () => timeMs).takeOver({
    onSecond: () => log.push('at once'),
    onHangup: () => log.push('reload'),
  });
  stop.addEventListener('abort', () => log.push(`stop by ${stop.reason}`));
  const send = (name: string, atMs: number): void => {
    timeMs = atMs;
    events.emit(name);
  };
  return { send, log };
}

describe('signals of a process that takes them over', () => {
  it.each([
    ['the first one asks politely', [['SIGTERM', 0]], ['stop by SIGTERM']],
    [
      'a second one ends at once',
      [
        ['SIGTERM', 0],
        ['SIGTERM', 1_000],
      ],
      ['stop by SIGTERM', 'at once', 'exit 143'],
    ],
    [
      'another one does so without a pause',
      [
        ['SIGINT', 0],
        ['SIGTERM', 1],
      ],
      ['stop by SIGINT', 'at once', 'exit 143'],
    ],
    [
      'one key press that arrives twice is one',
      [
        ['SIGINT', 0],
        ['SIGINT', 5],
      ],
      ['stop by SIGINT'],
    ],
    [
      'a second press counts',
      [
        ['SIGINT', 0],
        ['SIGINT', 5],
        ['SIGINT', 900],
      ],
      ['stop by SIGINT', 'at once', 'exit 130'],
    ],
    [
      'a hang-up stops nothing',
      [
        ['SIGHUP', 0],
        ['SIGHUP', 1],
        ['SIGINT', 2],
      ],
      ['reload', 'reload', 'stop by SIGINT'],
    ],
  ] as const)('%s', (_, sent, expected) => {
    const { send, log } = takenOver();
    for (const [name, atMs] of sent) send(name, atMs);
    expect(log).toEqual(expected);
  });
});

describe('the reader of stdout goes away', () => {
  function gone(): { signals: ProcessSignals; exits: number[] } {
    const exits: number[] = [];
    const signals = processSignals({ on: () => undefined, exit: (code) => exits.push(code) });
    return { signals, exits };
  }

  it('ends a program that takes no signals over: it had what it wanted', () => {
    const { signals, exits } = gone();
    signals.readerGone();
    expect(exits).toEqual([0]);
  });

  it('is a wish to stop for one that does, and no second one', () => {
    const { signals, exits } = gone();
    const stop = signals.takeOver();
    signals.readerGone();
    signals.readerGone();
    expect([stop.aborted, stop.reason, exits]).toEqual([true, 'SIGPIPE', []]);
  });
});
