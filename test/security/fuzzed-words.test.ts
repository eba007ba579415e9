import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { McmpError, UsageError } from '../../src/core/errors.ts';
import { readRequestPath } from '../../src/node/application/request-path.ts';
import { formatSession, readSession, sessionCookie } from '../../src/node/application/session.ts';
import { readWishes } from '../../src/node/application/wishes.ts';
import { matchRoute } from '../../src/node/control/match.ts';
import { Refusal } from '../../src/node/control/refusal.ts';
import { ROUTE_NAMES, routeRow } from '../../src/node/control/routes.ts';
import { readValues } from '../../src/node/control/values.ts';
import { createFaultBoard } from '../../src/node/faults/board.ts';
import { parseFault, printFault } from '../../src/node/faults/grammar.ts';
import { createTamper } from '../../src/node/faults/mcmp/tamper.ts';
import { FAULTS } from '../../src/node/faults/table.ts';
import { parseLoad } from '../../src/node/load/parse-load.ts';
import { parseReplay } from '../../src/node/load/replay.ts';
import { LOADS } from '../../src/node/load/table.ts';
import { readUpstream } from '../../src/node/sidecar/upstream.ts';
import { freeAfter } from '../support/cleanup.ts';

const RUNS = { seed: 6, numRuns: 1000 };
/** Names that every object has (needs §5.4, prototype pollution), and what breaks lines and numbers. */
const NASTY = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '\r\n',
  '\0',
  '%',
  '%00',
  '9'.repeat(20),
  'NaN',
  '-1',
];

/** Texts made of a grammar's own words in any order, with others among them. */
function wordsOf(...words: readonly string[]): fc.Arbitrary<string> {
  const word = fc.oneof(fc.constantFrom(...words), fc.constantFrom(...words), fc.constantFrom(...NASTY), fc.string());
  return fc.array(word, { maxLength: 8 }).map((parts) => parts.join(''));
}

/** What a reader makes of a text: a value, or an error of this kind; anything else fails the test. */
function readOr<T>(kind: typeof UsageError | typeof McmpError | typeof Refusal, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(kind);
    return undefined;
  }
}

