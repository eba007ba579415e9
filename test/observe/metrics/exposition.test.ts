import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createExposition,
  formatFor,
  labelText,
  MOST_LABEL_CHARACTERS,
  OTHERS,
  wordLabel,
} from '../../../src/observe/metrics/index.ts';
import { readExposition, sampleValue } from './read-exposition.ts';

const RUNS = { seed: 6, numRuns: 400 };

/** What peers may call themselves: bytes that mean something to the format, to escapes, and to UTF-8. */
const hostileBytes = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 }).map((bytes) => String.fromCharCode(...bytes)),
  fc
    .array(
      fc.constantFrom(
        ...[
          '\\',
          '"',
          '\n',
          '\r',
          '\0',
          '{',
          '}',
          ',',
          '=',
          '(others)',
          '\\x28',
          '\\...',
          'é',
          'Ã©',
          '\u0085',
          '\xe2\x80\xae',
          'a',
        ],
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('n', '\\', 'é', '\xf0\x9f\x98\x80', '\x00'), fc.integer({ min: 195, max: 205 }))
    .map(([part, times]) => part.repeat(times)),
);

/** A label value as a reader of the text sees it. */
function seen(bytes: string): string {
  const exposition = createExposition();
  exposition.add('mcmp_node_load', { node: labelText(bytes) }, 1);
  const [sample] = readExposition(exposition.text('prometheus')).get('mcmp_node_load')?.samples ?? [];
  return sample?.labels.get('node') ?? 'nothing';
}

/** The bytes that an uncut value says. */
function bytesSaid(value: string): string {
  const parts = value.split(/\\x([0-9A-F]{2})/);
  return parts
    .map((part, index) =>
      index % 2 === 0 ? Buffer.from(part, 'utf8').toString('latin1') : String.fromCharCode(parseInt(part, 16)),
    )
    .join('');
}

describe('names of peers as label values', () => {
  it('are read back as the bytes that they were, as long as they are not cut', () => {
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        const value = seen(bytes);
        if (value.includes('\\...')) expect(value.length).toBeLessThanOrEqual(MOST_LABEL_CHARACTERS);
        else expect(bytesSaid(value)).toBe(bytes);
      }),
      RUNS,
    );
  });

  it('are never the same for two names, nor that of the others', () => {
    fc.assert(
      fc.property(hostileBytes, hostileBytes, (one, other) => {
        fc.pre(one !== other);
        expect(seen(one)).not.toBe(seen(other));
        expect(seen(one)).not.toBe(OTHERS);
      }),
      RUNS,
    );
  });

  it('hold nothing that would move a terminal, and at most 200 characters', () => {
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        const value = seen(bytes);
        expect(value).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(value.length).toBeLessThanOrEqual(MOST_LABEL_CHARACTERS);
      }),
      RUNS,
    );
  });

  it.each([
    ['node1', 'node1'],
    ['Caf\xc3\xa9', 'Café'],
    ['Caf\xe9', 'Caf\\xE9'],
    ['(others)', '\\x28others)'],
    ['a(b)', 'a(b)'],
    ['C:\\x', 'C:\\x5Cx'],
    ['two\nlines', 'two\\x0Alines'],
    ['say "hi"', 'say "hi"'],
    ['', ''],
  ])('%j is shown as %s', (bytes, shown) => {
    expect(seen(bytes)).toBe(shown);
  });

  it('that are cut the same are told apart by a digest, which nobody can take as a name', () => {
    const long = 'x'.repeat(300);
    const cut = seen(`${long}1`);
    expect(cut).toMatch(/^x+\\\.\.\.[0-9a-f]{32}$/);
    expect(cut).toHaveLength(MOST_LABEL_CHARACTERS);
    expect(seen(`${long}2`)).not.toBe(cut);
    expect(seen(cut)).not.toBe(cut);
  });
});

