import { McmpError } from '../core/errors.ts';
import { tlsFailure, tlsInsteadOfHttp } from './tls-failures.ts';

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
  for (const part of errorsOf(error)) {
    const tls = tlsFailure(part, codeOf(part), address) ?? tlsInsteadOfHttp(part, address);
    if (tls !== undefined) return tls;
  }
  if (isLostConnection(error)) return lostFailure(address, exchange, error);
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

/** Why somebody may close a connection without a word depends on whether TLS was spoken, and how far that came. */
function lostFailure(address: string, exchange: string, error: unknown): McmpError {
  const place = address.replace(/^https:\/\//, '');
  const [what, hint] =
    place === address
      ? [
          `closed the connection without answering ${exchange}`,
          `A port that speaks TLS does this: try https://${place}. So do AJP and anything else than HTTP, and an access list.`,
        ]
      : messageOf(error).includes('before secure TLS connection')
        ? [
            'closed the connection during the TLS handshake',
            `A port that does not speak TLS does this: try http://${place}. So does a balancer that does not take the certificate of this client, and an access list.`,
          ]
        : [
            `closed the connection behind the TLS handshake without answering ${exchange}`,
            'It may want a client certificate (--cert, --key), or another one, or have an access list.',
          ];
  return new McmpError('protocol', 'MCMP_NO_ANSWER', `${address} ${what}`, { hint, cause: error });
}

/** An error and what caused it, the outermost first. */
function errorsOf(error: unknown): Error[] {
  const errors: Error[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    errors.push(at);
    if (at instanceof AggregateError) for (const part of at.errors) errors.push(...errorsOf(part));
  }
  return errors;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function codesOf(error: unknown): string[] {
  return errorsOf(error)
    .map(codeOf)
    .filter((code) => code !== '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}
