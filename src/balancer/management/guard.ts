import { isExpectedHost } from '../../core/address.ts';
import { hasHeader, headerValue } from '../../core/http/find-header.ts';
import type { RequestHead } from '../../core/http/index.ts';
import { reachOf } from '../../core/reach.ts';
import { digestOf, sameSecret } from '../../core/secret.ts';
import { errorOf, type ManagementRequest, type WholeAnswer } from './route.ts';

/** Said by proxies of those for whom they speak (RFC 7239, RFC 9110 §7.6.3, and what everybody used before). */
const FORWARDING_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
] as const;

/** A browser asks its user for the token when it reads the first; programs know the second (RFC 6750 §3). */
const CHALLENGES: readonly (readonly [string, string])[] = [
  ['WWW-Authenticate', 'Basic realm="mcmp", charset="UTF-8"'],
  ['WWW-Authenticate', 'Bearer realm="mcmp"'],
];

/**
 * Why a request must not change anything; undefined when it may. That its peer is in `--mcmp-allow`, and its Host one of the
 * management address, was checked before; this is about who of those may do more than look.
 *
 * Who has the token may change something from anywhere. Without it, programs on this machine may: they could as well end
 * the process. A browser on this machine is such a program, and shows pages of anybody; it says where a request comes from
 * in `Origin` and `Sec-Fetch-Site`, and is believed even when it sends the token, which it keeps and adds by itself. So a
 * page of ours must not have the referrer policy `no-referrer`: its forms would come from the origin `null`.
 */
export function whyNotChange({ shared, method, head, peer, isEncrypted }: ManagementRequest): WholeAnswer | undefined {
  if (method !== 'POST') {
    return errorOf(405, { code: 'MCMP_NOT_BY_GET', error: 'only POST changes anything' }, [['Allow', 'POST']]);
  }
  if (isFromForeignPage(head, isEncrypted)) {
    return errorOf(403, {
      code: 'MCMP_FROM_WEB_PAGE',
      error: 'the balancer takes no changes from pages of other origins',
      hint: 'Use curl, or the manager page under the very address that the browser shows.',
    });
  }
  const { token, mcmpHosts } = shared.options;
  const authorization = headerValue(head, 'authorization');
  if (token !== '' && authorization !== '') {
    const given = tokenIn(authorization);
    if (given !== undefined && sameSecret(given, digestOf(token))) return undefined;
    return unauthorized(given === undefined ? 'Authorization holds no token' : 'this is not the token');
  }
  if (reachOf(peer) === 'this-machine' && !isForwarded(head)) {
    if (isExpectedHost(head.host, mcmpHosts)) return undefined;
    return errorOf(421, {
      code: 'MCMP_WRONG_HOST',
      error: 'without a token, a change needs a Host header that names this machine',
      hint: 'Call the balancer by its address or as localhost, or allow the name with --mcmp-host.',
    });
  }
  if (token !== '') return unauthorized('changes from other machines need the token');
  return errorOf(403, {
    code: 'MCMP_NO_TOKEN_SET',
    error: 'changes from other machines need a token, and this balancer has none',
    hint: 'Start mcmp serve with --token-file FILE and send Authorization: Bearer TOKEN, or ask on the machine itself.',
  });
}

/** Why the body of a request cannot be JSON; undefined when it says that it is (RFC 8259 §8.1: always UTF-8). */
export function whyNotJson({ head }: ManagementRequest): WholeAnswer | undefined {
  const type = headerValue(head, 'content-type');
  if (/^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i.test(type)) return undefined;
  return errorOf(415, {
    code: 'MCMP_NOT_JSON',
    error: 'the body has to be JSON, and Content-Type: application/json',
    hint: "With curl: -H 'Content-Type: application/json' -d '{...}'.",
  });
}

function unauthorized(error: string): WholeAnswer {
  const hint =
    'Send Authorization: Bearer TOKEN with what the file of --token-file holds; browsers take it as password.';
  return errorOf(401, { code: 'MCMP_NO_TOKEN', error, hint }, CHALLENGES);
}

/** The token of `Bearer TOKEN`, or the password of `Basic`, with any name before it. */
function tokenIn(authorization: string): string | undefined {
  const [, scheme = '', credentials = ''] = /^(bearer|basic) +([!-~]+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : text.slice(colon + 1);
}

/**
 * A proxy on this machine that opens the address to others must not lend them its place. The name alone says it: some
 * proxies add their line behind the client's own, which may be empty.
 */
export function isForwarded(head: RequestHead): boolean {
  return FORWARDING_HEADERS.some((name) => hasHeader(head, name));
}

function isFromForeignPage(head: RequestHead, isEncrypted: boolean): boolean {
  const site = headerValue(head, 'sec-fetch-site').toLowerCase();
  if (site !== '' && site !== 'none' && site !== 'same-origin') return true;
  const origin = headerValue(head, 'origin');
  return origin !== '' && !isOriginOf(origin, head.host, isEncrypted);
}

/**
 * Whether an origin (RFC 6454 §7) is the place that Host names: the same name and port, in any spelling. What came over TLS
 * is of no page that came without, where anybody between could have written it; without TLS here, a proxy may have taken
 * that off.
 */
function isOriginOf(origin: string, host: string, isEncrypted: boolean): boolean {
  const [, scheme = ''] = /^(https?):\/\/[^/?#@\\]+$/i.exec(origin) ?? [];
  if (scheme === '' || host === '' || (isEncrypted && scheme.toLowerCase() !== 'https')) return false;
  const [there, here] = [origin, `${scheme}://${host}`];
  return URL.canParse(there) && URL.canParse(here) && new URL(there).host === new URL(here).host;
}
