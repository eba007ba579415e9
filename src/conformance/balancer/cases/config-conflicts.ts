import { type Outcome, outcome, said } from '../../case.ts';
import { inAll, inHttpd } from '../../dialects.ts';
import { demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, accepted, expectAnswer, refused } from '../answers.ts';
import { PING_SECONDS } from '../create-trial.ts';
import { demandNode, demandNoNode, ownNode } from '../own-node.ts';
import { type BalancerTrial, balancerCase, type TrialNode, WHOLE_NODE } from '../trial.ts';

/** The CONFIG with which `trial.node` registered a node. */
function configOf(trial: BalancerTrial, { route, backend }: TrialNode): Readonly<Record<string, string | number>> {
  const { host, port } = backend;
  return { JVMRoute: route, Host: host, Port: port, Type: 'http', ping: PING_SECONDS, Balancer: trial.balancer };
}

/** CONFIG of a known route with another port. */
interface Move {
  readonly answer: (route: string) => AnswerExpectation;
  /** The node as it was: still there, or gone so that the same CONFIG is accepted when it comes again. */
  readonly old: 'stays' | 'goes';
}

const EXISTS: Outcome<Move> = outcome('500 MEM `Node with "R" JVMRoute already exists`, and the old node stays', {
  answer: (route) => refused('MEM', `MEM: Node with "${route}" JVMRoute already exists`),
  old: 'stays',
});

function goes(answer: AnswerExpectation): Outcome<Move> {
  return outcome(`${answer.words}, and the old node is gone: once more, 200`, { answer: () => answer, old: 'goes' });
}

const RENAMED = refused('MEM', 'MEM: Old node with "REMOVED" JVMRoute still exists');
const NGINX_RENAMED = refused('MEM', 'MEM: Old node still exist');
const UNDERTOW_REMOVED = refused('SYNTAX', 'MEM: Old node still exist');

/** CONFIG of a dead node with another port; undefined: it is accepted. */
type Return = Outcome<((route: string) => AnswerExpectation) | undefined>;
const TAKES_OVER: Return = outcome('200, and INFO shows the new port', undefined);
const refusesMove = (answer: (route: string) => AnswerExpectation): Return => outcome(answer('R').words, answer);

const TAKEN = refused('MEM', 'MEM: Another for the same worker already exist');
const NOT_TAKEN: AnswerExpectation = { ...accepted(), words: '200, and both nodes are in INFO' };

/** Sends the CONFIG of another node for an address that is taken, and judges what becomes of both. */
async function takeAddress(
  trial: BalancerTrial,
  node: TrialNode,
  more: Readonly<Record<string, string | number>>,
  expected: AnswerExpectation,
): Promise<void> {
  const other = trial.route();
  await trial.expect(expected, 'CONFIG', { ...configOf(trial, node), ...more, JVMRoute: other });
  if (expected.status === 200) await demandNode(trial, other);
  else await demandNoNode(trial, other);
  await demandNode(trial, node.route);
}

