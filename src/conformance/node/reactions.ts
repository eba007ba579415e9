/** What a balancer of ours does with a message in place of a good answer. */
export type Reaction =
  /** Whatever a balancer in order would say; `close`: and closes, having said so. */
  | { readonly kind: 'well'; readonly close: boolean }
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly reason: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: string;
      /** Says `Connection: close` and closes. */
      readonly close: boolean;
    }
  /** These bytes. */
  | { readonly kind: 'bytes'; readonly bytes: string; readonly end: boolean; readonly oneByOne: boolean }
  /** Nothing; the connection stays open. */
  | { readonly kind: 'silence' }
  /** The connection is closed, or reset, without a word. */
  | { readonly kind: 'close' }
  | { readonly kind: 'reset' }
  /** The good answer up to its middle, then the end of the connection. */
  | { readonly kind: 'half' }
  | { readonly kind: 'late'; readonly ms: number; readonly then: Reaction };

export const WELL: Reaction = { kind: 'well', close: false };
export const WELL_AND_CLOSE: Reaction = { kind: 'well', close: true };
export const SILENCE: Reaction = { kind: 'silence' };
export const CLOSE: Reaction = { kind: 'close' };
export const RESET: Reaction = { kind: 'reset' };
export const HALF: Reaction = { kind: 'half' };

const REASONS: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [201, 'Created'],
  [204, 'No Content'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
]);

interface ReplyParts {
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly close?: boolean;
  readonly reason?: string;
}

/** An answer with a length. */
export function reply(
  status: number,
  body = '',
  { headers = [], close = false, reason = '' }: ReplyParts = {},
): Reaction {
  return {
    kind: 'reply',
    status,
    reason: reason === '' ? (REASONS.get(status) ?? 'Status') : reason,
    headers,
    body,
    close,
  };
}

/** An error of MCMP, as httpd says it: with `Connection: close` (reference §1.4). */
export function refusal(type: 'MEM' | 'SYNTAX' | 'GENERAL', mess: string): Reaction {
  return reply(500, '', {
    headers: [
      ['Version', '0.2.1'],
      ['Type', type],
      ['Mess', mess],
    ],
    close: true,
  });
}

/** Undertow's generic failure: neither Type nor Mess (reference §1.4). */
export const GENERIC_FAILURE = reply(500, 'failed to process management request', {
  headers: [['Content-Type', 'text/plain; charset=ISO-8859-1']],
  close: true,
});

/** Exact bytes. @param end closes the connection behind them @param oneByOne sends each byte by itself */
export function bytes(text: string, { end = false, oneByOne = false } = {}): Reaction {
  return { kind: 'bytes', bytes: text, end, oneByOne };
}

/** The reaction, so much later. */
export function late(ms: number, then: Reaction = WELL): Reaction {
  return { kind: 'late', ms, then };
}

/** The bytes of an answer with a length. */
export function printReply({
  status,
  reason,
  headers,
  body,
  close,
}: Pick<Extract<Reaction, { kind: 'reply' }>, 'status' | 'reason' | 'headers' | 'body' | 'close'>): string {
  const lines = [...headers, ...(close ? [['Connection', 'close'] as const] : [])];
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${reason}\r\nContent-Length: ${body.length}\r\n${head}\r\n${body}`;
}
