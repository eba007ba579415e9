import type { CandidateGroup } from './candidate-group.ts';
import type { Chooser } from './choose.ts';
import type { Contender } from './contender.ts';
import { electionValue } from './contender.ts';
import type { RouteRequest, RoutingReason, SessionSource } from './decision.ts';
import { createDecision, ROUTING_REASONS, statusOf } from './decision.ts';
import { hostName } from './host-name.ts';
import type { Place } from './place.ts';
import type { Registry } from './registry.ts';
import { createRequestPath, readRequestPath } from './request-path.ts';
import type { RoutingRules } from './rules.ts';
import { createSession, readSession } from './session.ts';

/** One node that serves the path, as the decision saw it. */
export interface ExplainedCandidate {
  readonly node: string;
  readonly balancer: string;
  readonly domain: string;
  readonly context: string;
  readonly status: string;
  readonly load: number;
  readonly elected: number;
  /** What the election compares, lowest first; null for a node that is not active. */
  readonly value: number | null;
  readonly usable: boolean;
  /** Why it can or cannot serve this request. */
  readonly why: string;
}

/** A session as one of the balancers that serve the path reads it. */
export interface ExplainedSession {
  readonly balancer: string;
  readonly source: SessionSource;
  /** Name of the cookie or parameter; empty without a session. */
  readonly name: string;
  /** The id, shortened: it is a credential. */
  readonly id: string;
  readonly route: string;
  /** What became of the route. */
  readonly words: string;
}

/** Everything that led to a decision, as plain JSON data. */
export interface Explanation {
  readonly host: {
    readonly asked: string;
    readonly name: string;
    readonly aliasesUsed: boolean;
    readonly found: boolean;
  };
  readonly path: { readonly target: string; readonly matched: string | null };
  /** Prefixes in the order in which they were tried. */
  readonly prefixes: readonly { readonly prefix: string; readonly found: boolean }[];
  readonly context: string | null;
  /** One for each balancer that serves the context. */
  readonly sessions: readonly ExplainedSession[];
  readonly candidates: readonly ExplainedCandidate[];
  /** Route of the chosen node, or null. */
  readonly winner: string | null;
  readonly reason: RoutingReason;
  /** HTTP status to answer, or 0 when a node was chosen. */
  readonly status: number;
  readonly words: string;
}

/** What the explainer needs to know of the index's options. */
interface ExplainOptions {
  readonly useAlias: boolean;
  readonly rules: RoutingRules;
  readonly sessionCookie: string;
}

export function createExplainer(
  registry: Registry,
  choose: Chooser,
  options: ExplainOptions,
): (request: RouteRequest, now: number) => Explanation {
  const path = createRequestPath();
  const session = createSession();

  function explainSession(request: RouteRequest, group: CandidateGroup, now: number): ExplainedSession {
    const { balancer } = group;
    readSession(request, path, balancer, options.rules, options.sessionCookie, session);
    const found = session.source !== 'none';
    return {
      balancer: balancer.name,
      source: session.source,
      name: found ? session.name : '',
      id: found ? shortened(session.text.slice(session.from, session.to)) : '',
      route: session.route,
      words: found ? routeWords(group, now) : 'no session id',
    };
  }

  function routeWords(group: CandidateGroup, now: number): string {
    const { route } = session;
    if (route === '') return 'the id names no route';
    if (!group.balancer.stickySession) return 'StickySession is off: the route is ignored';
    if (registry.contenderOf(route)?.balancer === group.balancer) return 'a node of this balancer';
    const domain = registry.domains.recall(route, group.balancer, now);
    if (domain !== undefined) return `a node that was removed; it was in the domain ${domain}`;
    return 'no node of this balancer has this route';
  }

  return (request, now) => {
    const decision = createDecision();
    const winner = choose(request, decision, now);
    const readable = readRequestPath(request.target, path);
    const paths = registry.pathsFor(request.host);
    const tried = readable && paths !== undefined ? paths.prefixesTried(path.text, path.begin, path.end) : [];
    const head = readable ? paths?.longestMatch(path.text, path.begin, path.end) : undefined;
    const sessions: ExplainedSession[] = [];
    const candidates: ExplainedCandidate[] = [];
    for (let group = head ?? null; group !== null; group = group.next) {
      const explained = explainSession(request, group, now);
      sessions.push(explained);
      for (const place of group.places.toSorted((a, b) => a.contender.slot - b.contender.slot)) {
        candidates.push(explainCandidate(place, request, explained.source !== 'none'));
      }
    }
    const end = head === undefined ? -1 : tried.indexOf(head.path);
    return {
      host: {
        asked: request.host,
        name: hostName(request.host, options.rules.aliasCase),
        aliasesUsed: options.useAlias,
        found: paths !== undefined,
      },
      path: { target: request.target, matched: readable ? path.text.slice(path.begin, path.end) : null },
      prefixes: (end < 0 ? tried : tried.slice(0, end + 1)).map((prefix) => ({ prefix, found: prefix === head?.path })),
      context: head?.path ?? null,
      sessions,
      candidates,
      winner: winner?.contender.node.route ?? null,
      reason: decision.reason,
      status: statusOf(decision.reason, options.rules),
      words: ROUTING_REASONS[decision.reason].words,
    };
  };
}

function explainCandidate(place: Place, request: RouteRequest, hasSession: boolean): ExplainedCandidate {
  const { contender, status } = place;
  const obstacle = obstacleOf(place, request, hasSession);
  return {
    node: contender.route,
    balancer: contender.balancer.name,
    domain: contender.domain,
    context: place.context.path,
    status,
    // As INFO of the default dialect shows it: what a node in error reported last is not its load.
    load: place.contender.node.inError ? -1 : contender.load,
    elected: contender.counters.elected,
    value: contender.load > 0 ? electionValue(contender) : null,
    usable: obstacle === '',
    why: obstacle === '' ? merit(contender) : obstacle,
  };
}

function obstacleOf(place: Place, request: RouteRequest, hasSession: boolean): string {
  const { node } = place.contender;
  if (node.removedAtMs !== 0) return 'the node is being removed';
  if (node.inError)
    return node.errorReason === '' ? 'the node is in error' : `the node is in error: ${node.errorReason}`;
  if (node.load < 0) return 'the node says it is broken (load -1)';
  if (place.status === 'STOPPED') return 'the context is stopped';
  if (place.status === 'DISABLED' && !hasSession) return 'the context is disabled and the request has no session';
  if (request.excluded.includes(node)) return 'the node failed this request already';
  return '';
}

function merit(contender: Contender): string {
  return contender.load === 0 ? 'hot standby: serves when no active node can' : 'active: the lowest value wins';
}

/** The first characters of an id and its route; the rest would let a reader take over the session. */
function shortened(id: string): string {
  const dot = id.indexOf('.');
  const secret = dot < 0 ? id : id.slice(0, dot);
  const route = dot < 0 ? '' : id.slice(dot);
  return `${secret.length > 4 ? `${secret.slice(0, 4)}…` : '…'}${route}`;
}