describe('the text', () => {
  it('says the numbers that went in', () => {
    const number = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0, 1e21, 5e-324, 2 ** 53),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(hostileBytes, { minLength: 1, maxLength: 8 }),
        fc.array(number, { minLength: 8, maxLength: 8 }),
        (names, values) => {
          const exposition = createExposition();
          names.forEach((name, index) => {
            exposition.add('mcmp_node_load', { node: labelText(name) }, values[index] ?? 0);
          });
          const samples = readExposition(exposition.text('prometheus')).get('mcmp_node_load')?.samples ?? [];
          // The format has no negative zero.
          expect(samples.map(({ value }) => value + 0)).toEqual(names.map((_, index) => (values[index] ?? 0) + 0));
        },
      ),
      RUNS,
    );
  });

  it('counts the buckets of a histogram up, with sum and number', () => {
    const exposition = createExposition();
    const buckets = [2, 0, 1, 3];
    exposition.histogram('mcmp_request_duration_seconds', {}, { bounds: [0.005, 1, 10], buckets, sum: 40.5 });
    buckets[0] = 100;
    const read = readExposition(exposition.text('prometheus'));
    const of = (le: string) => sampleValue(read, 'mcmp_request_duration_seconds_bucket', { le });
    expect([of('0.005'), of('1.0'), of('10.0'), of('+Inf')]).toEqual([2, 2, 3, 6]);
    expect(sampleValue(read, 'mcmp_request_duration_seconds_sum')).toBe(40.5);
    expect(sampleValue(read, 'mcmp_request_duration_seconds_count')).toBe(6);
    expect(exposition.lines).toBe(6);
  });

  it('comes in the order of the table, whatever order the readings came in, each metric together', () => {
    const exposition = createExposition();
    exposition.under(wordLabel('http://a')).add('mcmp_node_load', { node: labelText('n') }, 1);
    exposition.add('mcmp_target_up', { target: wordLabel('http://a') }, 1);
    exposition.under(wordLabel('http://b')).add('mcmp_node_load', { node: labelText('n') }, 2);
    exposition.add('mcmp_bad_requests_total', {}, 3);
    const read = readExposition(exposition.text('prometheus'));
    expect([...read.keys()]).toEqual(['mcmp_bad_requests_total', 'mcmp_node_load', 'mcmp_target_up']);
    expect(sampleValue(read, 'mcmp_node_load', { target: 'http://b', node: 'n' })).toBe(2);
  });

  it('is the same in pieces, each of whole lines', () => {
    const exposition = createExposition();
    for (let node = 0; node < 2000; node++) exposition.add('mcmp_node_load', { node: labelText(`n${node}`) }, node);
    const pieces = [...exposition.pieces('prometheus')];
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.filter((piece) => !piece.endsWith('\n'))).toEqual([]);
    expect(readExposition(pieces.join('')).get('mcmp_node_load')?.samples).toHaveLength(2000);
    expect(exposition.text('prometheus')).toBe(pieces.join(''));
  });

  it('as OpenMetrics has units, counters without their suffix in the heading, and an end', () => {
    const exposition = createExposition();
    exposition.add('process_cpu_seconds_total', {}, 1.5);
    exposition.add('mcmp_node_up', { node: labelText('n') }, 1);
    expect(exposition.text('openmetrics')).toBe(
      [
        '# TYPE mcmp_node_up gauge',
        '# HELP mcmp_node_up Whether the node may be given requests: 1 or 0.',
        'mcmp_node_up{node="n"} 1',
        '# TYPE process_cpu_seconds counter',
        '# UNIT process_cpu_seconds seconds',
        '# HELP process_cpu_seconds CPU time of the process, in user and in system mode.',
        'process_cpu_seconds_total 1.5',
        '# EOF',
        '',
      ].join('\n'),
    );
  });
});

describe('Accept', () => {
  it.each([
    ['', 'prometheus'],
    ['*/*', 'prometheus'],
    ['text/plain;version=0.0.4', 'prometheus'],
    ['application/openmetrics-text', 'openmetrics'],
    [
      'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      'openmetrics',
    ],
    ['text/plain;q=1, application/openmetrics-text;q=0.9', 'prometheus'],
    ['application/openmetrics-text;q=0', 'prometheus'],
    ['text/html,application/xhtml+xml', 'prometheus'],
  ])('%j means %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });
});
