import type { ChalkInstance } from 'chalk';
import { McmpError } from '../core/errors.ts';
import { escapeForTerminal, escapeJsonForTerminal } from '../core/text.ts';
import { EXIT_CODES } from './exit-codes.ts';

export interface FailureReport {
  /** What to write to stderr. */
  readonly text: string;
  readonly exitCode: number;
}

/**
 * Turns anything thrown into what the user sees: two calm lines for what was foreseen, a short report with the stack for a
 * bug. With `json` it is one object, so that a script finds code and hint.
 */
export function reportFailure(error: unknown, options: { json: boolean; style: ChalkInstance }): FailureReport {
  const failure = error instanceof McmpError ? error : asBug(error);
  const exitCode = EXIT_CODES[failure.kind].code;
  if (options.json) {
    const { code, kind, message, hint } = failure;
    const document = { schemaVersion: 1, error: { code, kind, message, hint, exitCode } };
    return { text: `${escapeJsonForTerminal(JSON.stringify(document))}\n`, exitCode };
  }
  const { style } = options;
  const lines = [`${style.red('mcmp:')} ${escapeForTerminal(failure.message)} ${style.dim(`(${failure.code})`)}`];
  if (failure.kind === 'bug') lines.push(style.dim(stackOf(error)));
  if (failure.hint !== undefined) lines.push(`      ${escapeForTerminal(failure.hint)}`);
  return { text: `${lines.join('\n')}\n`, exitCode };
}

function asBug(error: unknown): McmpError {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new McmpError('bug', 'MCMP_BUG', `something went wrong that should not have: ${said}`, {
    cause: error,
    hint: 'This is a bug in mcmp. A report with these lines and the command line would help to mend it.',
  });
}

/** A few frames are enough to find the place. */
function stackOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return frames
    .slice(0, 6)
    .map((frame) => escapeForTerminal(frame.trim()))
    .map((frame) => `        ${frame}`)
    .join('\n');
}
