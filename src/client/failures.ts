import { McmpError } from '../core/errors.ts';

const TLS_CODES = new Set([
  'EPROTO',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const UNREACHABLE = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'the name does not resolve'],
  ['EAI_AGAIN', 'the name cannot be resolved now'],
  ['EHOSTUNREACH', 'there is no route to the host'],
  ['ENETUNREACH', 'there is no route to the network'],
  ['EADDRNOTAVAIL', 'this machine has no address to call from'],
  ['EACCES', 'this machine does not let us connect'],
  ['EPERM', 'this machine does not let us connect'],
]);

const LOST = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED']);
const SLOW = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Whether the connection went away while we spoke, so that the same request may be tried once on a new one. */
export function isLostConnection(error: unknown): boolean {
  // undici gives the same code to an answer it cannot take as to one that did not come.
  return codesOf(error).some((code) => LOST.has(code)) && messageOf(error) !== 'bad response';
}

/**
 * What an exchange that failed below HTTP means to a user.
 * @param address of the balancer, as it is shown to people
 * @param exchange what was under way: `INFO /`
 */
export function transportFailure(error: unknown, address: string, exchange: string): McmpError {
  const codes = codesOf(error);
  const cause = { cause: error };
  for (const code of codes) {
    const why = UNREACHABLE.get(code);
    if (why !== undefined) {
      return new McmpError('unreachable', 'MCMP_UNREACHABLE', `cannot connect to ${address}: ${why} (${code})`, {
        hint: 'Is the balancer running, and is this its management address (not the one for web traffic)?',
        ...cause,
      });
    }
  }
  if (codes.some((code) => SLOW.has(code))) return slowFailure(address, exchange, error);
  const tls = codes.find((code) => TLS_CODES.has(code) || code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_'));
  if (tls !== undefined) {
    return new McmpError('refused', 'MCMP_TLS', `no TLS connection with ${address}: ${messageOf(error)}`, {
      hint:
        tls.includes('WRONG_VERSION') || tls.includes('PACKET_LENGTH') || tls === 'EPROTO'
          ? 'The port may speak plain HTTP: try http:// instead of https://. It may also want a client certificate.'
          : 'Give the CA that signed its certificate, or look at the name in the URL.',
      ...cause,
    });
  }
  if (isLostConnection(error)) {
    return new McmpError(
      'protocol',
      'MCMP_NO_ANSWER',
      `${address} closed the connection without answering ${exchange}`,
      {
        hint: 'A port that speaks TLS, AJP or anything else than HTTP does this, and so does an access list.',
        ...cause,
      },
    );
  }
  return new McmpError(
    'protocol',
    'MCMP_BROKEN_ANSWER',
    `${address} answered ${exchange} with broken HTTP: ${messageOf(error)}`,
    {
      hint: 'See what it sends with: mcmp send --raw',
      ...cause,
    },
  );
}

export function slowFailure(address: string, exchange: string, cause: unknown): McmpError {
  return new McmpError('timeout', 'MCMP_TIMEOUT', `${address} did not answer ${exchange} in time`, {
    hint: 'A firewall that drops packets looks like this, and so does a balancer that is busy or stopped.',
    cause,
  });
}

/** Codes of an error and of what caused it, the outermost first. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') codes.push(at.code);
    if (at instanceof AggregateError) for (const part of at.errors) codes.push(...codesOf(part));
  }
  return codes;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
