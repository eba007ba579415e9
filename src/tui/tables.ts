import {
  type Brand,
  type ClusterReading,
  type Disagreement,
  disagreementWords,
  type NodeCondition,
  nodeCondition,
  type SurveyReading,
  servedPaths,
  surveyDisagreements,
  type TargetReading,
  type ViewNode,
} from '../client/index.ts';
import { TELLS } from '../client/told.ts';
import { copyKey, mergeCopies, type SeenCopies } from './merge-copies.ts';
import type {
  BalancerRow,
  Baseline,
  CopyRow,
  DisagreementRow,
  NodeRow,
  PathRow,
  StatusCounts,
  Tables,
} from './rows.ts';
import { shown } from './width.ts';

/** One node as one balancer says it. */
interface Said {
  readonly at: number;
  readonly node: ViewNode;
  readonly state: ClusterReading;
  readonly isStale: boolean;
}

/** The worst first: what somebody has to look at. */
const WORST: readonly NodeCondition[] = ['error', 'removing', 'withdrawn', 'standby', 'active'];

/**
 * Puts together what balancers say: one row for each node, path and context, whoever knows it. What a silent balancer said
 * last is shown as old.
 *
 * @param baseline what nodes had been given some time ago, for the share that they really get
 */
export function tablesOf(reading: SurveyReading, baseline: Baseline | undefined): Tables {
  const disagreements = surveyDisagreements(reading);
  const disputed = new Set(disagreements.filter(({ kind }) => kind !== 'setting').map(({ of }) => of));
  const seen: SeenCopies = new Map();
  const said = new Map<string, Said[]>();
  reading.targets.forEach((target, at) => {
    const state = stateOf(target);
    if (state === undefined) return;
    const isStale = target.outcome !== 'read';
    for (const node of state.view.nodes) {
      const known = said.get(node.name);
      if (known === undefined) said.set(node.name, [{ at, node, state, isStale }]);
      else known.push({ at, node, state, isStale });
      mergeCopies(seen, node, at, reading.targets.length, isStale);
    }
  });
  for (const { kind, of, about } of disagreements) if (kind === 'context') disputed.add(`${of}\n${about}`);
  for (const copy of seen.values()) copy.disagrees = disputed.has(`${copy.route}\n${copy.path}`);
  const copiesOfNode = grouped(seen, 'route');
  const shares = sharesByLoad(said, copiesOfNode);
  const got = requestsSince(reading, baseline);
  const nodes = [...said]
    .map(([route, sayings]) =>
      nodeRow(route, sayings, copiesOfNode.get(route) ?? [], disputed.has(route), {
        expected: shares.get(route),
        actual: got.get(route),
      }),
    )
    .sort(byShown);
  const nodeByRoute = new Map(nodes.map((node) => [node.route, node]));
  const paths = [...grouped(seen, 'path')].map(([path, copies]) => pathRow(path, copies, nodeByRoute)).sort(byShown);
  let served: ReadonlyMap<string, number | undefined> | undefined;
  return {
    atMs: reading.atMs,
    balancers: reading.targets.map(balancerRow),
    nodes,
    nodeByRoute,
    paths,
    pathByName: new Map(paths.map((path) => [path.path, path])),
    contexts: seen.size,
    disagreements: disagreements.map((one) => disagreementRow(one, reading)),
    shareOf(copy) {
      served ??= servedShares(reading);
      return served.get(copy.key);
    },
  };
}

function disagreementRow(disagreement: Disagreement, { targets }: SurveyReading): DisagreementRow {
  const { kind, of, about, aliases, says } = disagreement;
  const words = disagreementWords(disagreement);
  const sayings = says.map(({ target, value }) => {
    const at = targets.findIndex((one) => one.target === target) + 1;
    return `${at} ${value === undefined ? 'not known' : value === '' ? 'none' : shown(value)}`;
  });
  return {
    kind: 'disagreement',
    key: JSON.stringify([kind, of, about, aliases]),
    shown: words,
    subjectShown: about === '' ? shown(of) : `${shown(about)} of ${shown(of)}`,
    saysShown: sayings.join(', '),
    disagreement,
  };
}

