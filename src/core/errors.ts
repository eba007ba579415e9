/**
 * What kind of failure this is, for whoever has to react without reading the text: the command line turns it into an
 * exit code (`src/cli/exit-codes.ts`), a server into a status.
 */
export type FailureKind = 'check-failed' | 'usage' | 'unreachable' | 'refused' | 'protocol' | 'timeout' | 'bug';

export interface FailureDetails {
  /** What the reader can do about it, one or two sentences. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * A failure that was foreseen: it has a name that stays the same between versions, a message that says what happened and
 * where, and a hint that says what to do. Anything thrown that is not one of these counts as a bug of this program.
 */
export class McmpError extends Error {
  override readonly name: string = 'McmpError';
  /** Stable, `MCMP_` and upper case. */
  readonly code: string;
  readonly kind: FailureKind;
  readonly hint: string | undefined;

  constructor(kind: FailureKind, code: `MCMP_${string}`, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.code = code;
    this.hint = details.hint;
  }
}

/** Wrong words on the command line, in the environment or in the configuration file. */
export class UsageError extends McmpError {
  override readonly name = 'UsageError';

  constructor(message: string, details: FailureDetails & { readonly code?: `MCMP_${string}` } = {}) {
    super('usage', details.code ?? 'MCMP_USAGE', message, details);
  }
}
