import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AccessEntry, createAccessEntry } from '../../../src/observe/access-log/entry.ts';
import { combinedLines, jsonLines } from '../../../src/observe/access-log/lines.ts';
import { isoTimes, millisecondsText } from '../../../src/observe/access-log/values.ts';

const DOCUMENT = readFileSync(new URL('../../../docs/access-log.md', import.meta.url), 'utf8');

const EXAMPLE: AccessEntry = {
  startedAtMs: Date.UTC(2026, 10, 22, 11, 30, 0, 123) + 0.4,
  client: '192.0.2.7',
  forwardedFor: '',
  method: 'GET',
  target: '/shop/cart?item=1',
  version: '1.1',
  host: 'www.example.com',
  status: 200,
  complete: true,
  sentBytes: 5120,
  receivedBytes: 0,
  referer: 'https://www.example.com/',
  userAgent: 'Mozilla/5.0',
  route: 'node1',
  context: '/shop',
  code: 'sticky',
  attempts: 1,
  session: 'hit',
  totalMs: 12.3453,
  sentAfterMs: 0.214,
  firstByteAfterMs: 11.987,
};

function exampleOf(format: string): string {
  return new RegExp(`<!-- example: ${format} -->\\n\`\`\`[a-z]*\\n(.*\\n)\`\`\``).exec(DOCUMENT)?.[1] ?? '';
}

/** First cells of the table that begins with such a head, without the backquotes. */
function columnOf(head: string, column: number): string[] {
  const table = DOCUMENT.slice(DOCUMENT.indexOf(head)).split('\n\n')[0] ?? '';
  const rows = table.split('\n').slice(2);
  return rows.map((row) => (row.split('|')[column] ?? '').trim().replace(/`/g, ''));
}

describe('the document', () => {
  it('shows a JSON line as it is written', () => {
    expect(jsonLines()(EXAMPLE)).toBe(exampleOf('json'));
  });

  it('shows a combined line as it is written', () => {
    expect(combinedLines()(EXAMPLE)).toBe(exampleOf('combined'));
  });

  it('describes each name of a line, in the order of the line', () => {
    expect(columnOf('| JSON | combined |', 1)).toEqual(Object.keys(JSON.parse(jsonLines()(EXAMPLE))));
    const line = combinedLines()(EXAMPLE);
    const fields = [...line.matchAll(/ ([a-z-]+)=/g)].map((match) => match[1] ?? '');
    expect(
      columnOf('| JSON | combined |', 2)
        .filter((cell) => fields.includes(cell))
        .sort(),
    ).toEqual(fields.sort());
  });
});

it('says in each format what is not known', () => {
  const nothing = { ...createAccessEntry(), client: '192.0.2.7', status: 400, code: 'HTTP_METHOD', complete: true };
  expect(JSON.parse(jsonLines()(nothing))).toMatchObject({ method: null, target: null, route: null, totalMs: null });
  expect(combinedLines()(nothing)).toBe(
    '192.0.2.7 - - [01/Jan/1970:00:00:00 +0000] "-" 400 0 "-" "-" for="-" host="-" route="-" context="-" ' +
      'code=HTTP_METHOD attempts=0 session=- complete=yes received=0 total=- sent=- first-byte=-\n',
  );
  expect(JSON.parse(jsonLines()({ ...EXAMPLE, status: 0 }))).toMatchObject({ status: null });
  expect(combinedLines()({ ...EXAMPLE, status: 0 })).toContain('HTTP/1.1" 000 5120');
});

it('prints what a node or client is called now, not what it was called in the line before', () => {
  for (const make of [jsonLines, combinedLines]) {
    const line = make();
    for (const name of ['host', 'route', 'context', 'userAgent', 'method'] as const) {
      expect(line({ ...EXAMPLE, [name]: 'one' })).toContain('one');
      expect(line({ ...EXAMPLE, [name]: 'two' })).not.toContain('one');
      expect(line({ ...EXAMPLE, [name]: '' })).not.toContain('two');
      expect(line({ ...EXAMPLE, [name]: 'one' })).toContain('one');
    }
  }
});

it.each([
  [0, '0.000'],
  [0.0004, '0.000'],
  [0.0006, '0.001'],
  [0.9999, '1.000'],
  [12.3453, '12.345'],
  [999.9996, '1000.000'],
  [86_400_000.5, '86400000.500'],
  [-1, 'unknown'],
])('prints %s ms as %s', (ms, text) => {
  expect(millisecondsText(ms, 'unknown')).toBe(text);
});

it('prints times that go back and forth', () => {
  const print = isoTimes();
  const times = [1_700_000_000_999.9, 1_700_000_001_000, 1_700_000_000_001.2, 1_700_000_060_042];
  expect(times.map((ms) => print(ms))).toEqual(times.map((ms) => new Date(Math.floor(ms)).toISOString()));
});
