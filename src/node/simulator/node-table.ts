import { tableLines } from '../../client/table.ts';
import { textOf } from '../../core/mcmp/bytes.ts';
import type { McmpNode, NodeContextView } from '../registrar/types.ts';
import { type Phase, phaseOf } from './changes.ts';
import type { NodeCondition, SimulatedNode } from './types.ts';

/** More rows than this nobody reads; then the nodes are counted by state. */
const MAX_ROWS = 40;
const MAX_CONTEXTS = 3;
const MAX_STATES = 20;

export interface StandingView {
  /** Address of the balancer. */
  readonly balancer: string;
  readonly state: Phase;
  readonly reason: string;
  /** `State` of the last STATUS answer: what the balancer thinks of the node. */
  readonly reportedState: string;
  readonly load: number | null;
}

/** A simulated node at one moment, for people and for scripts. */
export interface NodeView {
  readonly route: string;
  readonly host: string;
  readonly port: number;
  readonly condition: NodeCondition;
  readonly balancers: readonly StandingView[];
  readonly contexts: readonly { readonly path: string; readonly wish: NodeContextView['wish'] }[];
  /** Received so far; null: nobody here counts them. */
  readonly requests: number | null;
}

export function nodeView(simulated: SimulatedNode): NodeView {
  return {
    ...registeredView(simulated.node(), simulated),
    condition: simulated.condition(),
    requests: simulated.requestCount(),
  };
}

/** The same of a node whose connector is not ours. */
export function registeredView(node: McmpNode, { host, port }: { host: string; port: number }): NodeView {
  return {
    route: node.route,
    host,
    port,
    condition: 'running',
    balancers: node.registrations().map(({ balancer, state, lastFailure, reportedState, load }) => ({
      balancer,
      state: standing(phaseOf(state), lastFailure),
      reason: textOf(lastFailure),
      reportedState: textOf(reportedState),
      load: load ?? null,
    })),
    contexts: node.contexts().map(({ path, wish }) => ({ path, wish })),
    requests: null,
  };
}

/** A new attempt after one that failed is still the same trouble. */
function standing(phase: Phase, lastFailure: string): Phase {
  return phase === 'registering' && lastFailure !== '' ? 'retrying' : phase;
}

/** The nodes as lines: a row each or, when they are many, a row for each state that some of them are in. */
export function fleetLines(views: readonly NodeView[]): string[] {
  return views.length > MAX_ROWS ? summaryLines(views) : nodeLines(views);
}

function nodeLines(views: readonly NodeView[]): string[] {
  return tableLines<NodeView>(
    [
      { title: 'node', value: ({ route }) => route },
      { title: 'address', value: ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}` },
      { title: 'state', value: stateText },
      { title: 'load', align: 'right', value: ({ balancers }) => loadText(balancers) },
      { title: 'contexts', value: ({ contexts }) => contextsText(contexts) },
      { title: 'requests', align: 'right', value: ({ requests }) => requests ?? '-' },
    ],
    views,
  );
}

function stateText({ condition, balancers }: NodeView): string {
  if (condition !== 'running') return condition;
  const [first] = balancers;
  if (first === undefined) return 'no balancer';
  const words = new Set(balancers.map(standingText));
  if (words.size === 1) return balancers.length === 1 ? standingText(first) : `${standingText(first)} everywhere`;
  return balancers.map((standing) => `${standingText(standing)} at ${standing.balancer}`).join(', ');
}

/** A balancer that has the node and does not reach it says so in its answers to STATUS. */
function standingText({ state, reportedState }: StandingView): string {
  return state === 'registered' && reportedState === 'NOTOK' ? 'registered, but NOTOK' : state;
}

function loadText(balancers: readonly StandingView[]): string {
  const loads = new Set(balancers.flatMap(({ load }) => (load === null ? [] : [String(load)])));
  return loads.size === 0 ? '-' : [...loads].join('/');
}

function contextsText(contexts: NodeView['contexts']): string {
  const shown = contexts
    .slice(0, MAX_CONTEXTS)
    .map(({ path, wish }) => (wish === 'enabled' ? path : `${path} (${wish})`));
  const more = contexts.length - shown.length;
  return shown.length === 0 ? '-' : `${shown.join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}

interface SummaryRow {
  readonly state: string;
  nodes: number;
  readonly first: string;
}

function summaryLines(views: readonly NodeView[]): string[] {
  const rows = new Map<string, SummaryRow>();
  for (const view of views) {
    const state = stateText(view);
    const row = rows.get(state) ?? { state, nodes: 0, first: view.route };
    row.nodes += 1;
    rows.set(state, row);
  }
  const most = [...rows.values()].sort((a, b) => b.nodes - a.nodes);
  const lines = tableLines<SummaryRow>(
    [
      { title: 'nodes', align: 'right', value: ({ nodes }) => nodes },
      { title: 'state', value: ({ state }) => state },
      { title: 'such as', value: ({ first }) => first },
    ],
    most.slice(0, MAX_STATES),
  );
  const rest = most.slice(MAX_STATES).reduce((sum, { nodes }) => sum + nodes, 0);
  return rest === 0 ? lines : [...lines, `${rest} more nodes are in other states`];
}
