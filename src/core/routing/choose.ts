import type { BalancerRecord } from '../cluster/records.ts';
import type { CandidateGroup, Picks, Restriction } from './candidate-group.ts';
import { better, betterStandby } from './candidate-group.ts';
import type { Contender } from './contender.ts';
import type { Decision, RouteRequest, RoutingReason } from './decision.ts';
import type { Place } from './place.ts';
import type { Registry } from './registry.ts';
import { createRequestPath, readRequestPath } from './request-path.ts';
import type { RoutingRules } from './rules.ts';
import type { Session } from './session.ts';
import { createSession, readSession } from './session.ts';

/** Decides where a request goes, and writes why; counts nothing. */
export type Chooser = (request: RouteRequest, decision: Decision, now: number) => Place | null;

/** @param sessionCookie an additional cookie name for nodes that announce none, or an empty string */
export function createChooser(registry: Registry, rules: RoutingRules, sessionCookie: string): Chooser {
  const path = createRequestPath();
  const session = createSession();
  const picks: Picks = { enabled: null, disabled: null, enabledStandby: null, disabledStandby: null };
  const restriction: Restriction = { domain: '', excluded: [] };

  function read(request: RouteRequest, balancer: BalancerRecord): void {
    readSession(request, path, balancer, rules, sessionCookie, session);
  }

  /** Whether DISABLED contexts of nodes that the session does not name may serve. */
  function countsDisabled(): boolean {
    const { disabledWithSession } = rules;
    return session.source !== 'none' && disabledWithSession !== 'never' && disabledWithSession !== 'own-or-domain';
  }

  function takesOwnSessions({ status }: Place): boolean {
    return status === 'ENABLED' || (status === 'DISABLED' && rules.disabledWithSession !== 'never');
  }

  /** The best place of a group (reference §4.6): active nodes first, hot standbys when there is none. */
  function elect(group: CandidateGroup, request: RouteRequest): Place | null {
    const withDisabled = countsDisabled();
    if (request.excluded.length === 0) {
      group.pick(picks, withDisabled, registry.pool);
    } else {
      restriction.domain = '';
      restriction.excluded = request.excluded;
      group.scan(picks, restriction);
    }
    return active(withDisabled) ?? standby(withDisabled) ?? (withDisabled ? lastResort() : null);
  }

  /** The best active place of one domain. */
  function electInDomain(group: CandidateGroup, request: RouteRequest, domain: string): Place | null {
    restriction.domain = domain;
    restriction.excluded = request.excluded;
    group.scan(picks, restriction);
    const place = active(true) ?? (rules.disabledWithSession === 'never' ? null : picks.disabled);
    return place === null && rules.domainStandbys ? (picks.enabledStandby ?? picks.disabledStandby) : place;
  }

  function active(withDisabled: boolean): Place | null {
    if (!withDisabled || picks.disabled === null || rules.disabledWithSession !== 'equal') return picks.enabled;
    return better(picks.disabled, picks.enabled);
  }

  function standby(withDisabled: boolean): Place | null {
    if (!withDisabled || picks.disabledStandby === null || rules.disabledWithSession !== 'equal') {
      return picks.enabledStandby;
    }
    return betterStandby(picks.disabledStandby, picks.enabledStandby);
  }

  function lastResort(): Place | null {
    return picks.disabled ?? picks.disabledStandby;
  }

  /** Reference §4.4 and §4.5: the request has a session whose node this balancer knows, or remembers. */
  function followSession(
    group: CandidateGroup,
    known: Contender | undefined,
    domain: string,
    request: RouteRequest,
    decision: Decision,
  ): Place | null {
    if (known?.usable === true && !request.excluded.includes(known.node)) {
      const place = group.placeOf(known);
      if (place !== null && takesOwnSessions(place)) return choose(place, decision, 'sticky');
    }
    const inDomain = domain === '' ? null : electInDomain(group, request, domain);
    if (inDomain !== null) return choose(inDomain, decision, 'failover-domain');
    const { balancer } = group;
    decision.balancer = balancer;
    if (balancer.stickySessionForce) return refuse(decision, 'sticky-forced');
    const place = elect(group, request);
    if (place === null) return refuse(decision, 'no-node');
    if (balancer.stickySessionRemove && rules.removeSession && (domain === '' || place.contender.domain !== domain)) {
      if (session.source === 'cookie') decision.removeSessionCookie = session.name;
      else decision.removeSessionPath = session.name;
    }
    return choose(place, decision, 'failover');
  }

  /** Among all balancers that serve the path, in the order of their slots (reference §4.1, step 2). */
  function balance(head: CandidateGroup, request: RouteRequest, decision: Decision): Place | null {
    let servable = false;
    for (let group: CandidateGroup | null = head; group !== null; group = group.next) {
      if (group !== head || head.next !== null) read(request, group.balancer);
      describeSession(session, decision);
      const place = elect(group, request);
      if (place !== null) return choose(place, decision, place.contender.load === 0 ? 'standby' : 'elected');
      servable ||= group.enabledCount > 0 || (countsDisabled() && group.disabledCount > 0);
    }
    decision.balancer = head.balancer;
    return refuse(decision, servable ? 'no-node' : 'all-stopped');
  }

  return (request, decision, now) => {
    clear(decision);
    if (!readRequestPath(request.target, path)) return refuse(decision, 'bad-path');
    const paths = registry.pathsFor(request.host);
    if (paths === undefined) return refuse(decision, 'no-host');
    const head = paths.longestMatch(path.text, path.begin, path.end);
    if (head === undefined) return refuse(decision, 'no-context');
    const { literal } = path;
    // The target goes to the node as it came; a node that resolves no dot segments would serve it from another context.
    if (literal !== '' && paths.longestMatch(literal, 0, literal.length) !== head) return refuse(decision, 'bad-path');
    let lost: CandidateGroup | null = null;
    for (let group: CandidateGroup | null = head; group !== null; group = group.next) {
      const { balancer } = group;
      read(request, balancer);
      if (session.route === '' || !balancer.stickySession) continue;
      const contender = registry.contenderOf(session.route);
      const known = contender?.balancer === balancer ? contender : undefined;
      const domain = known?.domain ?? registry.domains.recall(session.route, balancer, now);
      if (domain === undefined) {
        lost ??= group;
        continue;
      }
      const disabledCount = rules.disabledWithSession === 'never' ? 0 : group.disabledCount;
      if (group.enabledCount + disabledCount === 0) continue;
      describeSession(session, decision);
      return followSession(group, known, domain, request, decision);
    }
    if (lost !== null && rules.unknownRoute === 'lost') {
      read(request, lost.balancer);
      describeSession(session, decision);
      return followSession(lost, undefined, '', request, decision);
    }
    return balance(head, request, decision);
  };
}

function clear(decision: Decision): void {
  decision.node = null;
  decision.context = null;
  decision.balancer = null;
  decision.reason = 'no-context';
  decision.sessionSource = 'none';
  decision.sessionRoute = '';
  decision.removeSessionCookie = '';
  decision.removeSessionPath = '';
}

function describeSession(session: Session, decision: Decision): void {
  decision.sessionSource = session.source;
  decision.sessionRoute = session.route;
}

function choose(place: Place, decision: Decision, reason: RoutingReason): Place {
  decision.node = place.contender.node;
  decision.balancer = place.contender.node.balancer;
  decision.context = place.context;
  decision.reason = reason;
  return place;
}

function refuse(decision: Decision, reason: RoutingReason): null {
  decision.reason = reason;
  return null;
}
