import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.ts';
import { parseLoad } from '../../../src/node/load/parse-load.ts';
import { LOADS } from '../../../src/node/load/table.ts';
import { freeAfter } from '../../support/cleanup.ts';

function fileWith(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcmp-load-'));
  freeAfter(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'loads.txt');
  writeFileSync(file, content);
  return file;
}

const USUAL = { history: 9, decay: 2, initial: 0 };

describe('the words for a load', () => {
  it.each([
    ['100', { kind: 'fixed', load: 100 }],
    ['-1', { kind: 'fixed', load: -1 }],
    [' 0 ', { kind: 'fixed', load: 0, text: '0' }],
    ['cpu', { kind: 'cpu', smoothing: USUAL }],
    ['cpu,initial=off', { kind: 'cpu', smoothing: { ...USUAL, initial: undefined } }],
    ['busy', { kind: 'busy', capacity: 200, smoothing: USUAL }],
    ['busy:50', { kind: 'busy', capacity: 50, smoothing: USUAL }],
    ['busy,history=0', { kind: 'busy', capacity: 200, smoothing: { ...USUAL, history: 0 } }],
    [
      'busy:0.5,decay=1.5,initial=50',
      { kind: 'busy', capacity: 0.5, smoothing: { ...USUAL, decay: 1.5, initial: 50 } },
    ],
    ['requests:500', { kind: 'requests', capacity: 500, smoothing: USUAL }],
    ['sine:30,90,60s', { kind: 'sine', min: 30, max: 90, periodMs: 60_000 }],
    ['sine: 0, 0, 500ms', { kind: 'sine', min: 0, max: 0, periodMs: 500 }],
    ['cmd:echo 5, 6: 7', { kind: 'cmd', command: 'echo 5, 6: 7' }],
  ])('%s is understood', (text, expected) => {
    expect(parseLoad(text)).toEqual({ text, ...expected });
  });

  it.each([
    ['', 'expected a number'],
    ['101', 'expected a number'],
    ['-2', 'expected a number'],
    ['1.5', 'expected a number'],
    ['fixed', 'expected a number'],
    ['buzy', 'did you mean busy?'],
    ['constructor', 'expected a number'],
    ['cpu:3', 'options behind a comma'],
    ['cpu,', 'expected an option'],
    ['cpu,initial', 'initial=LOAD|off'],
    ['cpu,initial=101', 'from 0 to 100'],
    ['cpu,history=1.5', 'whole number'],
    ['cpu,history=off', 'whole number'],
    ['cpu,decay=0.5', 'from 1 to 1000'],
    ['cpu,decay=2,decay=3', 'once'],
    ['cpu,toString=1', 'expected an option'],
    ['busy:0', 'capacity above 0'],
    ['busy:many', 'capacity above 0'],
    ['sine:30,90', 'expected a duration'],
    ['sine:90,30,60s', 'the smaller one first'],
    ['sine:-1,30,60s', 'from 0 to 100'],
    ['sine:1,2,3s,4', 'from 0 to 100'],
    ['sine:1,2,0', 'at least 1ms'],
    ['replay:', 'name of a file'],
    ['replay:/nowhere/at/all', 'cannot be read'],
    ['replay:/dev/zero', 'is no file'],
    ['cmd:', 'expected a command'],
    ['cmd', 'expected a command'],
  ])('%s is refused: %s', (text, words) => {
    let said: unknown;
    try {
      parseLoad(text);
    } catch (error) {
      said = error;
    }
    expect(said).toBeInstanceOf(UsageError);
    if (!(said instanceof UsageError)) return;
    expect(said.message).toContain(words);
    const kind = Object.entries(LOADS).find(([name]) => name !== 'fixed' && text.startsWith(name));
    expect(said.hint).toContain(`The form${kind === undefined ? 's are' : ' is'}`);
    expect(said.hint).toContain(kind?.[1].form ?? LOADS.cpu.form);
    // What is printed behind `mcmp:` is one line: line feeds would be escaped there.
    expect(said.hint).not.toContain('\n');
  });

  it.each(Object.entries(LOADS).filter(([kind]) => kind !== 'replay'))(
    'has an example of %s that is one',
    (kind, row) => {
      expect(parseLoad(row.example).kind).toBe(kind);
      expect(row.describe).not.toMatch(/\.$|^[A-Z]/);
    },
  );

  it.each(['cmd:touch x', `replay:${import.meta.filename}`])(
    'does not let strangers reach into the host: %s',
    (text) => {
      expect(() => parseLoad(text, { hostAccess: false })).toThrow('is not taken from here');
      expect(parseLoad('cpu', { hostAccess: false }).kind).toBe('cpu');
    },
  );

  it('never fails otherwise than with a UsageError', () => {
    const piece = fc.constantFrom(
      'cpu',
      'busy',
      'sine',
      'cmd',
      ':',
      ',',
      '=',
      'initial',
      'off',
      '1',
      '-1',
      '60s',
      ' ',
      'é',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          parseLoad(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});

describe('a replay file', () => {
  it.each([
    ['10\n\n  20 # words\n# more\n-1\r\n', [[10], [20], [-1]]],
    [
      '0 10\n10s 20\n1m 0\n',
      [
        [10, 0],
        [20, 10_000],
        [0, 60_000],
      ],
    ],
  ])('is read: %j', (content, expected) => {
    const steps = expected.map(([load, fromMs]) => ({ load, fromMs }));
    expect(parseLoad(`replay:${fileWith(content)}`)).toMatchObject({ kind: 'replay', steps });
  });

  it.each([
    ['# nothing\n', 'no load in it'],
    ['10\n101\n', 'line 2: expected LOAD or TIME LOAD'],
    ['0 10 20\n', 'line 1: expected LOAD or TIME LOAD'],
    ['0 10\nsoon 20\n', 'line 2: expected a duration'],
    ['0 10\n20\n', 'line 2: either all lines have a time, or none'],
    ['10\n5 20\n', 'line 2: either all lines have a time, or none'],
    ['1s 10\n', 'line 1: the first time is 0'],
    ['0 10\n5 20\n5 30\n', 'line 3: times must grow'],
    ['1\n'.repeat(100_001), 'more than 100000 loads'],
  ])('is refused: %#', (content, words) => {
    expect(() => parseLoad(`replay:${fileWith(content)}`)).toThrow(words);
  });
});