/** What each node has been given by now. */
export function baselineOf(reading: SurveyReading): Baseline {
  const elected = new Map<string, number>();
  for (const target of reading.targets) {
    const state = target.outcome === 'read' ? target.good.state : undefined;
    if (state === undefined || !TELLS[state.brand].counters) continue;
    for (const { name, elected: count } of state.view.nodes) elected.set(`${target.target} ${name}`, count);
  }
  return { atMs: reading.atMs, elected };
}

export function stateOf(target: TargetReading): ClusterReading | undefined {
  return target.outcome === 'pending' ? undefined : target.good?.state;
}

/** How a balancer is called where there is little room. */
export function labelOf(target: string): string {
  return shown(target.replace(/^https?:\/\//, ''));
}

function balancerRow(reading: TargetReading, at: number): BalancerRow {
  const state = stateOf(reading);
  const counts = { ENABLED: 0, DISABLED: 0, STOPPED: 0 };
  for (const { vhosts } of state?.view.nodes ?? []) {
    for (const { contexts } of vhosts) for (const { status } of contexts) counts[status]++;
  }
  return {
    kind: 'balancer',
    key: `b${at}`,
    shown: shown(reading.target),
    target: reading.target,
    reading,
    brandShown: state === undefined ? '' : shown(`${BRAND_NAMES[state.brand]} ${state.version}`.trim()),
    nodes: state?.view.nodes.length ?? 0,
    counts,
    inFlight: state === undefined ? undefined : sum(state.view.nodes.map((node) => inFlightOf(node, state))),
  };
}

/** As short as a column needs them. */
const BRAND_NAMES = Object.freeze({
  mcmp: 'mcmp',
  'httpd-2': 'httpd',
  'httpd-1.3': 'httpd',
  undertow: 'Undertow',
  nginx: 'nginx',
  unknown: 'unknown',
} satisfies Record<Brand, string>);

function nodeRow(
  route: string,
  sayings: readonly Said[],
  copies: readonly CopyRow[],
  disagrees: boolean,
  shares: Pick<NodeRow, 'expected' | 'actual'>,
): NodeRow {
  const live = sayings.filter(({ isStale }) => !isStale);
  const current = live.length > 0 ? live : sayings;
  const conditions = current.map(({ node, state }) => nodeCondition(node, state.brand));
  const [first] = current;
  const heard = current.flatMap(({ node }) => (node.told === undefined ? [] : [node.told.lastHeardMs]));
  const reasons = current.map(({ node }) => node.told?.errorReason ?? '').filter((reason) => reason !== '');
  return {
    kind: 'node',
    key: `n${route}`,
    shown: shown(route),
    route,
    domain: first?.node.domain ?? '',
    balancer: first?.node.balancer ?? '',
    addressShown: first === undefined ? '' : shown(`${first.node.type}://${first.node.host}:${first.node.port}`),
    knownAt: sayings.map(({ at }) => at),
    isStale: live.length === 0,
    condition: WORST.find((one) => conditions.includes(one)),
    reasonShown: shown(reasons[0] ?? ''),
    load: current.find(({ state }) => TELLS[state.brand].load)?.node.load,
    elected: sum(current.map(({ node, state }) => (TELLS[state.brand].counters ? node.elected : undefined))),
    inFlight: sum(current.map(({ node, state }) => inFlightOf(node, state))),
    lastHeardMs: heard.length === 0 ? undefined : Math.max(...heard),
    ...shares,
    copies,
    counts: countsOf(copies),
    disagrees,
  };
}

function pathRow(path: string, copies: readonly CopyRow[], nodes: ReadonlyMap<string, NodeRow>): PathRow {
  const serving = new Set<string>();
  for (const { route, status, statuses } of copies) {
    if (status !== 'ENABLED' && !statuses.includes('ENABLED')) continue;
    const condition = nodes.get(route)?.condition;
    if (condition === undefined || condition === 'active' || condition === 'standby') serving.add(route);
  }
  return {
    kind: 'path',
    key: `p${path}`,
    shown: shown(path),
    path,
    copies: [...copies].sort((left, right) => compare(left.routeShown, right.routeShown)),
    counts: countsOf(copies),
    inFlight: sum(copies.map(({ inFlight }) => inFlight)),
    serving: serving.size,
    isStale: copies.every(({ isStale }) => isStale),
    disagrees: copies.some(({ disagrees }) => disagrees),
  };
}

/**
 * Part of all requests without a session that each node may expect, if every path were asked for as often as any other and
 * every node had them all: its load over the loads of those that serve something, within its balancer group.
 */
function sharesByLoad(
  said: ReadonlyMap<string, readonly Said[]>,
  copies: ReadonlyMap<string, readonly CopyRow[]>,
): Map<string, number | undefined> {
  const loads = new Map<string, number>();
  let standby: string | undefined;
  let standbys = 0;
  let untold = false;
  const unheard = new Set<string>();
  for (const [route, sayings] of said) {
    const live = sayings.find(({ isStale }) => !isStale);
    if (live === undefined) {
      unheard.add(route);
      continue;
    }
    const condition = nodeCondition(live.node, live.state.brand);
    if (condition === undefined) untold = true;
    if (!(copies.get(route) ?? []).some(({ status }) => status === 'ENABLED')) continue;
    if (condition === 'active') loads.set(route, live.node.load);
    if (condition !== 'standby') continue;
    standby = route;
    standbys++;
  }
  const whole = [...loads.values()].reduce((total, load) => total + load, 0);
  const share = (route: string): number | undefined => {
    if (untold || unheard.has(route) || (whole === 0 && standbys > 1)) return undefined;
    if (whole === 0) return route === standby ? 1 : 0;
    return (loads.get(route) ?? 0) / whole;
  };
  return new Map([...said.keys()].map((route) => [route, share(route)]));
}

/** Part of the requests since the baseline that each node got; empty when there were none. */
function requestsSince(reading: SurveyReading, baseline: Baseline | undefined): Map<string, number> {
  if (baseline === undefined) return new Map();
  const got = new Map<string, number>();
  let whole = 0;
  for (const [key, count] of baselineOf(reading).elected) {
    const before = baseline.elected.get(key);
    // A node that registered anew, or a balancer that started anew, counts from nothing.
    const more = before === undefined || before > count ? 0 : count - before;
    const route = key.slice(key.indexOf(' ') + 1);
    got.set(route, (got.get(route) ?? 0) + more);
    whole += more;
  }
  if (whole === 0) return new Map();
  return new Map([...got].map(([route, count]) => [route, count / whole]));
}

/** Of the first balancer that can tell. */
function servedShares(reading: SurveyReading): Map<string, number | undefined> {
  const shares = new Map<string, number | undefined>();
  for (const target of reading.targets) {
    if (target.outcome !== 'read') continue;
    for (const { path, copies } of servedPaths(target.good.state.view, target.good.state.brand)) {
      for (const { route, aliases, share } of copies) {
        const key = copyKey(route, path, aliases);
        if (shares.get(key) === undefined) shares.set(key, share);
      }
    }
  }
  return shares;
}

function inFlightOf(node: ViewNode, { brand }: ClusterReading): number | undefined {
  return TELLS[brand].counters ? node.connected : undefined;
}

function grouped(copies: SeenCopies, by: 'route' | 'path'): Map<string, CopyRow[]> {
  const groups = new Map<string, CopyRow[]>();
  for (const copy of copies.values()) {
    const group = groups.get(copy[by]);
    if (group === undefined) groups.set(copy[by], [copy]);
    else group.push(copy);
  }
  return groups;
}

function countsOf(copies: readonly CopyRow[]): StatusCounts {
  const counts = { ENABLED: 0, DISABLED: 0, STOPPED: 0 };
  for (const { status } of copies) counts[status]++;
  return counts;
}

/** Undefined when nobody tells. */
function sum(numbers: readonly (number | undefined)[]): number | undefined {
  let total: number | undefined;
  for (const number of numbers) if (number !== undefined) total = (total ?? 0) + number;
  return total;
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** node2 stands before node10. */
export function compare(left: string, right: string): number {
  return COLLATOR.compare(left, right);
}

function byShown(left: { readonly shown: string }, right: { readonly shown: string }): number {
  return compare(left.shown, right.shown);
}
