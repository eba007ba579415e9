import { type Outcome, outcome } from '../../case.ts';
import { inHttpd, inHU, type PerDialect } from '../../dialects.ts';
import { sessionCase, sessionCookie, sessionOf, tellContext, twoNodes } from '../situations.ts';
import type { BalancerCase, BalancerTrial, TrialNode } from '../trial.ts';
import { demandAllRefused, demandOnly, demandShared, tally } from '../web-demands.ts';

/** Where the session of a request is found, and which node it names (reference §4.4, checklist §11.8). */

/** Who answers: always one of the two nodes, both by turns, or the balancer with a status. */
type Who = 'first' | 'second' | 'both' | number;

const FIRST = outcome<Who>('always the first node', 'first');
const SECOND = outcome<Who>('always the second node', 'second');
const BOTH = outcome<Who>('no session: both nodes', 'both');
const FORCED = outcome<Who>('503: no node has this route', 503);

type Nodes = readonly [TrialNode, TrialNode];

interface Asked {
  /** Default: the context. */
  readonly path?: string;
  /** Value of the Cookie header. */
  readonly cookie?: string;
}

/** Enough for two nodes of equal load to get some each, if nothing pins the requests. */
const REQUESTS = 6;

/** @throws Deviation unless the requests are answered as they should be */
async function demandAnswers(trial: BalancerTrial, nodes: Nodes, asked: Asked, who: Who): Promise<void> {
  const headers = asked.cookie === undefined ? [] : [['Cookie', asked.cookie] as const];
  const counts = await tally(trial, asked.path ?? nodes[0].context, REQUESTS, headers);
  if (who === 'both') demandShared(counts, nodes);
  else if (typeof who === 'number') demandAllRefused(counts, who);
  else demandOnly(counts, nodes[who === 'first' ? 0 : 1]);
}

/** A case of one form of session id, asked of two nodes that serve the same context. */
function formCase(spec: {
  readonly id: string;
  readonly requirement: string;
  readonly level: 'should' | 'may';
  readonly lines: readonly string[];
  readonly config?: Readonly<Record<string, string>>;
  readonly ask: (first: TrialNode, second: TrialNode) => Asked;
  readonly expected: PerDialect<Outcome<Who>>;
}): BalancerCase {
  const { config, ask, ...facts } = spec;
  return sessionCase({
    ...facts,
    spec: '4.4',
    needs: ['traffic'],
    async run(trial, { value }) {
      const nodes = await twoNodes(trial, config);
      await demandAnswers(trial, nodes, ask(...nodes), value);
    },
  });
}

