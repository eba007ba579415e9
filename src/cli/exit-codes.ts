import { constants } from 'node:os';
import type { FailureKind } from '../core/errors.ts';

interface ExitRow {
  readonly code: number;
  readonly meaning: string;
}

/** Every exit code of the program; `--help` and the documents print this table. */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'done' },
  'check-failed': { code: 1, meaning: 'a check failed' },
  usage: { code: 2, meaning: 'wrong usage, or nothing selected' },
  unreachable: { code: 3, meaning: 'target unreachable, or an address that cannot be listened on' },
  refused: { code: 4, meaning: 'refused (access list, authentication, TLS)' },
  protocol: { code: 5, meaning: 'the peer broke the protocol' },
  timeout: { code: 6, meaning: 'timed out' },
  bug: { code: 70, meaning: 'a bug in mcmp' },
} as const satisfies Record<'done' | FailureKind, ExitRow>;

export type Outcome = keyof typeof EXIT_CODES;

/** Signals that ask a program to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Exit code of a program that a signal ended, as shells count it: 128 and the number of the signal. */
export function exitCodeOfSignal(signal: StopSignal): number {
  return 128 + constants.signals[signal];
}
