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
  return `${host}:${port} ${WORDS.get(code) ?? `failed (${code || error.message})`}`;
}

const SHORTAGES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** The balancer itself has no file descriptor or port left: no node is to blame. */
export function isOurShortage(error: NodeJS.ErrnoException | null): boolean {
  return error !== null && SHORTAGES.has(error.code ?? '');
}