export const STICKY_CASES = [
  sessionCase({
    id: 'session/cookie',
    requirement: 'Requests whose session cookie names a node go to that node.',
    level: 'should',
    lines: ['MCMP-STICKY-01'],
    spec: '4.4',
    needs: ['traffic'],
    expected: inHU(outcome('always the node that the cookie names', 0)),
    async run(trial) {
      const nodes = await twoNodes(trial);
      await demandAnswers(trial, nodes, { cookie: `JSESSIONID=${sessionOf(nodes[1])}` }, 'second');
      await demandAnswers(trial, nodes, { cookie: `a=b; JSESSIONID=${sessionOf(nodes[0])}; c=d` }, 'first');
    },
  }),
  formCase({
    id: 'session/path-parameter',
    requirement: 'Requests whose path parameter `jsessionid` names a node go to that node.',
    level: 'should',
    lines: ['MCMP-STICKY-02'],
    ask: (_, second) => ({ path: `${second.context}/x;jsessionid=${sessionOf(second)}` }),
    expected: inHU(SECOND),
  }),
  formCase({
    id: 'session/query-parameter',
    requirement: 'Whether a query parameter of the name of the path parameter names the session.',
    level: 'should',
    lines: ['MCMP-STICKY-03'],
    ask: (_, second) => ({ path: `${second.context}?jsessionid=${sessionOf(second)}` }),
    expected: { ...inHU(BOTH), mcmp: SECOND },
  }),
  formCase({
    id: 'session/cookie-before-path',
    requirement: 'The cookie is asked before the path parameter.',
    level: 'should',
    lines: ['MCMP-STICKY-04'],
    ask: (first, second) => ({
      path: `${first.context};jsessionid=${sessionOf(second)}`,
      cookie: `JSESSIONID=${sessionOf(first)}`,
    }),
    expected: inHU(FIRST),
  }),
  formCase({
    id: 'session/two-cookies',
    requirement: 'Which of two cookies counts that both name a node.',
    level: 'may',
    lines: ['MCMP-STICKY-05'],
    ask: (first, second) => ({ cookie: `JSESSIONID=${sessionOf(first)}; JSESSIONID=${sessionOf(second)}` }),
    expected: { mcmp: FIRST, ...inHttpd(FIRST), undertow: SECOND },
  }),
  formCase({
    id: 'session/cookie-without-route-first',
    requirement: 'Which of two cookies counts when only the second one names a node.',
    level: 'may',
    lines: ['MCMP-STICKY-06'],
    ask: (_, second) => ({ cookie: `JSESSIONID=abc; JSESSIONID=${sessionOf(second)}` }),
    expected: { mcmp: SECOND, ...inHttpd(BOTH), undertow: SECOND },
  }),
  formCase({
    id: 'session/cookie-without-route-last',
    requirement: 'Which of two cookies counts when only the first one names a node.',
    level: 'may',
    lines: [],
    ask: (first) => ({ cookie: `JSESSIONID=${sessionOf(first)}; JSESSIONID=abc` }),
    expected: { mcmp: FIRST, ...inHttpd(FIRST), undertow: BOTH },
  }),
  formCase({
    id: 'session/quoted-cookie',
    requirement: 'Double quotes around the value of the session cookie are not part of it.',
    level: 'should',
    lines: ['MCMP-STICKY-07'],
    ask: (_, second) => ({ cookie: `JSESSIONID="${sessionOf(second)}"` }),
    expected: { mcmp: SECOND, ...inHttpd(SECOND), undertow: FORCED },
  }),
  formCase({
    id: 'session/dot-in-id',
    requirement: 'The route is all that follows the first dot, so an id with a dot of its own names no node.',
    level: 'should',
    lines: ['MCMP-STICKY-08'],
    ask: (_, second) => ({ cookie: `JSESSIONID=abc.x.${second.route}` }),
    expected: { mcmp: BOTH, ...inHttpd(BOTH), undertow: FORCED },
  }),
  formCase({
    id: 'session/own-cookie-name',
    requirement: 'With StickySessionCookie that cookie counts, and JSESSIONID does not.',
    level: 'should',
    lines: ['MCMP-STICKY-09'],
    config: { StickySessionCookie: 'SID' },
    ask: (first, second) => ({ cookie: `JSESSIONID=${sessionOf(first)}; SID=${sessionOf(second)}` }),
    expected: inHU(SECOND),
  }),
  formCase({
    id: 'session/own-path-name',
    requirement: 'With StickySessionPath that path parameter counts, and jsessionid does not.',
    level: 'should',
    lines: [],
    config: { StickySessionPath: 'sid' },
    ask: (first, second) => ({ path: `${first.context};jsessionid=${sessionOf(first)};sid=${sessionOf(second)}` }),
    expected: inHU(SECOND),
  }),
  formCase({
    id: 'session/cookie-name-is-whole',
    requirement: 'A cookie whose name only ends in the name of the session cookie is another cookie.',
    level: 'should',
    lines: [],
    ask: (_, second) => ({ cookie: `XJSESSIONID=${sessionOf(second)}` }),
    expected: inHU(BOTH),
  }),
  formCase({
    id: 'session/cookie-letter-case',
    requirement: 'The name of the session cookie is compared with its letter case.',
    level: 'should',
    lines: [],
    ask: (_, second) => ({ cookie: `jsessionid=${sessionOf(second)}` }),
    expected: inHU(BOTH),
  }),
  formCase({
    id: 'session/path-parameter-in-the-middle',
    requirement: 'Whether a path parameter counts that is followed by another path segment.',
    level: 'may',
    lines: [],
    ask: (_, second) => ({ path: `${second.context};jsessionid=${sessionOf(second)}/x` }),
    expected: { mcmp: SECOND, ...inHttpd(BOTH), undertow: SECOND },
  }),
  formCase({
    id: 'session/not-sticky',
    requirement: 'With StickySession=No the session names no node.',
    level: 'should',
    lines: ['MCMP-STICKY-10'],
    config: { StickySession: 'No' },
    ask: (_, second) => ({ cookie: `JSESSIONID=${sessionOf(second)}` }),
    expected: inHU(BOTH),
  }),
  formCase({
    id: 'session/unknown-route-forced',
    requirement: 'What becomes of a session whose route was never registered, with StickySessionForce=Yes.',
    level: 'may',
    lines: ['MCMP-STICKY-11', 'MCMP-STICKY-12'],
    config: { StickySessionForce: 'Yes' },
    ask: (first) => ({ cookie: `JSESSIONID=abc.${first.route}-never` }),
    expected: { mcmp: BOTH, ...inHttpd(BOTH), undertow: FORCED },
  }),
  formCase({
    id: 'session/unknown-route',
    requirement: 'A session whose route was never registered is no session, with StickySessionForce=No.',
    level: 'should',
    lines: ['MCMP-STICKY-11', 'MCMP-STICKY-12'],
    config: { StickySessionForce: 'No' },
    ask: (first) => ({ cookie: `JSESSIONID=abc.${first.route}-never` }),
    expected: inHU(BOTH),
  }),
  sessionCase({
    id: 'session/disabled-context',
    requirement: 'A disabled context goes on serving the sessions of its own node.',
    level: 'should',
    lines: ['MCMP-STICKY-17'],
    spec: '4.4',
    needs: ['traffic'],
    expected: inHU(outcome('always the node of the session', 0)),
    async run(trial) {
      const nodes = await twoNodes(trial);
      await tellContext(trial, 'DISABLE-APP', nodes[1]);
      await demandAnswers(trial, nodes, { cookie: `JSESSIONID=${sessionOf(nodes[1])}` }, 'second');
      await demandAnswers(trial, nodes, {}, 'first');
    },
  }),
  sessionCase({
    id: 'session/disabled-everywhere',
    requirement: 'Whether a context that is disabled everywhere serves a session id without a route.',
    level: 'may',
    lines: ['MCMP-STICKY-19'],
    spec: '4.4',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('200 with any session id, 404 without', { known: 200, without: 404 }),
      ...inHttpd(outcome('200 with any session id, 404 without', { known: 200, without: 404 })),
      undertow: outcome('503 with and without', { known: 503, without: 503 }),
      nginx: outcome('404 with and without', { known: 404, without: 404 }),
    },
    async run(trial, { value }) {
      const node = await trial.node();
      await tellContext(trial, 'DISABLE-APP', node);
      const counts = await tally(trial, node.context, 2, sessionCookie('abc'));
      if (value.known === 200) demandOnly(counts, node);
      else demandAllRefused(counts, value.known);
      demandAllRefused(await tally(trial, node.context, 1), value.without);
    },
  }),
  sessionCase({
    id: 'session/disabled-and-foreign',
    requirement: 'Whether a context that is disabled everywhere serves a session of an unknown node, without force.',
    level: 'may',
    lines: ['MCMP-STICKY-20'],
    spec: '4.4',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('200, as for the own session', { foreign: 200, own: 200 }),
      ...inHttpd(outcome('200, as for the own session', { foreign: 200, own: 200 })),
      undertow: outcome('503, but 200 for the own session', { foreign: 503, own: 200 }),
      nginx: outcome('404, for the own session as well', { foreign: 404, own: 404 }),
    },
    async run(trial, { value }) {
      const node = await trial.node({ config: { StickySessionForce: 'No' } });
      await tellContext(trial, 'DISABLE-APP', node);
      const asks = [
        [`abc.${node.route}-never`, value.foreign],
        [sessionOf(node), value.own],
      ] as const;
      for (const [session, status] of asks) {
        const counts = await tally(trial, node.context, 2, sessionCookie(session));
        if (status === 200) demandOnly(counts, node);
        else demandAllRefused(counts, status);
      }
    },
  }),
  sessionCase({
    id: 'session/two-balancers',
    requirement: 'Of two balancers with one context the one that knows the route of the session serves.',
    level: 'should',
    lines: ['MCMP-STICKY-22'],
    spec: '4.4',
    needs: ['traffic'],
    expected: inHU(outcome('always the node of the session', 0)),
    async run(trial) {
      const one = await trial.node();
      const other = await trial.node({ contexts: [one.context], config: { Balancer: `${trial.balancer}b` } });
      await demandAnswers(trial, [one, other], { cookie: `JSESSIONID=${sessionOf(other)}` }, 'second');
      await demandAnswers(trial, [one, other], { cookie: `JSESSIONID=${sessionOf(one)}` }, 'first');
    },
  }),
  sessionCase({
    id: 'session/ranked',
    requirement: 'A session id that names several routes goes to the first of them that can serve.',
    level: 'may',
    lines: [],
    spec: '4.4',
    tags: ['ranked'],
    needs: ['traffic', 'ranked-routes'],
    expected: { undertow: outcome('the first route; when its node is stopped, the second', 0) },
    async run(trial) {
      const nodes = await twoNodes(trial);
      const third = await trial.node({ contexts: [nodes[0].context] });
      const cookie = `JSESSIONID=abc.${third.route}.${nodes[1].route}`;
      demandOnly(await tally(trial, third.context, REQUESTS, [['Cookie', cookie]]), third);
      await tellContext(trial, 'REMOVE-APP', third);
      await demandAnswers(trial, nodes, { cookie }, 'second');
    },
  }),
];
