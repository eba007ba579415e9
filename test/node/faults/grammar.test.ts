import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.ts';
import { FAULT_GRAMMAR, parseFault, printFault } from '../../../src/node/faults/grammar.ts';
import { FAULTS, type FaultName, faultRow } from '../../../src/node/faults/table.ts';
import type { FaultSpec } from '../../../src/node/faults/types.ts';

const FOR_GOOD = Number.POSITIVE_INFINITY;

describe('a fault as text', () => {
  it.each<[string, Omit<FaultSpec, 'text'>]>([
    ['hang', { fault: 'hang', chance: 1, nodes: [] }],
    ['HANG', { fault: 'hang', chance: 1, nodes: [] }],
    ['hang@30s..45s', { fault: 'hang', chance: 1, window: { fromMs: 30_000, untilMs: 45_000 }, nodes: [] }],
    ['hang@30s..', { fault: 'hang', chance: 1, window: { fromMs: 30_000, untilMs: FOR_GOOD }, nodes: [] }],
    ['refuse@..1m@node*', { fault: 'refuse', chance: 1, window: { fromMs: 0, untilMs: 60_000 }, nodes: ['node*'] }],
    ['hang@5..10', { fault: 'hang', chance: 1, window: { fromMs: 5000, untilMs: 10_000 }, nodes: [] }],
    ['reset:0.05', { fault: 'reset', chance: 0.05, nodes: [] }],
    ['reset:.5', { fault: 'reset', chance: 0.5, nodes: [] }],
    ['reset:1', { fault: 'reset', chance: 1, nodes: [] }],
    ['half-close:7%', { fault: 'half-close', chance: 0.07, nodes: [] }],
    ['error', { fault: 'error', chance: 1, amount: 500, nodes: [] }],
    ['error:503,10%', { fault: 'error', chance: 0.1, amount: 503, nodes: [] }],
    ['error:10%,503', { fault: 'error', chance: 0.1, amount: 503, nodes: [] }],
    ['error:0.1', { fault: 'error', chance: 0.1, amount: 500, nodes: [] }],
    ['latency:300', { fault: 'latency', chance: 1, amount: 300, nodes: [] }],
    ['latency:200ms±50ms@node2', { fault: 'latency', chance: 1, amount: 200, spread: 50, nodes: ['node2'] }],
    ['latency:200ms+-50ms', { fault: 'latency', chance: 1, amount: 200, spread: 50, nodes: [] }],
    ['latency:1s+/-50ms', { fault: 'latency', chance: 1, amount: 1000, spread: 50, nodes: [] }],
    ['bandwidth:64KiB/s', { fault: 'bandwidth', chance: 1, amount: 65_536, nodes: [] }],
    ['reset-after:0', { fault: 'reset-after', chance: 1, amount: 0, nodes: [] }],
    ['close@a@b', { fault: 'close', chance: 1, nodes: ['a', 'b'] }],
    [' close ', { fault: 'close', chance: 1, nodes: [] }],
  ])('%j is understood', (text, spec) => {
    expect(parseFault(text)).toEqual({ ...spec, text: text.trim() });
  });

  it.each<[string, string, string]>([
    ['', 'a fault has a name', 'The faults: refuse'],
    ['latncy:200ms', 'no fault "latncy"', 'Did you mean latency? For example: latency:'],
    ['__proto__', 'no fault', 'The faults: refuse'],
    ['reset:', 'a part is empty', 'reset:0.05'],
    ['reset:0.1,', 'a part is empty', 'reset:0.05'],
    ['reset:0', 'chance 0 is not between', 'reset:0.05'],
    ['reset:5', '5% is 0.05', 'reset:0.05'],
    ['reset:101%', 'chance 101% is not between', 'reset:0.05'],
    ['reset:0.1,0.2', 'two chances', 'reset:0.05'],
    ['reset:often', 'often is not a chance', 'reset:0.05'],
    ['refuse:10%', 'refuse is on or off', 'refuse@30s..45s'],
    ['error:1', '1 is not between 400 and 599', 'a status from 400 to 599'],
    ['error:500,503', 'two amounts', 'error:503,10%'],
    ['error:500±3', 'cannot have a spread', 'error:503,10%'],
    ['latency:soon', 'soon is not a time', 'a bare number is ms'],
    ['latency:0s', '0s is not between 1ms', 'latency:'],
    ['latency:100ms±200ms', 'leads below 1ms', 'latency:'],
    ['latency:100ms±', 'the spread  is not a time', 'latency:'],
    ['latency:1s±1ms±1ms', 'more than one spread', 'latency:'],
    ['hang@30s', '@30s.. begins then, @..30s ends then', 'hang@30s..45s'],
    ['hang@..', 'begins or ends somewhere', 'hang@30s..45s'],
    ['hang@45s..30s', 'ends before it begins', 'hang@30s..45s'],
    ['hang@now..', 'now is not a time', 'hang@30s..45s'],
    ['hang@1s..2s@3s..4s', 'two windows', 'hang@30s..45s'],
    ['hang@', '"" is not a route', 'hang@30s..45s'],
    ['hang@node1,node2', 'several nodes are @node1@node2', 'hang@30s..45s'],
    [`hang@${'x'.repeat(1000)}`, 'longer than 1000', 'NAME[:PART[,PART]]'],
  ])('%j is refused with its mistake and an example', (text, message, hint) => {
    const parse = (): FaultSpec => parseFault(text);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(
      expect.objectContaining({
        code: 'MCMP_FAULT',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
  });

  it.each(FAULT_GRAMMAR.examples)('the example %j of the help is understood', (text) => {
    expect(parseFault(text).text).toBe(text);
  });
});

const names = Object.keys(FAULTS) as FaultName[];
const node = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_*-]{0,8}$/);
const MINUTE_MS = 60_000;

/** Any fault that can be written. */
const faults: fc.Arbitrary<Omit<FaultSpec, 'text'>> = fc.constantFrom(...names).chain((fault) => {
  const row = faultRow(fault);
  const amount = row.amount === 'status' ? { min: 400, max: 599 } : { min: 1000, max: 100_000 };
  return fc.record(
    {
      fault: fc.constant(fault),
      chance:
        row.lasts === true ? fc.constant(1) : fc.integer({ min: 1, max: 1_000_000 }).map((ppm) => ppm / 1_000_000),
      ...(row.amount === 'none' ? {} : { amount: fc.integer(amount) }),
      ...(row.amount === 'none' || row.amount === 'status' ? {} : { spread: fc.integer({ min: 1, max: 999 }) }),
      window: fc
        .tuple(fc.integer({ min: 0, max: MINUTE_MS }), fc.option(fc.integer({ min: 1, max: MINUTE_MS })))
        .map(([fromMs, lengthMs]) => ({ fromMs, untilMs: lengthMs === null ? FOR_GOOD : fromMs + lengthMs })),
      nodes: fc.array(node, { maxLength: 3 }),
    },
    { requiredKeys: row.amount === 'none' ? ['fault', 'chance', 'nodes'] : ['fault', 'chance', 'amount', 'nodes'] },
  ) as fc.Arbitrary<Omit<FaultSpec, 'text'>>;
});

it('what is printed is read as the same fault', () => {
  fc.assert(
    fc.property(faults, (fault) => {
      const text = printFault({ ...fault, text: '' });
      expect(parseFault(text)).toEqual({ ...fault, text });
    }),
    { seed: 47, numRuns: 300 },
  );
});

it('any text is read or refused with a usage error', () => {
  const pieces = fc.constantFrom(
    'reset',
    'latency',
    ':',
    ',',
    '@',
    '..',
    '±',
    '+-',
    '%',
    '0.',
    '5',
    's',
    '*',
    ' ',
    'é',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (words) => {
      try {
        expect(parseFault(printFault(parseFault(words.join(''))))).toBeDefined();
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }),
    { seed: 48, numRuns: 500 },
  );
});
