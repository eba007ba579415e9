import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog, type LogSettings } from '../../src/observe/index.ts';

const NOON_MS = new Date(2026, 0, 2, 12, 0, 0, 7).getTime();

function record(settings: Partial<LogSettings>): { log: ReturnType<typeof createLog>; lines: string[] } {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const log = createLog({ level: 'debug', format: 'pretty', stream, color: false, now: () => NOON_MS, ...settings });
  return { log, lines };
}

describe('the log', () => {
  it('writes a line a person reads', () => {
    const { log, lines } = record({});
    log.warn('a node went into error', {
      route: 'node1',
      reason: 'no answer',
      attempt: 2,
      last: null,
      gone: undefined,
    });
    expect(lines).toEqual([
      '12:00:00.007 warn  a node went into error route=node1 reason="no answer" attempt=2 last=null\n',
    ]);
  });

  it('writes a line a program reads', () => {
    const { log, lines } = record({ format: 'json' });
    log.info('ready', { port: 8090 });
    log.debug('nothing more');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: new Date(NOON_MS).toISOString(), level: 'info', message: 'ready', fields: { port: 8090 } },
      { time: new Date(NOON_MS).toISOString(), level: 'debug', message: 'nothing more' },
    ]);
  });

  it.each([
    ['error', ['error']],
    ['warn', ['error', 'warn']],
    ['info', ['error', 'warn', 'info']],
    ['debug', ['error', 'warn', 'info', 'debug']],
  ] as const)('at the level %s shows %j', (level, shown) => {
    const { log, lines } = record({ level, format: 'json' });
    for (const each of ['error', 'warn', 'info', 'debug'] as const) log[each](each);
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(shown);
  });

  it.each(['pretty', 'json'] as const)('writes one harmless %s line, whatever a peer says', (format) => {
    const value = fc.array(
      fc.oneof(fc.constantFrom('\u001b[2J', '\r\n', '\u202e', '" level=error', '\\'), fc.string()),
    );
    fc.assert(
      fc.property(value, (parts) => {
        const { log, lines } = record({ format });
        log.info('a request was refused', { agent: parts.join('') });
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(/^[^\p{Cc}\u2028-\u202e]*\n$/u);
        if (format === 'json') expect(JSON.parse(lines[0] ?? '').fields.agent).toBe(parts.join(''));
      }),
      { seed: 12, numRuns: 200 },
    );
  });

  it('does not let a value pose as another field', () => {
    const { log, lines } = record({});
    log.info('a request was refused', { agent: 'x" level=error y="', path: 'a\\' });
    expect(lines[0]).toContain('agent="x\\" level=error y=\\"" path="a\\\\"\n');
  });

  it('colours the level on request only', () => {
    const { log, lines } = record({ color: true });
    log.error('it broke');
    expect(lines[0]).toContain('\u001b[31merror\u001b[39m it broke');
  });

  it('counts instead of repeating a sentence without end', () => {
    let timeMs = NOON_MS;
    const { log, lines } = record({ format: 'json', now: () => timeMs });
    for (let count = 0; count < 1_000; count++) log.warn('flood', { count });
    log.warn('something else');
    timeMs += 1_000;
    log.warn('flood', { count: 1_000 });
    const messages = lines.map((line) => JSON.parse(line));
    expect(messages).toHaveLength(50 + 1 + 1 + 1);
    expect(messages.at(50)).toMatchObject({ message: 'something else' });
    expect(messages.at(51)).toMatchObject({ message: 'flood', fields: { suppressedLines: 950 } });
    expect(messages.at(52)).toMatchObject({ message: 'flood', fields: { count: 1_000 } });
  });

  it('tells the count also when the flood has ended for good', async () => {
    const { log, lines } = record({ format: 'json', now: Date.now });
    for (let count = 0; count < 60; count++) log.warn('flood');
    await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(51);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ message: 'flood', fields: { suppressedLines: 10 } });
  });

  it('goes on without a reader', async () => {
    const stream = new Writable({
      write(_chunk, _encoding, done) {
        done(new Error('EPIPE'));
      },
    });
    const { log } = record({ stream });
    log.info('one');
    await expect.poll(() => stream.errored).not.toBeNull();
    expect(() => log.info('two')).not.toThrow();
  });
});
