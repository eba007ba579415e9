import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/core/mcmp/bytes.ts';
import { type AccessEntry, createAccessEntry } from '../../src/observe/access-log/entry.ts';
import { combinedLines, jsonLines } from '../../src/observe/access-log/lines.ts';
import { MOST_CHARACTERS } from '../../src/observe/access-log/values.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startNode } from '../support/node-server.ts';
import { talk } from '../support/raw-http.ts';

/** The strings of an entry that a client or a node chooses. */
const FOREIGN = ['method', 'target', 'host', 'referer', 'userAgent', 'forwardedFor', 'route', 'context'] as const;

/** One line of printable ASCII. */
const HARMLESS_LINE = /^[ -~]+\n$/;

function entryWith(name: (typeof FOREIGN)[number], value: string): AccessEntry {
  return {
    ...createAccessEntry(),
    client: '192.0.2.7',
    method: 'GET',
    target: '/',
    version: '1.1',
    code: 'elected',
    [name]: value,
  };
}

/** Takes a combined line apart as log readers do: no quote stands within quotes. */
const COMBINED =
  /^\S+ - - \[[^\]]+\] "([^"]*)" \d{3} \d+ "([^"]*)" "([^"]*)" for="([^"]*)" host="([^"]*)" route="([^"]*)" context="([^"]*)" code=elected attempts=0 session=- complete=no received=0 total=- sent=- first-byte=-\n$/;

const UTF8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe.each([
  ['CVE-2003-0020: an escape sequence that clears the screen', '\x1b[2J\x1b[1;1H'],
  ['CVE-2003-0083: an escape sequence that names the window', '\x1b]0;owned\x07'],
  ['CVE-2013-1862: a terminal command in the middle of a value', 'a\x1bP$q\x1b\\b'],
  ['CVE-2009-4487: a bare C1 control sequence introducer', '\x9b31m'],
  ['a line of the attacker’s own', '/\r\n192.0.2.1 - - [22/Nov/2026:11:30:00 +0000] "GET / HTTP/1.1" 200 0'],
  ['a line of JSON of the attacker’s own', '"}\n{"time":"2026-11-22T11:30:00.123Z","client":"192.0.2.1"'],
  ['the end of the quoted value', '" code=sticky route="node9'],
  ['a backslash before the quote', 'x\\'],
  ['an escape that the reader might undo', '\\x22 \\u0022 %22'],
  ['NUL and DEL', 'a\x00b\x7f'],
  ['line separators of Unicode', UTF8('a\u2028b\u2029c\u0085d')],
  ['a text that is turned around', UTF8('\u202egnp.exe\u2066')],
  ['bytes that are no UTF-8', '\xc3\x28\xff\xfe'],
])('%s', (_what, value) => {
  it.each(FOREIGN)('is harmless as %s, in both formats', (name) => {
    const entry = entryWith(name, value);
    const json = jsonLines()(entry);
    expect(json).toMatch(HARMLESS_LINE);
    expect(JSON.parse(json)).toMatchObject({ [name]: textOf(value), client: '192.0.2.7', code: 'elected' });
    const combined = combinedLines()(entry);
    expect(combined).toMatch(HARMLESS_LINE);
    expect(combined).toMatch(COMBINED);
  });
});

it('whatever bytes a client sends: one line, readable, and in JSON exactly what was sent', () => {
  const bytes = fc
    .array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 })
    .map((codes) => String.fromCharCode(...codes));
  const json = jsonLines();
  const combined = combinedLines();
  fc.assert(
    fc.property(fc.constantFrom(...FOREIGN), bytes, (name, value) => {
      const entry = entryWith(name, value);
      const line = json(entry);
      expect(line).toMatch(HARMLESS_LINE);
      expect(JSON.parse(line)[name]).toBe(value === '' ? null : textOf(value));
      expect(combined(entry)).toMatch(HARMLESS_LINE);
      // Who sends no method is not a client; such a line has no request.
      if (name !== 'method' || value !== '') expect(combined(entry)).toMatch(COMBINED);
    }),
    { seed: 20_031, numRuns: 2000 },
  );
});

describe('a value without end', () => {
  it.each(FOREIGN)('is cut as %s, and the line says how much is missing', (name) => {
    for (const value of ['x'.repeat(100_000), '\x1b'.repeat(100_000), UTF8('€'.repeat(30_000))]) {
      for (const line of [jsonLines()(entryWith(name, value)), combinedLines()(entryWith(name, value))]) {
        expect(line).toMatch(HARMLESS_LINE);
        expect(line.length).toBeLessThan(MOST_CHARACTERS * 6 + 1000);
        const missing = Number(/\.\.\.\[\+(\d+)\]/.exec(line)?.[1]);
        expect(value.length - missing).toBeLessThanOrEqual(MOST_CHARACTERS);
        expect(value.length - missing).toBeGreaterThan(MOST_CHARACTERS - 4);
      }
    }
  });

  it('is cut between characters, so that the rest stays UTF-8', () => {
    for (const before of ['', 'a', 'ab', 'abc']) {
      const line = jsonLines()(entryWith('target', UTF8(`${before}${'€'.repeat(2000)}`)));
      expect(JSON.parse(line).target).toMatch(/^a?b?c?€+\.\.\.\[\+\d+\]$/);
    }
  });
});

it('is all so on the wire: hostile headers, a hostile route and context, heads that are refused', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-access-log-'));
  freeAfter(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'access.log');
  const lb = await startTestBalancer({ accessLog: { file, format: 'json' } });
  const node = await startNode('n1');
  await lb.register('n%9b1', node.port, { contexts: '/caf%c3%a9%c2%9b' });
  await lb.get('/caf%c3%a9%c2%9b', `User-Agent: "}${UTF8('\u202e')}\x9b2J\\\r\nReferer: a\tb\r\n`);
  await talk(lb.port, 'GET /\x1b[2J HTTP/1.1\r\nHost: a\r\n\r\n');
  await talk(lb.port, 'GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: x\x1b[2J\r\n\r\n');
  await lb.balancer.close();
  const text = readFileSync(file, 'latin1');
  expect(text).toMatch(/^([ -~]+\n){3}$/);
  const lines = text.split('\n', 3).map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { route: 'n\x9b1', context: '/café\x9b', userAgent: expect.stringContaining('"}'), referer: 'a\tb' },
    { status: 400, target: null, userAgent: null },
    { status: 400, target: null, userAgent: null },
  ]);
});

it('can be read by its owner and group only', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcmp-access-log-'));
  freeAfter(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'access.log');
  await startTestBalancer({ accessLog: { file, format: 'combined' } });
  expect(statSync(file).mode & 0o007).toBe(0);
});
