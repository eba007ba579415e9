import type { Brand } from '../../client/brand.ts';
import { TELLS } from '../../client/told.ts';
import { ACTING_RULES } from '../acting-rules.ts';
import type { Selected } from '../select.ts';
import type { HowKnown } from './types.ts';

/** What one look at a balancer says about what is drained there. */
export interface Observation {
  readonly how: HowKnown;
  /**
   * Requests in flight. Of a node that serves other contexts too, those are among them: none means none, more says little.
   * Undefined: not told, or told in another way.
   */
  readonly requests: number | undefined;
  /** Requests given to the nodes so far; undefined when this brand does not count. */
  readonly elected: number | undefined;
  /** Contexts by their key, with their statuses. */
  readonly statuses: ReadonlyMap<string, string>;
}

export function observe(brand: Brand, selected: readonly Selected[]): Observation {
  const { requests: told } = ACTING_RULES[brand];
  const statuses = new Map(
    selected.flatMap(({ node, contexts }) =>
      contexts.map(({ vhost, context }) => [
        JSON.stringify([node.name, context.path, [...vhost.aliases].sort()]),
        context.status,
      ]),
    ),
  );
  const elected = TELLS[brand].counters ? sum(selected.map(({ node }) => node.elected)) : undefined;
  const inFlight = selected.flatMap(({ contexts }) => contexts.map(({ context }) => context.inFlight));
  if (told === 'of-contexts' && inFlight.every((one) => one !== undefined)) {
    return { how: 'requests per context', requests: sum(inFlight), elected, statuses };
  }
  if (told === 'in-stop-reply') return { how: 'requests per context', requests: undefined, elected, statuses };
  if (told === 'nowhere') return { how: 'only the clock', requests: undefined, elected, statuses };
  return {
    how: selected.some(servesOthers) ? 'only the clock' : 'requests of the node',
    requests: sum(selected.map(({ node }) => node.connected)),
    elected,
    statuses,
  };
}

/** Which context of which node a key of `statuses` is about, whatever its virtual host. */
export function contextOf(key: string): string {
  const [route, path]: unknown[] = JSON.parse(key);
  return JSON.stringify([route, path]);
}

/** Whether requests of the node may belong to contexts that are not drained. */
function servesOthers({ node, contexts }: Selected): boolean {
  const drained = new Set(contexts.map(({ context }) => context));
  return node.vhosts.some((vhost) =>
    vhost.contexts.some((context) => context.status !== 'STOPPED' && !drained.has(context)),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** Where only the clock can tell, and nothing else was said. */
export const CLOCK_WAIT_MS = 30_000;

export interface Waited {
  readonly state: 'waiting' | 'finishing';
  /** Since the command was answered. */
  readonly elapsedMs: number;
  /** Since the last request was given to the node; undefined when that is not counted. */
  readonly quietForMs: number | undefined;
}

export interface Patience {
  readonly waitMs: number | undefined;
  readonly quietMs: number | undefined;
}

/** What is still waited for, in words; undefined when nothing is. */
export function waitsFor(brand: Brand, seen: Observation, waited: Waited, patience: Patience): string | undefined {
  const { state, elapsedMs, quietForMs } = waited;
  const rules = ACTING_RULES[brand];
  const clock = seen.how === 'only the clock';
  const none = seen.requests === 0;
  const clockMs = patience.waitMs ?? CLOCK_WAIT_MS;
  if (state === 'finishing') {
    if (!clock) return none ? undefined : requestWords(seen.requests);
    if (none || !rules.disabledServesSessions || elapsedMs >= clockMs) return undefined;
    return secondsLeft(clockMs - elapsedMs);
  }
  const leastMs = clock && !none ? clockMs : (patience.waitMs ?? 0);
  if (elapsedMs < leastMs) return secondsLeft(leastMs - elapsedMs);
  if (patience.quietMs !== undefined && quietForMs !== undefined && quietForMs < patience.quietMs) {
    return `its last request came ${Math.floor(quietForMs / 1000)} s ago`;
  }
  // Before STOP a brand that counts in the answer to it says nothing.
  if (clock || none || seen.requests === undefined) return undefined;
  return requestWords(seen.requests);
}

function requestWords(requests: number | undefined): string {
  if (requests === undefined) return 'the number of requests in flight';
  return requests === 1 ? '1 request in flight' : `${requests} requests in flight`;
}

function secondsLeft(ms: number): string {
  return `${Math.ceil(ms / 1000)} s more by the clock`;
}
