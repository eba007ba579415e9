import type { WireAnswer } from '../wire/connection.ts';
import type { BalancerTrial } from './trial.ts';

export interface PageRequest {
  /** Without the question mark. */
  readonly query?: string;
  readonly method?: string;
  /** Further header lines. */
  readonly headers?: readonly (readonly [string, string])[];
}

/** Where the manager page is: `--with manager=` takes a path of the MCMP address, or the URL of another one. */
export function managerUrl(trial: BalancerTrial): URL {
  return new URL(trial.features.get('manager') ?? '/', trial.mcmpUrl);
}

/** One request for the manager page; only cases with the need `manager`. */
export async function askPage(trial: BalancerTrial, request: PageRequest = {}): Promise<WireAnswer> {
  const { query = '', method = 'GET', headers = [] } = request;
  const url = managerUrl(trial);
  const connection = await trial.openMcmp({ at: url });
  const target = `${url.pathname}${query === '' ? '' : `?${query}`}`;
  const lines = [['Host', url.host] as const, ['Connection', 'close'] as const, ...headers];
  connection.write(
    `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  const answer = await connection.answer(method);
  connection.close();
  return answer;
}

/** The nonce in the links of the page, with `nonce=` before and `&` behind it; empty when there is none. */
export async function pageNonce(trial: BalancerTrial): Promise<string> {
  const { body } = await askPage(trial);
  const nonce = /\bnonce=([0-9A-Za-z-]+)/.exec(body)?.[1];
  return nonce === undefined ? '' : `nonce=${nonce}&`;
}

/** A page for people. */
export function isHtml({ status, headers, body }: WireAnswer): boolean {
  return status === 200 && /^text\/html\b/i.test(headers.get('content-type') ?? '') && /<html[\s>]/i.test(body);
}

/** Status, media type and the beginning of the body, for failures. */
export function pageWords({ status, headers, body }: WireAnswer): string {
  return `${status} ${headers.get('content-type') ?? 'without Content-Type'}: ${JSON.stringify(body.slice(0, 300))}`;
}
