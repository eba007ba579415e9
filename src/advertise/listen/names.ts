import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { parseAddress } from '../../core/address.ts';
import type { Resolved } from '../tracker.ts';

/** Resolves the names that datagrams bring: whoever sends chooses them, so everything here has a limit. */
export interface NameBook {
  /** What is known by now of the name in `host:port`; undefined for addresses and for names never asked. */
  known(managerAddress: string): Resolved;
  /** Asks for a name that is not known yet. @returns undefined when there is nothing to ask, or too much is asked already */
  ask(managerAddress: string): Promise<Resolved> | undefined;
}

const MAX_NAMES = 256;
const MAX_AT_ONCE = 8;
const PATIENCE_MS = 2000;
const KEEP_MS = 60_000;

/**
 * @param resolve asks the system; replaced in tests
 * @param nowMs monotonic
 */
export function createNameBook(
  resolve: (name: string) => Promise<readonly string[]> = resolveBySystem,
  nowMs: () => number = () => performance.now(),
): NameBook {
  const answers = new Map<string, { readonly resolved: readonly string[] | 'failed'; readonly atMs: number }>();
  const asking = new Map<string, Promise<Resolved>>();

  const fresh = (name: string): Resolved => {
    const answer = answers.get(name);
    return answer === undefined || nowMs() - answer.atMs > KEEP_MS ? undefined : answer.resolved;
  };
  const settle = (name: string, resolved: readonly string[] | 'failed'): Resolved => {
    asking.delete(name);
    answers.delete(name);
    answers.set(name, { resolved, atMs: nowMs() });
    const oldest = answers.keys().next();
    if (answers.size > MAX_NAMES && !oldest.done) answers.delete(oldest.value);
    return resolved;
  };

  return {
    known(managerAddress) {
      const name = nameIn(managerAddress);
      // An answer that has grown old still tells more than none; it is asked for again beside.
      return name === undefined ? undefined : (fresh(name) ?? answers.get(name)?.resolved);
    },
    ask(managerAddress) {
      const name = nameIn(managerAddress);
      if (name === undefined || fresh(name) !== undefined) return undefined;
      const running = asking.get(name);
      if (running !== undefined) return running;
      if (asking.size >= MAX_AT_ONCE) return undefined;
      const answer = withPatience(resolve(name)).then(
        (addresses) => settle(name, addresses),
        () => settle(name, 'failed'),
      );
      asking.set(name, answer);
      return answer;
    },
  };
}

function nameIn(managerAddress: string): string | undefined {
  const address = parseAddress(managerAddress);
  return typeof address === 'string' || address.host === '' || isIP(address.host.replace(/%.*$/, '')) !== 0
    ? undefined
    : address.host.toLowerCase();
}

async function resolveBySystem(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

function withPatience<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
