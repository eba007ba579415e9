import type { ContextStatus } from '../../core/cluster/records.ts';
import type { JavaVhost } from './java-info.ts';
import { hasOtherAliases, type Reported } from './reported.ts';
import { newTold, type Told } from './told.ts';
import type { ContextWish } from './types.ts';

/** What follows from INFO. */
export interface ResetPlan {
  /** REMOVE-APP /* goes in front of CONFIG. */
  readonly removesAll: boolean;
  /** Contexts that INFO shows and the node has no longer. */
  readonly obsolete: readonly string[];
  /** What needs not be said again. */
  readonly told: Map<string, Told>;
  /** Contexts that somebody else disabled or stopped there. */
  readonly byOthers: readonly string[];
}

export const NO_RESET: ResetPlan = { removesAll: false, obsolete: [], told: new Map(), byOthers: [] };

export interface ResetInput {
  readonly aliases: readonly string[];
  /** Contexts that may be told, and what they shall be. */
  readonly wishes: ReadonlyMap<string, ContextWish>;
  /** What this balancer had been told before. */
  readonly told: ReadonlyMap<string, Told>;
  /** Whether what others did there is undone. */
  readonly insists: boolean;
}

/** More contexts that are none of ours are not taken away one by one: each takes a message, and who speaks may be hostile. */
const MOST_STRANGE_CONTEXTS = 1000;

const WISHES: Readonly<Record<ContextStatus, ContextWish>> = {
  ENABLED: 'enabled',
  DISABLED: 'disabled',
  STOPPED: 'stopped',
};

/**
 * Ours (reference §9.4, with its traps left out): everything is said again, but for contexts that are going and contexts
 * that an administrator took out while we stood by; the virtual host is removed whole when its names are not ours.
 * @param whose `moved`: the node is reached elsewhere than this balancer was told; `strange`: it was never told what INFO shows,
 * which may be a node of the same name that lives (needs B7), or this one before it was started again
 */
export function planReset(
  reported: Reported,
  { aliases, wishes, told, insists }: ResetInput,
  whose: 'ours' | 'moved' | 'strange',
): ResetPlan {
  if (whose === 'strange') {
    // Nothing is taken away before the balancer has taken our CONFIG; then what we do not have goes as contexts of ours go.
    // Beyond the limit they stay until the node goes as a whole.
    const obsolete = [...reported.contexts].filter(([path]) => !wishes.has(path)).slice(0, MOST_STRANGE_CONTEXTS);
    const keep = new Map(obsolete.map(([path, status]) => [path, newTold(WISHES[status], false)]));
    return { removesAll: false, obsolete: [], told: keep, byOthers: [] };
  }
  if (whose === 'moved' || hasOtherAliases(reported, aliases)) {
    return { removesAll: true, obsolete: [], told: new Map(), byOthers: [] };
  }
  const keep = new Map<string, Told>();
  const obsolete: string[] = [];
  const byOthers: string[] = [];
  for (const [path, status] of reported.contexts) {
    const before = told.get(path);
    const wish = wishes.get(path);
    if (wish === undefined) {
      if (before === undefined) obsolete.push(path);
      else keep.set(path, before);
    } else if (!insists && wish === 'enabled' && status !== 'ENABLED' && isOthersWork(before)) {
      keep.set(path, { ...newTold(WISHES[status], false), byOther: true });
      byOthers.push(path);
    }
  }
  if (obsolete.length > MOST_STRANGE_CONTEXTS) {
    return { removesAll: true, obsolete: [], told: new Map(), byOthers: [] };
  }
  return { removesAll: false, obsolete, told: keep, byOthers };
}

/** Whether somebody else must have done it: the last that we said was ENABLE-APP. */
function isOthersWork(before: Told | undefined): boolean {
  return before?.status === 'enabled' || before?.byOther === true;
}

/** The Java node's (reference §9.4), its loss of applications included: what INFO calls ENABLED is not enabled again. */
export function planJavaReset(vhosts: readonly JavaVhost[], { aliases, wishes }: ResetInput): ResetPlan {
  const own = new Set(aliases);
  const vhost = vhosts.find((candidate) => candidate.aliases.has(aliases[0] ?? ''));
  const contexts = vhost?.contexts ?? new Map<string, string>();
  const obsolete = [...contexts.keys()].filter((path) => !wishes.has(path));
  const told = new Map<string, Told>();
  for (const [path, wish] of wishes) {
    const status = contexts.get(path);
    const sayNothing = wish === 'stopped' ? status !== undefined && status !== 'ENABLED' : status === 'ENABLED';
    if (sayNothing) told.set(path, newTold(wish, true));
  }
  const otherNames = vhost !== undefined && !isSameSet(vhost.aliases, own);
  const allObsolete = obsolete.length > 0 && obsolete.length === contexts.size;
  const tooMany = obsolete.length > MOST_STRANGE_CONTEXTS;
  return { removesAll: otherNames || allObsolete || tooMany, obsolete, told, byOthers: [] };
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((element) => other.has(element));
}
