import type { LifeState } from '../registrar/life-cycle.ts';
import type { NodeEvent } from '../registrar/types.ts';

/** How a node stands with a balancer, as far as it is worth a line: a report that is on its way is not. */
export type Phase = 'registering' | 'registered' | 'retrying' | 'rejected' | 'silent' | 'leaving' | 'gone';

const PHASES: Readonly<Record<LifeState, Phase>> = {
  waiting: 'registering',
  introducing: 'registering',
  tidying: 'registering',
  configuring: 'registering',
  deploying: 'registering',
  reporting: 'registered',
  registered: 'registered',
  changing: 'registered',
  retrying: 'retrying',
  rejected: 'rejected',
  silent: 'silent',
  disabling: 'leaving',
  draining: 'leaving',
  withdrawing: 'leaving',
  removing: 'leaving',
  ended: 'gone',
};

/** Where a new attempt is no news until it has come to something. */
const FAILED: ReadonlySet<Phase> = new Set<Phase>(['retrying', 'rejected', 'silent']);

/** The phase of a state that is seen without what was before it. */
export function phaseOf(state: LifeState): Phase {
  return PHASES[state];
}

/** A node and one of its balancers have come to stand otherwise, or for another reason. */
export interface Change {
  readonly route: string;
  /** Address of the balancer. */
  readonly balancer: string;
  readonly from: Phase;
  readonly to: Phase;
  /** Why, when something failed; else empty. */
  readonly reason: string;
}

type LifeEvent = Extract<NodeEvent, { kind: 'life' }>;

export interface ChangeTracker {
  /** What there is to tell of an event; undefined when it changes nothing that was told before. */
  see(route: string, event: LifeEvent): Change | undefined;
  /** The node begins anew. */
  forget(route: string): void;
}

interface Told {
  readonly phase: Phase;
  readonly reason: string;
}

/**
 * Keeps the small steps of registrars from being told as changes: each STATUS, each attempt that fails like the one before
 * it. What it remembers grows with the nodes and their balancers only.
 */
export function createChangeTracker(): ChangeTracker {
  const toldByRoute = new Map<string, Map<string, Told>>();
  return {
    see(route, { balancer, from, to, reason }) {
      const told = toldByRoute.get(route) ?? new Map<string, Told>();
      toldByRoute.set(route, told);
      const last = told.get(balancer) ?? { phase: 'registering', reason: '' };
      const phase = nextPhase(last.phase, from, to);
      if (phase === last.phase && (reason === '' || reason === last.reason)) return undefined;
      // Balancers that are discovered come and go, and strangers can invent them.
      if (phase === 'gone') told.delete(balancer);
      else told.set(balancer, { phase, reason });
      return { route, balancer, from: last.phase, to: phase, reason };
    },
    forget(route) {
      toldByRoute.delete(route);
    },
  };
}

function nextPhase(last: Phase, from: LifeState, to: LifeState): Phase {
  // The first report belongs to the registration, a later one to being registered.
  if (to === 'reporting') return from === 'registered' ? 'registered' : last;
  const next = PHASES[to];
  return next === 'registering' && FAILED.has(last) ? last : next;
}
