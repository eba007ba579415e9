import type { IncomingMessage } from 'node:http';
import { isExpectedHost } from '../../core/address.ts';
import { digestOf, sameSecret } from '../../core/secret.ts';
import { Refusal } from './refusal.ts';

/** Methods that change something, and carry a body that says so. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Makes the check that each request has to pass before it is looked at.
 *
 * Without a token whoever can connect may do everything, which on a loopback address is every program of this machine:
 * also a browser that shows a page of somebody else. Browsers say where a request comes from in `Origin` and
 * `Sec-Fetch-Site`; what they send without asking first has no JSON content type; and a page whose own name was made to
 * resolve to this machine (DNS rebinding) cannot keep that name out of `Host`.
 *
 * @throws Refusal 400, 401, 403, 415 or 421
 */
export function createGuard(token: string | undefined): (request: IncomingMessage) => void {
  const expected = token === undefined ? undefined : digestOf(token);
  return ({ headers, headersDistinct, method = '' }) => {
    // Of two, whoever stands in front may have looked at the other (RFC 9112 §3.2).
    if ((headersDistinct['host']?.length ?? 0) > 1) {
      throw new Refusal(400, 'MCMP_BAD_REQUEST', 'the request has more than one Host header');
    }
    const site = headers['sec-fetch-site'] ?? 'none';
    if (headers.origin !== undefined || (site !== 'none' && site !== 'same-origin')) {
      throw new Refusal(403, 'MCMP_FROM_WEB_PAGE', 'this API takes no requests of web pages', {
        hint: 'Use curl, or mcmp node-sim ctl.',
      });
    }
    if (expected !== undefined) {
      requireToken(headers.authorization, expected);
    } else if (!isExpectedHost(headers.host ?? '', [])) {
      throw new Refusal(421, 'MCMP_WRONG_HOST', 'the Host header names another machine', {
        hint: 'Call this API by its address or as localhost. With a token any name will do.',
      });
    }
    if (WITH_BODY.has(method) && !isJson(headers['content-type'] ?? '')) {
      throw new Refusal(415, 'MCMP_NOT_JSON', `${method} needs a body in JSON, and Content-Type: application/json`, {
        hint: "With curl: --json '{}'.",
      });
    }
  };
}

function requireToken(authorization: string | undefined, expected: Buffer): void {
  const given = /^Bearer +([!-~]+) *$/i.exec(authorization ?? '')?.[1];
  if (given !== undefined && sameSecret(given, expected)) return;
  throw new Refusal(401, 'MCMP_NO_TOKEN', given === undefined ? 'this API wants a token' : 'this is not its token', {
    hint: 'Send Authorization: Bearer TOKEN; mcmp node-sim ctl reads it from --token-file.',
    headers: { 'WWW-Authenticate': 'Bearer realm="mcmp node-sim"' },
  });
}

/** JSON is UTF-8 (RFC 8259 §8.1). */
function isJson(contentType: string): boolean {
  return /^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(contentType.trim());
}