/** What a CONFIG finds that comes again, or for what is known already (reference §2.1.2, checklist §11.2). */
export const CONFIG_CONFLICT_CASES = [
  balancerCase({
    id: 'config/again',
    requirement: 'The same CONFIG once more changes neither the node nor its contexts.',
    level: 'must',
    lines: ['MCMP-CONFIG-42'],
    spec: '2.1.2',
    expected: inAll(said('200, one line of the node and the same contexts')),
    async run(trial) {
      const node = await trial.node({ contexts: [trial.context(), trial.context()] });
      const contexts = async (): Promise<string> =>
        (await trial.contextLines(node.route))
          .map(({ path, status }) => `${path} ${status}`)
          .sort()
          .join();
      const before = await contexts();
      await trial.expect(accepted(''), 'CONFIG', configOf(trial, node));
      await demandNode(trial, node.route, { port: String(node.backend.port) });
      demandEqual('contexts of the node', await contexts(), before);
    },
  }),
  balancerCase({
    id: 'config/again-and-load',
    requirement: 'The same CONFIG once more leaves the load; on Undertow it puts the node into error.',
    level: 'may',
    lines: ['MCMP-CONFIG-43', 'MCMP-CONFIG-44'],
    spec: '2.1.2',
    expected: {
      mcmp: outcome('Load: 100', 100),
      ...inHttpd(outcome('Load: 100', 100)),
      undertow: outcome('Load: -1', -1),
    },
    async run(trial, { value }) {
      const node = await trial.node({ contexts: [] });
      await demandNode(trial, node.route, { load: 100 });
      await trial.must('CONFIG', configOf(trial, node));
      await demandNode(trial, node.route, { load: value });
    },
  }),
  balancerCase({
    id: 'config/again-and-requests',
    requirement: 'After the same CONFIG once more a node goes on serving; on Undertow it waits for its next STATUS.',
    level: 'may',
    lines: ['MCMP-CONFIG-43', 'MCMP-CONFIG-44'],
    spec: '2.1.2',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('200', 200),
      ...inHttpd(outcome('200', 200)),
      undertow: outcome('503 until the next STATUS', 503),
    },
    async run(trial, { value }) {
      const node = await trial.node();
      await trial.must('CONFIG', configOf(trial, node));
      demandEqual('status after the CONFIG', (await trial.web(`${node.context}/`)).status, value);
      await trial.must('STATUS', { JVMRoute: node.route, Load: 100 });
      demandEqual('status after the STATUS', (await trial.web(`${node.context}/`)).status, 200);
    },
  }),
  balancerCase({
    id: 'config/other-port',
    requirement: 'A CONFIG of a live node with another port is refused.',
    level: 'may',
    lines: ['MCMP-CONFIG-45', 'MCMP-CONFIG-46', 'MCMP-CONFIG-47'],
    spec: '2.1.2',
    expected: {
      mcmp: EXISTS,
      'httpd-2': EXISTS,
      'httpd-1.3': goes(RENAMED),
      nginx: goes(NGINX_RENAMED),
      undertow: goes(UNDERTOW_REMOVED),
    },
    async run(trial, { value }) {
      const node = await trial.node();
      const { address, backend } = await ownNode(trial);
      const fields = { JVMRoute: node.route, ...address };
      await trial.expect(value.answer(node.route), 'CONFIG', fields);
      if (value.old === 'stays') {
        await demandNode(trial, node.route, { port: String(node.backend.port) });
        const [line] = await trial.contextLines(node.route);
        demandEqual('status of its context', line?.status ?? 'no line', 'ENABLED');
        return;
      }
      await demandNoNode(trial, node.route);
      await trial.must('CONFIG', fields);
      await demandNode(trial, node.route, { port: String(backend.port) });
    },
  }),
  balancerCase({
    id: 'config/other-port-and-requests',
    requirement: 'While a CONFIG with another port is refused, the old node goes on serving.',
    level: 'may',
    lines: ['MCMP-CONFIG-45'],
    spec: '2.1.2',
    needs: ['traffic'],
    expected: {
      mcmp: said('200 from the old address'),
      'httpd-2': said('200 from the old address'),
    },
    async run(trial) {
      const node = await trial.node();
      const { address, backend } = await ownNode(trial);
      await trial.expect(refused('MEM'), 'CONFIG', { JVMRoute: node.route, ...address });
      const { status } = await trial.web(`${node.context}/`);
      demandEqual('status', status, 200);
      const counted = `${node.backend.requests.length} at the old address, ${backend.requests.length} at the new one`;
      demandEqual('requests', counted, '1 at the old address, 0 at the new one');
    },
  }),
  balancerCase({
    id: 'config/other-port-of-dead',
    requirement:
      'A node that is dead and comes back elsewhere is taken by Undertow and ours; httpd and nginx refuse it.',
    level: 'may',
    lines: ['MCMP-CONFIG-48'],
    spec: '2.1.2',
    expected: {
      mcmp: TAKES_OVER,
      undertow: TAKES_OVER,
      'httpd-2': refusesMove((route) => refused('MEM', `MEM: Node with "${route}" JVMRoute already exists`)),
      'httpd-1.3': refusesMove(() => RENAMED),
      nginx: refusesMove(() => NGINX_RENAMED),
    },
    async run(trial, { value }) {
      // Without a STATUS it is in error on Undertow.
      const node = await trial.node({ contexts: [], load: null });
      await node.backend.kill();
      const { address, backend } = await ownNode(trial);
      const fields = { JVMRoute: node.route, ...address };
      if (value !== undefined) {
        await trial.expect(value(node.route), 'CONFIG', fields);
        return;
      }
      await trial.must('CONFIG', fields);
      await demandNode(trial, node.route, { port: String(backend.port) });
    },
  }),
  balancerCase({
    id: 'config/same-address',
    requirement: 'An address has one node on httpd and ours; Undertow and nginx do not compare.',
    level: 'may',
    lines: ['MCMP-CONFIG-49', 'MCMP-CONFIG-50'],
    spec: '2.1.2',
    expected: { mcmp: TAKEN, ...inHttpd(TAKEN), undertow: NOT_TAKEN, nginx: NOT_TAKEN },
    async run(trial, expected) {
      const node = await trial.node({ contexts: [] });
      await takeAddress(trial, node, {}, expected);
    },
  }),
  balancerCase({
    id: 'config/same-address-other-ttl',
    requirement: 'Another ttl makes another node of an address on httpd 1.3, not on httpd 2 and ours.',
    level: 'may',
    lines: ['MCMP-CONFIG-51'],
    spec: '2.1.2',
    needs: ['traffic'],
    expected: {
      mcmp: TAKEN,
      'httpd-2': TAKEN,
      'httpd-1.3': NOT_TAKEN,
      undertow: NOT_TAKEN,
      nginx: NOT_TAKEN,
    },
    async run(trial, expected) {
      const node = await trial.node();
      // httpd 2 compares with those that serve already.
      await trial.web(`${node.context}/`);
      await takeAddress(trial, node, { ttl: 77 }, expected);
    },
  }),
  balancerCase({
    id: 'config/table-full',
    requirement: 'A CONFIG that finds no room is refused as MEM.',
    level: 'may',
    lines: ['MCMP-CONFIG-54', 'MCMP-STATE-08'],
    spec: '2.1.2',
    needs: ['small-tables', 'empty', 'patience'],
    isolated: false,
    disturbs: true,
    deadlineMs: 60_000,
    expected: {
      mcmp: outcome('500 MEM `Can\'t update or insert node with "R" JVMRoute`', ' with "R" JVMRoute'),
      ...inHttpd(outcome('500 MEM `Can\'t update or insert node with "R" JVMRoute`', ' with "R" JVMRoute')),
      nginx: outcome("500 MEM `Can't update or insert node`", ''),
    },
    async run(trial, { value: suffix }) {
      const room = Number(trial.features.get('small-tables'));
      // Rows of cases before this one may be taken for a while.
      await trial.until('the table is empty', async () => (await trial.info()).nodes.length === 0);
      const registered: string[] = [];
      for (let count = 0; count <= room; count += 1) {
        const { fields, route } = await ownNode(trial);
        const answer = await trial.send('CONFIG', fields);
        if (answer.status === 200) {
          registered.push(route);
          continue;
        }
        expectAnswer(answer, refused('MEM', `MEM: Can't update or insert node${suffix.replace('R', route)}`));
        await demandNoNode(trial, route);
        break;
      }
      demandEqual('nodes that found room', registered.length, room);
      for (const route of registered) await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      // Until its rows are free nobody else finds room.
      await trial.until('the rows are free again', async () => (await trial.info()).nodes.length === 0);
    },
  }),
];
