import type { AppCommandName } from '../mcmp/types.ts';
import type { ContextStatus, NodeRecord } from './records.ts';

/** What each command makes of a context (reference §3.5). Nothing else changes a status. */
export const CONTEXT_TRANSITIONS = {
  absent: { 'ENABLE-APP': 'ENABLED', 'DISABLE-APP': 'DISABLED', 'STOP-APP': 'STOPPED', 'REMOVE-APP': 'absent' },
  ENABLED: { 'ENABLE-APP': 'ENABLED', 'DISABLE-APP': 'DISABLED', 'STOP-APP': 'STOPPED', 'REMOVE-APP': 'absent' },
  DISABLED: { 'ENABLE-APP': 'ENABLED', 'DISABLE-APP': 'DISABLED', 'STOP-APP': 'STOPPED', 'REMOVE-APP': 'absent' },
  STOPPED: { 'ENABLE-APP': 'ENABLED', 'DISABLE-APP': 'DISABLED', 'STOP-APP': 'STOPPED', 'REMOVE-APP': 'absent' },
} as const satisfies Record<ContextStatus | 'absent', Record<AppCommandName, ContextStatus | 'absent'>>;

/**
 * Where a node is in its life.
 * - `unknown`: no row in the table.
 * - `serving`: may take requests (a load of 0 makes it a hot standby, -1 keeps it out by its own word).
 * - `error`: the balancer cannot reach it.
 * - `removing`: said goodbye; its contexts are gone, its row waits so that it can come back.
 * - `buried`: the row shows `REMOVED`: for a second wait in httpd 2, at once for the route of an `ousted` node.
 */
export type NodeState = 'unknown' | 'serving' | 'error' | 'removing' | 'buried';

/**
 * What happens to a node.
 * - `config`: CONFIG with the address that is known, or of a new route. `config-moved`: with another address.
 * - `status`: STATUS with a load of 0 or more, and the node answered its ping.
 * - `ping-good`: it answered a health ping, or that of a STATUS without Load. `ping-bad`: it answered none of these, or a
 *   request could not be brought to it.
 * - `remove`: REMOVE-APP for the whole node.
 * - `due`: `waitBeforeRemoveMs` after the removal, or `brokenNodeTimeoutMs` after pings began to fail.
 * - `replaced`: another route takes its address.
 * - `ousted`: CONFIG says that its route is elsewhere, and the dialect gives up both (httpd 1.3, nginx: §12.2.3).
 */
export type NodeTrigger =
  | 'config'
  | 'config-moved'
  | 'status'
  | 'ping-good'
  | 'ping-bad'
  | 'remove'
  | 'due'
  | 'replaced'
  | 'ousted';

/** The questions of the dialect that the life of a node depends on. */
export interface LifeRules {
  readonly pingClearsError: boolean;
  readonly buriesRemoved: boolean;
  readonly removesAtOnce: boolean;
}

export type NodeStep = NodeState | { readonly ask: keyof LifeRules; readonly yes: NodeState; readonly no: NodeState };

/** The life of a node (reference §3.6, §3.8, §5.5). A pair that is missing cannot happen or is refused before. */
export const NODE_TRANSITIONS = {
  unknown: { config: 'serving' },
  serving: {
    config: 'serving',
    'config-moved': 'serving',
    status: 'serving',
    'ping-good': 'serving',
    'ping-bad': 'error',
    remove: { ask: 'removesAtOnce', yes: 'unknown', no: 'removing' },
    replaced: 'unknown',
    ousted: 'buried',
  },
  error: {
    config: 'error',
    'config-moved': 'serving',
    status: 'serving',
    'ping-good': { ask: 'pingClearsError', yes: 'serving', no: 'error' },
    'ping-bad': 'error',
    remove: { ask: 'removesAtOnce', yes: 'unknown', no: 'removing' },
    due: { ask: 'buriesRemoved', yes: 'removing', no: 'unknown' },
    replaced: 'unknown',
    ousted: 'buried',
  },
  removing: {
    config: 'serving',
    'config-moved': 'serving',
    'ping-good': 'removing',
    'ping-bad': 'removing',
    due: { ask: 'buriesRemoved', yes: 'buried', no: 'unknown' },
    replaced: 'unknown',
    ousted: 'buried',
  },
  buried: { due: 'unknown', replaced: 'unknown' },
} as const satisfies Record<NodeState, Partial<Record<NodeTrigger, NodeStep>>>;

const STEPS: Record<NodeState, Partial<Record<NodeTrigger, NodeStep>>> = NODE_TRANSITIONS;

/** The state after a trigger; undefined for a pair that the table does not have. */
export function nextNodeState(from: NodeState, trigger: NodeTrigger, rules: LifeRules): NodeState | undefined {
  const step = STEPS[from][trigger];
  if (step === undefined || typeof step === 'string') return step;
  return rules[step.ask] ? step.yes : step.no;
}

/** Name of a buried node (reference §3.6); no node can be found by it. */
export const BURIED_ROUTE = 'REMOVED';

/** State of a node that is in the table. */
export function nodeStateOf(node: NodeRecord, buried: ReadonlySet<NodeRecord>): Exclude<NodeState, 'unknown'> {
  if (node.removedAtMs !== 0) return buried.has(node) ? 'buried' : 'removing';
  return node.inError ? 'error' : 'serving';
}
