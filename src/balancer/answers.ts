import { simpleResponse } from '../core/http/index.ts';

export interface AnswerShape {
  /** The request was HEAD: no body bytes. */
  readonly head: boolean;
  readonly keepAlive: boolean;
  /** A head alone: nothing is said about why (`HttpRules.trafficErrors`). */
  readonly empty?: boolean;
  /** Further headers. */
  readonly headers?: readonly (readonly [string, string])[];
}

/**
 * An answer of the balancer's own, as plain text that says what happened. Nothing of the request is repeated in it.
 *
 * @param reason a constant sentence
 * @param code short reason code, also sent as `X-Mcmp-Reason`
 */
export function errorAnswer(status: number, reason: string, code: string, shape: AnswerShape): string {
  const body = shape.empty === true ? '' : `${status} ${reason.replace(/\.$/, '')} (${code})\n`;
  const headers: [string, string][] = [
    ...(body === '' ? [] : [['Content-Type', 'text/plain; charset=utf-8'] as [string, string]]),
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Mcmp-Reason', code],
  ];
  for (const [name, value] of shape.headers ?? []) headers.push([name, value]);
  if (!shape.keepAlive) headers.push(['Connection', 'close']);
  return simpleResponse(status, headers, shape.head ? { omit: body.length } : body);
}

/** Bytes of the body of a whole answer. */
export function bodyBytesOf(answer: string): number {
  const headEnd = answer.indexOf('\r\n\r\n');
  return headEnd < 0 ? 0 : answer.length - headEnd - 4;
}
