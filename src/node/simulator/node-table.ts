import { tableLines } from '../../client/table.ts';
import { formatAddress } from '../../core/address.ts';
import type { NodeDocument, StandingDocument } from './documents.ts';

/** More rows than this nobody reads; then the nodes are counted by state. */
const MAX_ROWS = 40;
const MAX_CONTEXTS = 3;
const MAX_STATES = 20;

/** The nodes as lines: a row each or, when they are many, a row for each state that some of them are in. */
export function fleetLines(nodes: readonly NodeDocument[]): string[] {
  return nodes.length > MAX_ROWS ? summaryLines(nodes) : nodeLines(nodes);
}

function nodeLines(nodes: readonly NodeDocument[]): string[] {
  return tableLines<NodeDocument>(
    [
      { title: 'node', value: ({ route }) => route },
      { title: 'address', value: formatAddress },
      { title: 'state', value: stateText },
      { title: 'load', align: 'right', value: ({ balancers }) => loadText(balancers) },
      { title: 'contexts', value: ({ contexts }) => contextsText(contexts) },
      { title: 'requests', align: 'right', value: ({ requests }) => requests ?? '-' },
    ],
    nodes,
  );
}

function stateText({ condition, balancers }: NodeDocument): string {
  if (condition !== 'running') return condition;
  const [first] = balancers;
  if (first === undefined) return 'no balancer';
  const counts = new Map<string, number>();
  for (const word of balancers.map(standingText)) counts.set(word, (counts.get(word) ?? 0) + 1);
  if (counts.size === 1) return balancers.length === 1 ? standingText(first) : `${standingText(first)} everywhere`;
  // Which is where would be wider than terminals are; lines of the log, `ctl show` and JSON say it.
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}

/** A balancer that has the node and does not reach it says so in its answers to STATUS. */
function standingText({ state, reportedState }: StandingDocument): string {
  return state === 'registered' && reportedState === 'NOTOK' ? 'registered, but NOTOK' : state;
}

function loadText(balancers: readonly StandingDocument[]): string {
  const loads = new Set(balancers.flatMap(({ load }) => (load === null ? [] : [String(load)])));
  return loads.size === 0 ? '-' : [...loads].join('/');
}

function contextsText(contexts: NodeDocument['contexts']): string {
  const shown = contexts
    .slice(0, MAX_CONTEXTS)
    .map(({ path, state }) => (state === 'enabled' ? path : `${path} (${state})`));
  const more = contexts.length - shown.length;
  return shown.length === 0 ? '-' : `${shown.join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}

interface SummaryRow {
  readonly state: string;
  nodes: number;
  readonly first: string;
}

function summaryLines(nodes: readonly NodeDocument[]): string[] {
  const rows = new Map<string, SummaryRow>();
  for (const node of nodes) {
    const state = stateText(node);
    const row = rows.get(state) ?? { state, nodes: 0, first: node.route };
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
