import type { AttemptFailure } from './attempts.ts';
import { isRefusedHandshake, nodeTlsFailureInWords } from './node-tls-failure.ts';

/** What errors of connections to nodes mean: in words for a log, and whether the node is to blame. */

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'refuses connections'],
  ['ECONNRESET', 'reset the connection'],
  ['EPIPE', 'closed the connection'],
  ['ETIMEDOUT', 'does not answer'],
  ['EHOSTUNREACH', 'cannot be reached'],
  ['ENETUNREACH', 'cannot be reached: no route to its network'],
  ['ENOTFOUND', 'has a name that does not resolve'],
  ['EAI_AGAIN', 'has a name that cannot be resolved at the moment'],
]);

/** A connection error in words, with the address. */
export function connectionFailureInWords(error: NodeJS.ErrnoException, host: string, port: number): string {
  const code = error.code ?? '';
  const words = nodeTlsFailureInWords(error) ?? WORDS.get(code) ?? `failed (${code || error.message})`;
  return `${host}:${port} ${words}`;
}

const SHORTAGES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** The balancer itself has no file descriptor or port left: no node is to blame. */
function isOurShortage(error: NodeJS.ErrnoException | null): boolean {
  return error !== null && SHORTAGES.has(error.code ?? '');
}

/**
 * What became of an attempt whose connection ended before a response began.
 *
 * @param error null: an orderly end
 * @param connecting the connection was not established, TLS included
 * @param reused it served requests before
 */
export function failureKindOf(
  error: NodeJS.ErrnoException | null,
  connecting: boolean,
  reused: boolean,
): AttemptFailure['kind'] {
  if (isOurShortage(error)) return 'shortage';
  if (error === null) return connecting ? 'connect' : 'lost';
  if (connecting) return nodeTlsFailureInWords(error) === undefined ? 'connect' : 'tls';
  return !reused && isRefusedHandshake(error) ? 'tls' : 'lost';
}
