import { type Outcome, outcome, said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { Deviation, demand, demandEqual } from '../../verdict.ts';
import { breakNode, CLOSES_AFTER_REQUEST, sessionCase, sessionCookie, sessionOf, twoNodes } from '../situations.ts';
import { type BalancerTrial, balancerCase, type TrialNode } from '../trial.ts';
import {
  demandAllRefused,
  demandOnly,
  demandRefused,
  demandServed,
  demandShared,
  tally,
  tallyWords,
  webWords,
} from '../web-demands.ts';

/** What becomes of a request whose node fails (reference §4.7, §4.8, checklist §11.10). */

const FREE = { StickySessionForce: 'No' };
const BODY = 'a=1&b=2';

/** A request is sent to this node first, wherever it goes then: stickiness is not forced. */
const directedTo = (node: TrialNode): readonly [readonly [string, string]] => sessionCookie(sessionOf(node));

/** @throws Deviation unless so many requests reached the node */
function demandHits(node: TrialNode, count: number): void {
  demandEqual(`requests that reached ${node.route}`, node.backend.requests.length, count);
}

/** State of a STATUS reply. */
async function stateOf(trial: BalancerTrial, node: TrialNode): Promise<string> {
  const { body } = await trial.must('STATUS', { JVMRoute: node.route, Load: 100 });
  return /(?:^|&)State=([A-Z]+)/.exec(body)?.[1] ?? `none in ${JSON.stringify(body)}`;
}

const deadInInfo = (words: string, load: number | undefined): Outcome<number | undefined> => outcome(words, load);

export const FAIL_OVER_CASES = [
  balancerCase({
    id: 'fail-over/dead-node',
    requirement: 'When one of two nodes dies, every GET without a session is served by the other one.',
    level: 'should',
    lines: ['MCMP-FAIL-01'],
    spec: '4.7',
    needs: ['traffic'],
    expected: inHU(said('200 for all of ten requests')),
    async run(trial) {
      const [dead, other] = await twoNodes(trial);
      await dead.backend.kill();
      demandOnly(await tally(trial, other.context, 10), other);
    },
  }),
  balancerCase({
    id: 'fail-over/dead-until-status',
    requirement: 'A node that could not be reached is elected no more until a good STATUS.',
    level: 'should',
    lines: ['MCMP-FAIL-02'],
    spec: '4.7',
    needs: ['traffic'],
    expected: {
      mcmp: deadInInfo('Load: -1 and no elections; both nodes after the STATUS', -1),
      ...inHttpd(deadInInfo('no elections; both nodes after the STATUS', undefined)),
      undertow: deadInInfo('Load: -1 and no elections; both nodes after the STATUS', -1),
    },
    async run(trial, { value: load }) {
      const [dead, other] = await twoNodes(trial);
      await dead.backend.kill();
      demandOnly(await tally(trial, other.context, 6), other);
      const before = await trial.nodeLine(dead.route);
      if (load !== undefined) demandEqual('Load in INFO', before?.load ?? 'no line', load);
      demandOnly(await tally(trial, other.context, 6), other);
      const after = await trial.nodeLine(dead.route);
      demandEqual('Elected of the dead node', after?.elected ?? 'no line', before?.elected ?? 'no line');
      await dead.backend.revive();
      demandEqual('State of its next STATUS', await stateOf(trial, dead), 'OK');
      // It may be behind: httpd and Undertow let a node catch up, or wait until it is even.
      demandShared(await tally(trial, other.context, 40), [dead, other]);
    },
  }),
  balancerCase({
    id: 'fail-over/only-node-dead',
    requirement: 'What a GET is answered when the server of the only node is dead.',
    level: 'should',
    lines: ['MCMP-FAIL-03'],
    spec: '4.8',
    needs: ['traffic'],
    expected: {
      ...inHU(outcome('503 from the balancer', 503)),
      nginx: outcome('502 from the balancer', 502),
    },
    async run(trial, { value }) {
      const node = await trial.node();
      await node.backend.kill();
      demandRefused(await trial.web(node.context), value);
    },
  }),
  sessionCase({
    id: 'fail-over/forced-session',
    requirement: 'With StickySessionForce=Yes a session goes nowhere else when its node dies, if that has no domain.',
    level: 'should',
    lines: ['MCMP-FAIL-04'],
    spec: '4.7',
    needs: ['traffic'],
    expected: inHU(said('503, and the other node sees nothing')),
    async run(trial) {
      const [dead, other] = await twoNodes(trial, { StickySessionForce: 'Yes' });
      await dead.backend.kill();
      demandAllRefused(await tally(trial, other.context, 2, sessionCookie(sessionOf(dead))), 503);
      demandHits(other, 0);
    },
  }),
  sessionCase({
    id: 'fail-over/post-not-sent',
    requirement: 'A POST whose node refuses the connection is given to another node, once: nothing of it was sent.',
    level: 'should',
    lines: ['MCMP-FAIL-05'],
    spec: '4.7',
    needs: ['traffic'],
    expected: inHU(said('200 from the other node, which got it once')),
    async run(trial) {
      const [dead, other] = await twoNodes(trial, FREE);
      await dead.backend.kill();
      demandServed(await trial.web(other.context, { method: 'POST', headers: directedTo(dead), body: BODY }), other);
      demandHits(other, 1);
      demandEqual('body at the other node', other.backend.requests[0]?.body ?? 'none', BODY);
    },
  }),
  sessionCase({
    id: 'fail-over/post-not-repeated',
    requirement: 'A POST that a node may have acted upon is never sent to another one.',
    level: 'must',
    lines: ['MCMP-FAIL-06'],
    spec: '4.7',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('502, and the other node sees nothing', 502),
      ...inHttpd(outcome('502, and the other node sees nothing', 502)),
      undertow: outcome('503, and the other node sees nothing', 503),
    },
    async run(trial, { value }) {
      const [breaking, other] = await twoNodes(trial, FREE, { backend: CLOSES_AFTER_REQUEST });
      const answer = await trial.web(other.context, { method: 'POST', headers: directedTo(breaking), body: BODY });
      demandHits(breaking, 1);
      demandHits(other, 0);
      demandRefused(answer, value);
    },
  }),
  balancerCase({
    id: 'fail-over/get-repeated',
    requirement: 'Whether a GET is repeated on another node when its node closes the connection without an answer.',
    level: 'may',
    lines: ['MCMP-FAIL-07'],
    spec: '4.7',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('200 from the other node', 200),
      ...inHttpd(outcome('502', 502)),
      undertow: outcome('200 from the other node', 200),
    },
    async run(trial, { value }) {
      const breaking = await trial.node({ backend: CLOSES_AFTER_REQUEST, load: 50 });
      const other = await trial.node({ contexts: [breaking.context] });
      // One request puts the other node behind the breaking one, so that the next is elected there; then it is the first.
      demandServed(await trial.web(other.context, { headers: sessionCookie(sessionOf(other)) }), other);
      const answer = await trial.web(other.context);
      demandHits(breaking, 1);
      if (value === 200) {
        demandServed(answer, other);
      } else {
        // Undertow does it and RFC 9110 §9.2.2 permits it: a client that sees no failure is not worse off.
        const repeated = answer.status === 200 && answer.servedBy === other.route;
        if (repeated) throw new Deviation('non-strict', `${value} from the balancer`, webWords(answer));
        demandRefused(answer, value);
      }
    },
  }),
  sessionCase({
    id: 'fail-over/failed-node-waits',
    requirement: 'A node that failed and is up again gets no requests, its own sessions included, without a STATUS.',
    level: 'may',
    lines: ['MCMP-FAIL-08'],
    spec: '5.5',
    needs: ['traffic'],
    expected: { undertow: said('all from the other node until the STATUS') },
    async run(trial) {
      const [failed, other] = await twoNodes(trial, FREE);
      await breakNode(trial, failed);
      await failed.backend.revive();
      demandOnly(await tally(trial, other.context, 6), other);
      demandOnly(await tally(trial, other.context, 4, sessionCookie(sessionOf(failed))), other);
      demandEqual('State of its next STATUS', await stateOf(trial, failed), 'OK');
      demandOnly(await tally(trial, other.context, 4, sessionCookie(sessionOf(failed))), failed);
    },
  }),
  balancerCase({
    id: 'fail-over/status-of-dead-node',
    requirement: 'Each STATUS of a node that cannot be reached is answered State=NOTOK.',
    level: 'should',
    lines: ['MCMP-FAIL-09'],
    spec: '5.3',
    expected: inHU(said('State=NOTOK, three times')),
    async run(trial) {
      const node = await trial.node({ contexts: [] });
      await node.backend.kill();
      for (let i = 0; i < 3; i++) demandEqual('State', await stateOf(trial, node), 'NOTOK');
    },
  }),
  balancerCase({
    id: 'fail-over/attempts',
    requirement: 'With Maxattempts=1 a request is tried on two nodes at most.',
    level: 'should',
    lines: ['MCMP-FAIL-10'],
    spec: '4.7',
    needs: ['traffic'],
    expected: inHU(said('503, and one of three dead nodes is still believed alive')),
    async run(trial) {
      const config = { Maxattempts: 1 };
      const one = await trial.node({ config });
      const nodes = [one];
      for (let i = 0; i < 2; i++) nodes.push(await trial.node({ contexts: [one.context], config }));
      for (const { backend } of nodes) await backend.kill();
      demandRefused(await trial.web(one.context), 503);
      // A node that was tried is in error now; one that was not serves as soon as its server is back.
      for (const { backend } of nodes) await backend.revive();
      const counts = await tally(trial, one.context, 6);
      const spared = nodes.some(({ route }) => counts.has(route));
      demand(spared, 'one node that was not tried serves', () => tallyWords(counts));
    },
  }),
  balancerCase({
    id: 'fail-over/errors-of-applications',
    requirement: 'An error that a node answers by itself is passed on, and says nothing about the node.',
    level: 'should',
    lines: ['MCMP-FAIL-11'],
    spec: '4.7',
    needs: ['traffic'],
    expected: inHU(said('404, 500 and 503 as the node sent them, each asked for once')),
    async run(trial) {
      const node = await trial.node({
        backend: {
          answer(request, response) {
            request.resume();
            response.statusCode = Number(request.url?.slice(-3));
            response.end('its own words');
          },
        },
      });
      const statuses = [500, 404, 503, 500];
      for (const [index, status] of statuses.entries()) {
        const answer = await trial.web(`${node.context}/${status}`);
        const passedOn = answer.status === status && answer.body === 'its own words';
        demand(passedOn, `${status} as the node sent it`, () => webWords(answer));
        demandHits(node, index + 1);
      }
    },
  }),
  balancerCase({
    id: 'fail-over/timeout',
    requirement: 'A node that does not answer within Timeout of CONFIG costs the client no longer than that.',
    level: 'may',
    lines: ['MCMP-FAIL-12'],
    spec: '4.7',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('504 after about two seconds', [504]),
      ...inHttpd(outcome('502 or 504 after about two seconds', [502, 504])),
    },
    async run(trial, { value }) {
      const silent = { answer: () => undefined };
      const node = await trial.node({ config: { Timeout: 2 }, backend: silent });
      const since = performance.now();
      const answer = await trial.web(node.context, { timeoutMs: 8_000 });
      const tookMs = performance.now() - since;
      demandRefused(answer, ...value);
      demand(tookMs > 1_500 && tookMs < 5_000, 'after about 2 s', `after ${Math.round(tookMs)} ms`);
    },
  }),
];
