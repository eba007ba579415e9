import { outcome, said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { demand, demandEqual, NotHere } from '../../verdict.ts';
import { accepted, answerWords, refused } from '../answers.ts';
import type { Backend } from '../backend.ts';
import { PING_SECONDS } from '../create-trial.ts';
import { pairsInInfo } from '../looks.ts';
import { type BalancerTrial, balancerCase, type WebAnswer, WHOLE_NODE } from '../trial.ts';

const WORKER_EXISTS = refused('MEM', 'MEM: Another for the same worker already exist');

/** CONFIG of a route at the address of a backend. */
function configOf(
  trial: BalancerTrial,
  route: string,
  { host, port }: Backend,
): Readonly<Record<string, string | number>> {
  return { JVMRoute: route, Host: host, Port: port, Type: 'http', ping: PING_SECONDS, Balancer: trial.balancer };
}

const STAYS_IN_DOMAIN = said('the other node of the domain serves it, every time');

const SESSION_REQUESTS = 6;

/** Two nodes of a domain, of which one has left, and a node of another domain; all with the same context. */
async function domainWithoutOne(trial: BalancerTrial): Promise<{ context: string; heir: string; left: string }> {
  const domain = trial.domain();
  const contexts = [trial.context()];
  const heir = await trial.node({ contexts, config: { Domain: domain } });
  const left = await trial.node({ contexts, config: { Domain: domain } });
  await trial.node({ contexts, config: { Domain: trial.domain() } });
  await trial.must('REMOVE-APP', { JVMRoute: left.route }, WHOLE_NODE);
  return { context: heir.context, heir: heir.route, left: left.route };
}

const requestOfSession = (trial: BalancerTrial, context: string, route: string): Promise<WebAnswer> =>
  trial.web(`${context}/`, { headers: [['Cookie', `JSESSIONID=abc.${route}`]] });

/** What stays and what goes over time (reference §3, checklist §11.15). */
export const STATE_CASES = [
  balancerCase({
    id: 'state/after-restart',
    requirement:
      'A balancer that was restarted knows no node: STATUS is refused with Type MEM, so that nodes register anew.',
    level: 'should',
    lines: ['MCMP-STATE-01'],
    spec: '3.7',
    needs: ['restart'],
    isolated: false,
    disturbs: true,
    deadlineMs: 60_000,
    expected: inHU({ ...refused('MEM'), words: 'no Node line, and 500 of type MEM for its STATUS' }),
    async run(trial, expected) {
      if (trial.features.has('persist')) throw new NotHere('the balancer keeps its tables over a restart');
      const { route } = await trial.node();
      await trial.restart();
      demandEqual('Node lines of the route', (await trial.nodeLine(route)) === undefined ? 0 : 1, 0);
      await trial.expect(expected, 'STATUS', { JVMRoute: route, Load: 100 });
    },
  }),
  balancerCase({
    id: 'state/kept-over-restart',
    requirement: 'A balancer that keeps its tables still knows its nodes and their contexts after a restart.',
    level: 'may',
    lines: ['MCMP-STATE-07'],
    spec: '3.7',
    needs: ['restart', 'persist'],
    isolated: false,
    disturbs: true,
    deadlineMs: 60_000,
    expected: inHttpd(said('the same Node and Context line as before')),
    async run(trial) {
      const { route, context, alias } = await trial.node();
      await trial.restart();
      demandEqual('Node lines of the route', (await trial.nodeLine(route)) === undefined ? 0 : 1, 1);
      demandEqual('contexts in INFO', await pairsInInfo(trial, route), `${alias} ${context} ENABLED`);
    },
  }),
  balancerCase({
    id: 'state/back-at-once',
    requirement:
      'A node that was removed and registers again at once is there, and serves after ENABLE-APP and STATUS.',
    level: 'should',
    lines: ['MCMP-STATE-02'],
    spec: '2.1.2',
    needs: ['traffic'],
    expected: inHU(said('a Node line, and 200 from the node')),
    async run(trial) {
      const node = await trial.node();
      const { route, context, backend } = node;
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      await trial.node({ route, backend, contexts: [context] });
      demandEqual('contexts in INFO', await pairsInInfo(trial, route), `${node.alias} ${context} ENABLED`);
      const answer = await trial.web(`${context}/`);
      demand(answer.servedBy === route, `an answer of ${route}`, answerWords(answer));
    },
  }),
  balancerCase({
    id: 'state/back-without-status',
    requirement: 'What a request gets when a removed node has registered again but not sent a STATUS.',
    level: 'may',
    lines: ['MCMP-STATE-03'],
    spec: '2.1.2',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('200 from the node', 200),
      'httpd-2': outcome('503', 503),
      undertow: outcome('503', 503),
    },
    async run(trial, { value: status }) {
      const { route, context, backend } = await trial.node();
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      await trial.node({ route, backend, contexts: [context], load: null });
      demandEqual('status of a request', (await trial.web(`${context}/`)).status, status);
    },
  }),
  balancerCase({
    id: 'state/address-of-a-removed-node',
    requirement: 'CONFIG of another route at the address of a node that was just removed.',
    level: 'may',
    lines: ['MCMP-STATE-04', 'MCMP-STATE-05'],
    spec: '2.1.2',
    expected: {
      mcmp: accepted(''),
      'httpd-2': WORKER_EXISTS,
      'httpd-1.3': accepted(''),
      undertow: accepted(''),
      nginx: accepted(''),
    },
    async run(trial, expected) {
      const { route, backend } = await trial.node();
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      await trial.expect(expected, 'CONFIG', configOf(trial, trial.route(), backend));
    },
  }),
  balancerCase({
    id: 'state/address-is-free-again',
    requirement: 'The address of a removed node can be taken by another route after about 30 seconds.',
    level: 'may',
    lines: ['MCMP-STATE-04'],
    spec: '3.6',
    needs: ['patience'],
    deadlineMs: 75_000,
    expected: { 'httpd-2': said('CONFIG of the other route is accepted after at most 60 seconds') },
    async run(trial) {
      const { route, backend } = await trial.node();
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      const fields = configOf(trial, trial.route(), backend);
      const isTaken = async (): Promise<boolean> => (await trial.send('CONFIG', fields)).status === 200;
      await trial.until('CONFIG of another route at the address of the removed node is accepted', isTaken, 60_000);
    },
  }),
  balancerCase({
    id: 'state/domain-of-a-removed-node',
    requirement: 'A session of a node that left goes to another node of its domain, also with StickySessionForce.',
    level: 'may',
    lines: ['MCMP-STATE-06'],
    spec: '4.5',
    needs: ['traffic'],
    expected: { mcmp: STAYS_IN_DOMAIN, 'httpd-1.3': STAYS_IN_DOMAIN, undertow: STAYS_IN_DOMAIN },
    async run(trial, { words }) {
      const { context, heir, left } = await domainWithoutOne(trial);
      for (let count = 0; count < SESSION_REQUESTS; count++) {
        const answer = await requestOfSession(trial, context, left);
        demand(answer.servedBy === heir, words, () => answerWords(answer));
      }
    },
  }),
  balancerCase({
    id: 'state/domain-is-forgotten',
    requirement: 'A session of a node that left is balanced as a new request when the row of the node is gone.',
    level: 'may',
    lines: ['MCMP-STATE-06'],
    spec: '4.5',
    needs: ['traffic', 'patience'],
    deadlineMs: 60_000,
    expected: { 'httpd-2': said('200, and nodes of all domains serve it') },
    async run(trial, { words }) {
      const { context, left } = await domainWithoutOne(trial);
      const isGone = async (): Promise<boolean> => (await trial.nodeLine(left)) === undefined;
      await trial.until('no Node line of the removed node', isGone, 45_000);
      const servedBy = new Set<string>();
      for (let count = 0; count < SESSION_REQUESTS; count++) {
        const answer = await requestOfSession(trial, context, left);
        demandEqual('status of a request with its session', answer.status, 200);
        servedBy.add(answer.servedBy);
      }
      demand(servedBy.size === 2, words, () => `served by ${[...servedBy].join(' and ')}`);
    },
  }),
  balancerCase({
    id: 'state/thirty-nodes',
    requirement: 'Thirty nodes find room in a balancer that has no small table.',
    level: 'may',
    lines: ['MCMP-STATE-08'],
    spec: '2.1.2',
    expected: { mcmp: said('30 Node lines'), undertow: said('30 Node lines') },
    async run(trial) {
      const routes = new Set<string>();
      for (let count = 0; count < 30; count++) {
        const { route } = await trial.node({ contexts: [], load: null });
        routes.add(route);
      }
      const { nodes } = await trial.info();
      demandEqual('Node lines of the nodes', nodes.filter(({ name }) => routes.has(name)).length, 30);
    },
  }),
  balancerCase({
    id: 'state/hundred-lives',
    requirement: 'A node that comes and goes a hundred times never shows a context of an earlier life.',
    level: 'should',
    lines: ['MCMP-STATE-09'],
    spec: '3.6',
    deadlineMs: 60_000,
    expected: inHU(said('the new context alone, each time')),
    async run(trial) {
      const alias = trial.alias();
      const { route, backend } = await trial.node({ alias, load: 50 });
      const config = configOf(trial, route, backend);
      for (let life = 1; life <= 100; life++) {
        await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
        await trial.must('CONFIG', config);
        const context = trial.context();
        await trial.must('ENABLE-APP', { JVMRoute: route, Alias: alias, Context: context });
        await trial.must('STATUS', { JVMRoute: route, Load: 50 });
        demandEqual(`contexts in life ${life}`, await pairsInInfo(trial, route), `${alias} ${context} ENABLED`);
      }
    },
  }),
];
