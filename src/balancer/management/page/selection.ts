import type { ContextRecord, NodeRecord, VhostRecord } from '../../../core/cluster/records.ts';
import { type ClusterState, nodesOf } from '../../../core/cluster/state.ts';
import { textOf } from '../../../core/mcmp/bytes.ts';
import { CONTEXT_STATUSES, conditionOf, NODE_CONDITIONS } from './words.ts';

/** Which part of a cluster one page shows. */

export const NODES_PER_PAGE = 100;
export const CONTEXTS_PER_PAGE = 1000;

export interface ShownVhost {
  readonly vhost: VhostRecord;
  readonly contexts: readonly ContextRecord[];
}

export interface ShownNode {
  readonly node: NodeRecord;
  readonly vhosts: readonly ShownVhost[];
  /** Contexts of the node. */
  readonly contextCount: number;
  /** Those that the filter lets through; more than are shown only when they are too many for a page. */
  readonly matching: number;
  readonly shown: number;
}

export interface ShownDomain {
  readonly domain: string;
  readonly nodes: readonly ShownNode[];
}

export interface Selection {
  readonly domains: readonly ShownDomain[];
  /** The page that is shown: the last one when there are not that many. */
  readonly page: number;
  readonly pageCount: number;
  readonly nodesMatching: number;
  readonly contextsMatching: number;
  readonly nodesShown: number;
  readonly contextsShown: number;
}

interface Match {
  readonly node: NodeRecord;
  /** Words that the node itself does not answer to: its contexts have to. Empty: all of them are shown. */
  readonly words: readonly string[];
  readonly contexts: number;
}

/**
 * Nodes by domain and name, numbers in names by their value, in pages of whole nodes. A filter is words that all have to
 * occur, whatever their letter case: in a node's own words, or in those of one of its contexts.
 */
export function selectNodes(state: ClusterState, filter: string, wantedPage: number): Selection {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const pages: Match[][] = [];
  let [nodesMatching, contextsMatching, nodesOnPage, contextsOnPage] = [0, 0, 0, 0];
  for (const node of inOrder(state)) {
    const match = matchOf(node, words);
    if (match === undefined) continue;
    const page = pages.at(-1);
    if (page === undefined || nodesOnPage >= NODES_PER_PAGE || contextsOnPage + match.contexts > CONTEXTS_PER_PAGE) {
      pages.push([match]);
      [nodesOnPage, contextsOnPage] = [1, match.contexts];
    } else {
      page.push(match);
      nodesOnPage++;
      contextsOnPage += match.contexts;
    }
    nodesMatching++;
    contextsMatching += match.contexts;
  }
  const page = Math.max(1, Math.min(wantedPage, pages.length));
  const nodes = (pages[page - 1] ?? []).map(shownOf);
  return {
    domains: byDomain(nodes),
    page,
    pageCount: Math.max(1, pages.length),
    nodesMatching,
    contextsMatching,
    nodesShown: nodes.length,
    contextsShown: nodes.reduce((sum, { shown }) => sum + shown, 0),
  };
}

function inOrder(state: ClusterState): NodeRecord[] {
  const keyed = Array.from(nodesOf(state), (node) => ({ node, key: sortKey(node) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.node.slot - b.node.slot));
  return keyed.map(({ node }) => node);
}

/** `n2` stands before `n10`; nodes without a domain come last. */
function sortKey({ domain, route }: NodeRecord): string {
  const name = route.toLowerCase().replace(/[0-9]+/g, (digits) => digits.padStart(10, '0'));
  return `${domain === '' ? '1' : '0'}${domain}\u0000${name}`;
}

function matchOf(node: NodeRecord, words: readonly string[]): Match | undefined {
  const left = words.length === 0 ? words : missingIn(nodeWords(node), words);
  let contexts = 0;
  if (left.length === 0) for (const vhost of node.vhosts) contexts += vhost.contexts.size;
  else for (const vhost of node.vhosts) contexts += matchingContexts(vhost, left).length;
  return left.length === 0 || contexts > 0 ? { node, words: left, contexts } : undefined;
}

function nodeWords(node: NodeRecord): string {
  const { route, domain, balancer, type, host, port } = node;
  const names = textOf(`${route} ${domain} ${balancer.name} ${type}://${host}:${port}`);
  return `${names} ${NODE_CONDITIONS[conditionOf(node)].word}`.toLowerCase();
}

function missingIn(text: string, words: readonly string[]): string[] {
  return words.filter((word) => !text.includes(word));
}

function matchingContexts(vhost: VhostRecord, words: readonly string[]): ContextRecord[] {
  const aliases = textOf(vhost.aliases.map(({ name }) => name).join(' ')).toLowerCase();
  const left = missingIn(aliases, words);
  const contexts = [...vhost.contexts.values()];
  if (left.length === 0) return contexts;
  return contexts.filter(({ path, status }) => {
    const text = `${textOf(path).toLowerCase()} ${CONTEXT_STATUSES[status].toLowerCase()}`;
    return left.every((word) => text.includes(word));
  });
}

function shownOf({ node, words, contexts: matching }: Match): ShownNode {
  const vhosts: ShownVhost[] = [];
  let [shown, contextCount] = [0, 0];
  for (const vhost of node.vhosts) {
    contextCount += vhost.contexts.size;
    const found = words.length === 0 ? [...vhost.contexts.values()] : matchingContexts(vhost, words);
    const contexts = found.sort(byPath).slice(0, CONTEXTS_PER_PAGE - shown);
    shown += contexts.length;
    if (contexts.length > 0) vhosts.push({ vhost, contexts });
  }
  return { node, vhosts, contextCount, matching, shown };
}

function byPath(a: ContextRecord, b: ContextRecord): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function byDomain(nodes: readonly ShownNode[]): ShownDomain[] {
  const domains = new Map<string, ShownNode[]>();
  for (const shown of nodes) {
    const known = domains.get(shown.node.domain);
    if (known === undefined) domains.set(shown.node.domain, [shown]);
    else known.push(shown);
  }
  return Array.from(domains, ([domain, members]) => ({ domain, nodes: members }));
}
