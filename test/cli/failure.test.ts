import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { reportFailure } from '../../src/cli/failure.ts';
import { type FailureKind, McmpError } from '../../src/core/errors.ts';

const style = new Chalk({ level: 0 });

describe('a failure', () => {
  it.each([
    ['check-failed', 1],
    ['usage', 2],
    ['unreachable', 3],
    ['refused', 4],
    ['protocol', 5],
    ['timeout', 6],
    ['bug', 70],
  ] as const)('of the kind %s ends with %i', (kind: FailureKind, exitCode) => {
    const error = new McmpError(kind, 'MCMP_EXAMPLE', 'it failed');
    expect(reportFailure(error, { json: false, style }).exitCode).toBe(exitCode);
    const { text } = reportFailure(error, { json: true, style });
    expect(JSON.parse(text)).toEqual({
      schemaVersion: 1,
      error: { code: 'MCMP_EXAMPLE', kind, message: 'it failed', exitCode },
    });
  });

  it('that was foreseen says what happened and what to do', () => {
    const error = new McmpError('unreachable', 'MCMP_EXAMPLE', 'nobody answers', { hint: 'Is it running?' });
    expect(reportFailure(error, { json: false, style }).text).toBe(
      'mcmp: nobody answers (MCMP_EXAMPLE)\n      Is it running?\n',
    );
  });

  it('cannot write to the terminal what a peer put into it', () => {
    const error = new McmpError('protocol', 'MCMP_EXAMPLE', 'it said \u001b[2J', { hint: '\r\nmcmp: all is well' });
    const { text } = reportFailure(error, { json: false, style });
    expect(text).toBe('mcmp: it said \\u{1b}[2J (MCMP_EXAMPLE)\n      \\r\\nmcmp: all is well\n');
    expect(reportFailure(error, { json: true, style }).text).toMatch(/^[^\p{Cc}]*\n$/u);
  });

  it.each([[new TypeError('x is undefined')], ['a bare string'], [undefined], [{ code: 'MCMP_PRETENDER' }]])(
    'that was not foreseen is a bug: %s',
    (thrown) => {
      const { text, exitCode } = reportFailure(thrown, { json: false, style });
      expect(exitCode).toBe(70);
      expect(text).toContain('MCMP_BUG');
      expect(text).toContain('This is a bug in mcmp.');
    },
  );

  it('shows where a bug is, in a few lines', () => {
    const { text } = reportFailure(new TypeError('x is undefined'), { json: false, style });
    expect(text).toContain('failure.test.ts');
    expect(text.split('\n').length).toBeLessThan(10);
  });
});
