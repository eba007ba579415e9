import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIRST_VERDICT, type Health, nextVerdict, type Verdict } from '../../../src/node/sidecar/probe-verdict.ts';
import { isInRange, parseStatusRange } from '../../../src/node/sidecar/status-range.ts';

/** Health after each probe of a row of good (+) and bad (-) ones. */
function healths(probes: string, rules = { fall: 3, rise: 2 }): Health[] {
  const seen: Health[] = [];
  let verdict: Verdict = FIRST_VERDICT;
  for (const probe of probes) {
    verdict = nextVerdict(verdict, probe === '+' ? 'good' : 'bad', rules);
    seen.push(verdict.health);
  }
  return seen;
}

describe('what is believed of an application', () => {
  test.each([
    [
      'it is starting until the first good probe, however long that takes',
      '-----+',
      'starting starting starting starting starting well',
    ],
    ['fall bad probes in a row make it sick, not fewer', '+--+---', 'well well well well well well sick'],
    ['rise good probes in a row make it well again, not fewer', '+---+-++', 'well well well sick sick sick sick well'],
    ['a sick one never is starting again', '+-----', 'well well well sick sick sick'],
  ])('%s', (_, probes, expected) => {
    expect(healths(probes).join(' ')).toBe(expected);
  });

  test('with a fall and a rise of 1 it is what the last probe said', () => {
    expect(healths('-+-+', { fall: 1, rise: 1 })).toEqual(['starting', 'well', 'sick', 'well']);
  });

  test('health changes only when as many results as the rules ask for, all alike, stand at the end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('+', '-'), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (probes, fall, rise) => {
          const seen = healths(probes.join(''), { fall, rise });
          for (const [index, health] of seen.entries()) {
            const before = seen[index - 1] ?? 'starting';
            const since = seen.lastIndexOf(before === 'well' ? 'sick' : 'well', index - 1);
            const all = (kind: string, count: number): boolean =>
              index - since >= count && probes.slice(index + 1 - count, index + 1).every((probe) => probe === kind);
            if (before === 'starting') expect(health).toBe(probes[index] === '+' ? 'well' : 'starting');
            else if (before === 'well') expect(health === 'sick').toBe(all('-', fall));
            else expect(health === 'well').toBe(all('+', rise));
          }
        },
      ),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe('the answers that are good', () => {
  test.each([
    ['200-399', [200, 302, 399], [199, 400, 503]],
    ['200', [200], [201]],
    ['200-399,404', [200, 404], [403, 405]],
    [' 204 , 301-302 ', [204, 301, 302], [200, 303]],
    ['100-999', [100, 999], [99]],
  ])('%s', (text, good, bad) => {
    const range = parseStatusRange(text);
    expect([...good, ...bad].filter((status) => isInRange(status, range))).toEqual(good);
  });

  test.each(['', '20', '2000', '399-200', '200-', '-399', '200,,404', '2xx', '200 399', '0x1-399', '200-300-400'])(
    '%j is refused by name',
    (text) => {
      expect(() => parseStatusRange(text)).toThrow(/is no status code and no range/);
    },
  );

  test('is written and read alike', () => {
    const part = fc
      .tuple(fc.integer({ min: 100, max: 999 }), fc.integer({ min: 100, max: 999 }))
      .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (range) => {
        expect(parseStatusRange(range.map((pair) => pair.join('-')).join(','))).toEqual(range);
      }),
      { seed: 4 },
    );
  });
});
