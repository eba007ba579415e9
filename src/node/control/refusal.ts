import { type FailureDetails, type FailureKind, McmpError } from '../../core/errors.ts';
import type { ErrorDocument } from './documents.ts';

/** Statuses with which this API refuses, and what kind of failure each is to a client. */
const KIND_OF_STATUS = {
  400: 'usage',
  401: 'refused',
  403: 'refused',
  404: 'usage',
  405: 'usage',
  408: 'timeout',
  409: 'check-failed',
  413: 'usage',
  415: 'usage',
  421: 'refused',
  431: 'usage',
  503: 'refused',
} as const satisfies Readonly<Record<number, FailureKind>>;

export type RefusalStatus = keyof typeof KIND_OF_STATUS;

/** A request that is answered with an error, on purpose. */
export class Refusal extends McmpError {
  override readonly name = 'Refusal';
  readonly status: RefusalStatus;
  /** Headers that the status asks for: `Allow`, `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: RefusalStatus,
    code: `MCMP_${string}`,
    message: string,
    details: FailureDetails & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(KIND_OF_STATUS[status], code, message, details);
    this.status = status;
    this.headers = details.headers ?? {};
  }
}

/** What anything thrown while a request was carried out is to its client. */
export function statusOf(error: unknown): number {
  if (error instanceof Refusal) return error.status;
  return error instanceof McmpError ? STATUS_OF_KIND[error.kind] : 500;
}

const STATUS_OF_KIND: Readonly<Record<FailureKind, number>> = {
  usage: 400,
  refused: 403,
  'check-failed': 409,
  unreachable: 502,
  protocol: 502,
  timeout: 504,
  bug: 500,
};

/** A failure as clients read it. Of a bug they learn no more than that there was one: the log has the rest. */
export function errorDocument(error: unknown): ErrorDocument {
  if (!(error instanceof McmpError)) {
    return {
      code: 'MCMP_BUG',
      kind: 'bug',
      message: 'something went wrong that should not have; the log of node-sim says what',
    };
  }
  const { code, kind, message, hint } = error;
  return { code, kind, message, ...(hint === undefined ? {} : { hint }) };
}
