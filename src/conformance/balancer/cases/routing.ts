import { outcome, said } from '../../case.ts';
import { inHttpd, inHU, type PerDialect } from '../../dialects.ts';
import { demand, demandEqual, NotHere } from '../../verdict.ts';
import { breakNode, tellContext, twoNodes } from '../situations.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';
import { demandOnly, demandRefused, demandServed, demandShared, demandUnrouted, tally } from '../web-demands.ts';

/** How contexts are matched and virtual hosts are told apart (reference §4.1-§4.3, §4.8, checklist §11.7). */

/** The status is all that differs between the dialects. */
const refusedWith = (status: number): { readonly words: string; readonly value: number } =>
  outcome(`${status} from the balancer`, status);

/** The same for every dialect that the reference tells about matching: all of them. */
const inAllMatching = <T>(value: T): PerDialect<T> => ({ ...inHU(value), nginx: value });

export const ROUTING_CASES = [
  balancerCase({
    id: 'routing/context-itself',
    requirement: 'A request for the path of a context is answered by the node that serves it.',
    level: 'should',
    lines: ['MCMP-ROUTE-01'],
    spec: '4.2',
    needs: ['traffic'],
    expected: inAllMatching(said('200 from the node')),
    async run(trial) {
      const node = await trial.node();
      demandServed(await trial.web(node.context), node);
    },
  }),
  balancerCase({
    id: 'routing/path-below-context',
    requirement: 'A request below the path of a context is answered by its node, which sees the complete path.',
    level: 'should',
    lines: ['MCMP-ROUTE-02'],
    spec: '4.2',
    needs: ['traffic'],
    expected: inAllMatching(said('200 from the node, which sees the whole target')),
    async run(trial) {
      const node = await trial.node();
      const target = `${node.context}/x/y.html?q=1`;
      demandServed(await trial.web(target), node);
      demandEqual('target at the node', node.backend.requests[0]?.target ?? 'none', target);
    },
  }),
  balancerCase({
    id: 'routing/segment-boundary',
    requirement: 'A context matches whole path segments: `/app` does not match `/application`.',
    level: 'should',
    lines: ['MCMP-ROUTE-03'],
    spec: '4.2',
    needs: ['traffic'],
    expected: inAllMatching(said('404 from the balancer')),
    async run(trial) {
      const node = await trial.node();
      await demandUnrouted(trial, await trial.web(`${node.context}lication`));
    },
  }),
  balancerCase({
    id: 'routing/letter-case',
    requirement: 'Contexts are compared byte by byte: another letter case does not match.',
    level: 'should',
    lines: ['MCMP-ROUTE-04'],
    spec: '4.2',
    needs: ['traffic'],
    expected: inAllMatching(said('404 from the balancer')),
    async run(trial) {
      const node = await trial.node();
      await demandUnrouted(trial, await trial.web(node.context.toUpperCase()));
    },
  }),
  balancerCase({
    id: 'routing/longest-context',
    requirement: 'Of two contexts that match, the longer one takes the request, whichever node has the shorter one.',
    level: 'should',
    lines: ['MCMP-ROUTE-05'],
    spec: '4.2',
    needs: ['traffic'],
    expected: inAllMatching(said('all from the node of the longer context')),
    async run(trial) {
      const short = await trial.node();
      const long = await trial.node({ contexts: [`${short.context}/sub`] });
      demandOnly(await tally(trial, `${long.context}/x`, 4), long);
      demandServed(await trial.web(`${short.context}/other`), short);
    },
  }),
  balancerCase({
    id: 'routing/root-context',
    requirement: 'The context `/` takes what no other context matches, and nothing else.',
    level: 'should',
    lines: ['MCMP-ROUTE-06'],
    spec: '4.2',
    needs: ['traffic'],
    isolated: false,
    disturbs: true,
    expected: inAllMatching(said('the rest from the node of `/`, the context from its own node')),
    async run(trial) {
      const other = trial.context();
      const root = await trial.node({ contexts: ['/'] });
      const node = await trial.node();
      demandServed(await trial.web(other), root);
      demandOnly(await tally(trial, `${node.context}/x`, 4), node);
    },
  }),
  balancerCase({
    id: 'routing/longest-stopped',
    requirement: 'When the longest context that matches is stopped, no shorter one takes its place.',
    level: 'may',
    lines: ['MCMP-ROUTE-07'],
    spec: '4.2',
    needs: ['traffic'],
    expected: {
      mcmp: refusedWith(404),
      ...inHttpd(refusedWith(404)),
      undertow: refusedWith(503),
      nginx: refusedWith(404),
    },
    async run(trial, { value }) {
      const short = await trial.node();
      const long = await trial.node({ contexts: [`${short.context}/sub`] });
      await tellContext(trial, 'STOP-APP', long);
      demandRefused(await trial.web(long.context), value);
      demandServed(await trial.web(`${short.context}/other`), short);
    },
  }),
  balancerCase({
    id: 'routing/trailing-slash',
    requirement: 'What a context means that was registered with a slash at its end.',
    level: 'may',
    lines: ['MCMP-ROUTE-08'],
    spec: '4.2',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('the same as without: `/app/x` is matched', true),
      ...inHttpd(outcome('the slash counts: `/app/x` is not matched', false)),
      undertow: outcome('the same as without: `/app/x` is matched', true),
      nginx: outcome('the slash counts: `/app/x` is not matched', false),
    },
    async run(trial, { value: isMatched }) {
      const context = trial.context();
      const node = await trial.node({ contexts: [`${context}/`] });
      const answer = await trial.web(`${context}/x`);
      if (isMatched) demandServed(answer, node);
      else await demandUnrouted(trial, answer);
    },
  }),
  balancerCase({
    id: 'routing/any-host',
    requirement: 'Without the use of aliases contexts are found whatever the Host header says.',
    level: 'should',
    lines: ['MCMP-ROUTE-09'],
    spec: '4.3',
    needs: ['traffic'],
    expected: inAllMatching(said('200 from the node for any Host')),
    async run(trial) {
      if (trial.features.has('use-alias')) throw new NotHere('this balancer uses aliases');
      const node = await trial.node({ alias: trial.alias() });
      for (const host of [trial.alias(), 'localhost', '192.0.2.1:8080']) {
        demandServed(await trial.web(node.context, { headers: [['Host', host]] }), node);
      }
    },
  }),
  balancerCase({
    id: 'routing/alias-of-host',
    requirement: 'With aliases a context is found when the Host header without its port is an alias of it.',
    level: 'should',
    lines: ['MCMP-ROUTE-10', 'MCMP-ROUTE-11'],
    spec: '4.3',
    needs: ['traffic', 'use-alias'],
    expected: inHU(said('200 for the alias with a port, 404 for another host')),
    async run(trial) {
      const node = await trial.node({ alias: trial.alias() });
      const get = (host: string): ReturnType<BalancerTrial['web']> =>
        trial.web(node.context, { headers: [['Host', host]] });
      demandServed(await get(node.alias), node);
      demandServed(await get(`${node.alias}:8080`), node);
      demandRefused(await get(trial.alias()), 404);
    },
  }),
  balancerCase({
    id: 'routing/alias-letter-case',
    requirement: 'With aliases, whether a Host header in capitals is the alias in small letters.',
    level: 'may',
    lines: ['MCMP-ROUTE-10', 'MCMP-ROUTE-11'],
    spec: '4.3',
    needs: ['traffic', 'use-alias'],
    expected: {
      mcmp: outcome('letter case does not matter: 200', true),
      ...inHttpd(outcome('letter case does not matter: 200', true)),
      undertow: outcome('compared exactly: 404', false),
    },
    async run(trial, { value: isMatched }) {
      const node = await trial.node({ alias: trial.alias() });
      const answer = await trial.web(node.context, { headers: [['Host', `${node.alias.toUpperCase()}:8080`]] });
      if (isMatched) demandServed(answer, node);
      else demandRefused(answer, 404);
    },
  }),
  balancerCase({
    id: 'routing/no-nodes',
    requirement: 'Without any node every request is answered 404.',
    level: 'should',
    lines: ['MCMP-ROUTE-12'],
    spec: '4.8',
    needs: ['traffic', 'empty'],
    isolated: false,
    expected: inAllMatching(refusedWith(404)),
    async run(trial, { value }) {
      const { contexts } = await trial.info();
      if (contexts.length > 0) throw new NotHere('the balancer has contexts by now');
      demandRefused(await trial.web(trial.context()), value);
      demandRefused(await trial.web(`${trial.context()}/x?y=z`), value);
    },
  }),
  balancerCase({
    id: 'routing/only-copy-stopped',
    requirement: 'What a request is answered for a context that is stopped everywhere.',
    level: 'may',
    lines: ['MCMP-ROUTE-13'],
    spec: '4.8',
    needs: ['traffic'],
    expected: {
      mcmp: refusedWith(404),
      ...inHttpd(refusedWith(404)),
      undertow: refusedWith(503),
      nginx: refusedWith(404),
    },
    async run(trial, { value }) {
      const node = await trial.node();
      await tellContext(trial, 'STOP-APP', node);
      demandRefused(await trial.web(node.context), value);
    },
  }),
  balancerCase({
    id: 'routing/only-copy-disabled',
    requirement: 'What a request without a session is answered for a context that is disabled everywhere.',
    level: 'may',
    lines: ['MCMP-ROUTE-14'],
    spec: '4.8',
    needs: ['traffic'],
    expected: {
      mcmp: refusedWith(404),
      ...inHttpd(refusedWith(404)),
      undertow: refusedWith(503),
      nginx: refusedWith(404),
    },
    async run(trial, { value }) {
      const node = await trial.node();
      await tellContext(trial, 'DISABLE-APP', node);
      demandRefused(await trial.web(node.context), value);
    },
  }),
  balancerCase({
    id: 'routing/only-node-in-error',
    requirement: 'What a request is answered for a context whose only node is in error.',
    level: 'should',
    lines: ['MCMP-ROUTE-15'],
    spec: '4.8',
    needs: ['traffic'],
    expected: { ...inHU(refusedWith(503)), nginx: refusedWith(502) },
    async run(trial, { value }) {
      const node = await trial.node();
      await breakNode(trial, node);
      demandRefused(await trial.web(node.context), value);
    },
  }),
  balancerCase({
    id: 'routing/before-status',
    requirement: 'Whether a node serves that was configured and enabled, and has not sent a STATUS yet.',
    level: 'may',
    lines: ['MCMP-ROUTE-16'],
    spec: '4.8',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('200 from the node', 200),
      'httpd-2': outcome('200 from the node', 200),
      undertow: outcome('503 from the balancer', 503),
      nginx: outcome('200 from the node', 200),
    },
    async run(trial, { value }) {
      const node = await trial.node({ load: null });
      const answer = await trial.web(node.context);
      if (value === 200) demandServed(answer, node);
      else demandRefused(answer, value);
    },
  }),
  balancerCase({
    id: 'routing/shared-by-two-nodes',
    requirement: 'Two nodes of equal load that serve one context both get requests that have no session.',
    level: 'should',
    lines: ['MCMP-ROUTE-17'],
    spec: '4.6',
    needs: ['traffic'],
    expected: inHU(said('20 requests answered by both nodes')),
    async run(trial) {
      const nodes = await twoNodes(trial);
      demandShared(await tally(trial, nodes[0].context, 20), nodes);
    },
  }),
  balancerCase({
    id: 'routing/path-parameter',
    requirement: 'A path parameter does not keep a context from being matched.',
    level: 'should',
    lines: ['MCMP-ROUTE-18'],
    spec: '4.2',
    needs: ['traffic'],
    expected: inHU(said('200 from the node')),
    async run(trial) {
      const node = await trial.node();
      demandServed(await trial.web(`${node.context};jsessionid=x.${node.route}`), node);
    },
  }),
  balancerCase({
    id: 'routing/query-ignored',
    requirement: 'The query takes no part in the matching of contexts.',
    level: 'should',
    lines: ['MCMP-ROUTE-19'],
    spec: '4.2',
    needs: ['traffic'],
    expected: inAllMatching(said('200 from the node of the path')),
    async run(trial) {
      const node = await trial.node();
      const other = await trial.node();
      const answer = await trial.web(`${node.context}?x=${other.context}`);
      demandServed(answer, node);
    },
  }),
  balancerCase({
    id: 'routing/decoded-path',
    requirement: 'Contexts are compared with the decoded path: `/%61pp` is `/app`.',
    level: 'may',
    lines: ['MCMP-ROUTE-20'],
    spec: '4.2',
    needs: ['traffic'],
    expected: inHU(said('200 from the node')),
    async run(trial) {
      const node = await trial.node();
      const [first = ''] = node.context.slice(1);
      const encoded = `/%${first.charCodeAt(0).toString(16)}${node.context.slice(2)}`;
      demandServed(await trial.web(`${encoded}/x`), node);
    },
  }),
  balancerCase({
    id: 'routing/removed-contexts',
    requirement: 'Contexts that were removed again are unknown again.',
    level: 'should',
    lines: ['MCMP-ROUTE-21'],
    spec: '4.8',
    needs: ['traffic'],
    expected: inAllMatching(said('404 from the balancer')),
    async run(trial) {
      const contexts = [trial.context(), trial.context()];
      const node = await trial.node({ contexts });
      for (const context of contexts) {
        demandServed(await trial.web(context), node);
        await tellContext(trial, 'REMOVE-APP', node, context);
      }
      for (const context of contexts) await demandUnrouted(trial, await trial.web(context));
      demand(node.backend.requests.length === contexts.length, 'no further request at the node', () =>
        JSON.stringify(node.backend.requests.map(({ target }) => target)),
      );
    },
  }),
];