describe('whatever is said', () => {
  it('as a fault is refused, or read and written and read again as the same', () => {
    const marks = [
      ':',
      ',',
      '@',
      '..',
      '±',
      '+-',
      '%',
      '200ms',
      '10KiB',
      '0.5',
      '503',
      'node*',
      '30s',
      '999999h',
      '1e9',
    ];
    fc.assert(
      fc.property(wordsOf(...Object.keys(FAULTS), ...marks), (text) => {
        const spec = readOr(UsageError, () => parseFault(text));
        if (spec === undefined) return;
        const printed = printFault(spec);
        expect(parseFault(printed)).toEqual({ ...spec, text: printed });
        expect(Number.isFinite(spec.amount ?? 0)).toBe(true);
        expect(spec.chance).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it('as a load over a network is refused, or reads no file and runs no command', () => {
    const marks = [
      ':',
      ',',
      '=',
      'history=',
      'decay=',
      'initial=',
      'off',
      '30',
      '90',
      '60s',
      '/dev/zero',
      'FIXED',
      'CMD',
    ];
    fc.assert(
      fc.property(wordsOf(...Object.keys(LOADS), ...marks), (text) => {
        const spec = readOr(UsageError, () => parseLoad(text, { hostAccess: false }));
        expect(['replay', 'cmd']).not.toContain(spec?.kind);
      }),
      RUNS,
    );
  });

  it('as the lines of a replay is a sentence or loads from -1 to 100', () => {
    fc.assert(
      fc.property(wordsOf('0', '10s', ' ', '\n', '50', '100', '-1', '#', '\t', '1m'), (text) => {
        const steps = parseReplay(text);
        if (typeof steps !== 'string') expect(steps.every(({ load }) => load >= -1 && load <= 100)).toBe(true);
      }),
      RUNS,
    );
  });

  it('as the target of a control request is refused or one of the table', () => {
    const marks = [
      '/',
      '/v1',
      '/nodes',
      '/contexts',
      '/faults',
      '/*',
      '?',
      '&',
      '=',
      'wait',
      '%2F',
      '..',
      ';',
      'node1',
      '/say',
    ];
    const methods = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', '__proto__', '');
    fc.assert(
      fc.property(methods, wordsOf(...marks), (method, target) => {
        const match = readOr(Refusal, () => matchRoute(method, target));
        if (match !== undefined) expect(ROUTE_NAMES).toContain(match.name);
      }),
      RUNS,
    );
  });

  it('as the body of a control request is refused, or has the fields of the table and no others', () => {
    const names = [...new Set(ROUTE_NAMES.flatMap((name) => Object.keys(routeRow(name).body ?? {})))];
    const value = fc.oneof(
      fc.json().map((text): unknown => JSON.parse(text)),
      fc.constantFrom('/app', 'enabled', '/*', '50', [['a', 'b']]),
    );
    const body = fc.array(fc.tuple(fc.constantFrom(...names, ...NASTY), value), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...ROUTE_NAMES), body, (name, fields) => {
        const rows = routeRow(name).body ?? {};
        const values = readOr(McmpError, () => readValues(rows, new Map(fields), 'body'));
        for (const key of Object.keys(values ?? {})) expect(Object.hasOwn(rows, key)).toBe(true);
      }),
      RUNS,
    );
  });

  it('in a cookie or a path makes a session that fits into one cookie, or none (CVE-2016-4993)', () => {
    const marks = ['JSESSIONID', 'jsessionid', '=', ';', '"', '.', 'n1', ' ', ',', '$Version', '/', '?'];
    const names = { cookie: 'JSESSIONID', path: 'jsessionid' };
    fc.assert(
      fc.property(wordsOf(...marks), wordsOf(...marks), (cookie, target) => {
        const session = readSession(cookie, target, names);
        if (session === undefined) return;
        const header = sessionCookie(names.cookie, '/app', { ...session, route: 'n1' });
        expect(header).toMatch(/^JSESSIONID=[!#-+\--:<-[\]-~]+; Path=\/app; HttpOnly$/);
        expect(readSession(`JSESSIONID=${formatSession(session)}`, '/', names)?.id).toBe(session.id);
      }),
      RUNS,
    );
  });

  it('in the query of a request is a sentence, or a wish within bounds', () => {
    const marks = [
      'sleep=',
      'size=',
      'stream=',
      'status=',
      'session=',
      '&',
      ',',
      '10',
      '10m',
      '1GiB',
      'none',
      'end',
      '+',
      ';',
    ];
    fc.assert(
      fc.property(wordsOf('/app?', ...marks), (target) => {
        const wishes = readWishes(readRequestPath(target).query);
        if (typeof wishes === 'string') return;
        const { sleepMs, status, bytes } = wishes;
        expect(sleepMs).toBeLessThanOrEqual(600_000);
        expect(status >= 200 && status <= 599).toBe(true);
        expect((bytes?.parts ?? 0) * (bytes?.pauseMs ?? 0)).toBeLessThanOrEqual(600_000);
        expect(bytes?.sizeBytes ?? 0).toBeLessThanOrEqual(1024 ** 3);
      }),
      RUNS,
    );
  });

  it('as an upstream is refused, or a host and a port without a password', () => {
    const marks = [
      'http://',
      'https://',
      'ws://',
      '[::1]',
      '127.0.0.1',
      ':',
      '80',
      '@',
      'user:secret@',
      '/',
      '?a',
      '#b',
      '169.254.169.254',
    ];
    fc.assert(
      fc.property(wordsOf(...marks), (text) => {
        const upstream = readOr(UsageError, () => readUpstream(text));
        if (upstream !== undefined) expect(upstream.origin.href).not.toContain('@');
      }),
      RUNS,
    );
  });
});

describe('a fault that asks for all memory', () => {
  it.each(['oversized:256MiB', 'config-flood:1000000'])('%s gets a part of it', (text) => {
    const board = createFaultBoard({ specs: [parseFault(text)] });
    const tamper = createTamper({ board, route: 'n1', firstRoute: 'n1', nudge: () => {} });
    freeAfter(() => {
      tamper.close();
      board.close();
    });
    const message = { method: 'CONFIG', target: '/', pairs: [['JVMRoute', 'n1']] } as const;
    const said = tamper.outgoing(message, 'b');
    expect(said.length).toBeLessThanOrEqual(100_000);
    const longest = Math.max(...(said[0]?.pairs ?? []).map(([, value]) => value.length));
    expect(longest).toBeLessThanOrEqual(16 * 1024 * 1024);
  });
});
