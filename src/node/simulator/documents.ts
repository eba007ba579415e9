import { textOf } from '../../core/mcmp/bytes.ts';
import type { ContextWish, McmpNode } from '../registrar/types.ts';
import { type Phase, phaseOf } from './changes.ts';
import type { NodeCondition, SimulatedNode } from './types.ts';

/**
 * Of every document of node-sim, printed with `--json` or answered by the control API; a change that a reader could stumble
 * over counts it up.
 */
export const SCHEMA_VERSION = 1;

/** One context of one node, as it is now. */
export interface ContextDocument {
  readonly route: string;
  readonly path: string;
  readonly state: ContextWish;
  /** How often it was deployed and not undeployed. */
  readonly references: number;
  /** Requests in it now; null when nobody counts. */
  readonly inFlight: number | null;
}

/** How a node stands with one balancer. */
export interface StandingDocument {
  /** Address of the balancer. */
  readonly balancer: string;
  readonly state: Phase;
  readonly reason: string;
  /** `State` of the last STATUS answer: what the balancer thinks of the node. */
  readonly reportedState: string;
  readonly load: number | null;
}

/** A node at one moment, for people and for programs. */
export interface NodeDocument {
  readonly route: string;
  readonly host: string;
  readonly port: number;
  readonly condition: NodeCondition;
  /** Requests received since the start; null: nobody here counts them. */
  readonly requests: number | null;
  readonly inFlight: number | null;
  readonly contexts: readonly ContextDocument[];
  readonly balancers: readonly StandingDocument[];
}

export function nodeDocument(simulated: SimulatedNode): NodeDocument {
  const node = simulated.node();
  return {
    route: node.route,
    host: simulated.host,
    port: simulated.port,
    condition: simulated.condition(),
    requests: simulated.requestCount(),
    inFlight: simulated.inFlight(),
    contexts: contextDocuments(node),
    balancers: standingDocuments(node),
  };
}

/** The same of an application that runs elsewhere: its requests are not seen here. */
export function upstreamDocument(node: McmpNode, { host, port }: { host: string; port: number }): NodeDocument {
  return {
    ...{ route: node.route, host, port, condition: 'running', requests: null, inFlight: null },
    contexts: contextDocuments(node),
    balancers: standingDocuments(node),
  };
}

/** Its contexts, or the one of that path. */
export function contextDocuments(node: McmpNode, path?: string): readonly ContextDocument[] {
  return node
    .contexts()
    .filter((context) => path === undefined || context.path === path)
    .map((context) => ({
      route: node.route,
      path: context.path,
      state: context.wish,
      references: context.references,
      inFlight: context.inFlight ?? null,
    }));
}

function standingDocuments(node: McmpNode): readonly StandingDocument[] {
  return node.registrations().map(({ balancer, state, lastFailure, reportedState, load }) => ({
    balancer,
    state: standing(phaseOf(state), lastFailure),
    reason: textOf(lastFailure),
    reportedState: textOf(reportedState),
    load: load ?? null,
  }));
}

/** A new attempt after one that failed is still the same trouble. */
function standing(phase: Phase, lastFailure: string): Phase {
  return phase === 'registering' && lastFailure !== '' ? 'retrying' : phase;
}
