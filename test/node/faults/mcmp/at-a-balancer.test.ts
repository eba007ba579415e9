import { expect, test } from 'vitest';
import type { FaultName } from '../../../../src/node/faults/table.ts';
import { startTestBalancer, type TestBalancer } from '../../../support/balancer.ts';
import { hostPort } from '../../../support/raw-http.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { rowsOf } from '../../sidecar/rows.ts';
import { startFaultyNode } from './faulty-node.ts';

interface Clients {
  /** Stops, and returns how often each status was seen. */
  stop(): Promise<ReadonlyMap<number, number>>;
}

/** One request after the other, until stopped. */
function startClients(balancer: TestBalancer): Clients {
  const statuses = new Map<number, number>();
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      const { status } = await balancer.get('/app/');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const finished = run();
  return {
    async stop() {
      stopped = true;
      await finished;
      return statuses;
    },
  };
}

async function twoNodes() {
  const balancer = await startTestBalancer();
  const balancers = [`http://${hostPort(balancer.mcmpPort)}`];
  const first = await startFaultyNode({ route: 'n1', balancers });
  const second = await startFaultyNode({ balancers });
  await Promise.all([first.node.registered(), second.node.registered()]);
  const rowOf = (route: string, port: number): string => `${route} ${hostPort(port)} load 100 /app ENABLED`;
  const rows = [rowOf('n1', first.port), rowOf('n2', second.port)];
  await waitFor(async () => (await rowsOf(balancer)).join() === rows.join());
  return { balancer, first, second, rows };
}

const AGAIN = ['INFO 200', 'CONFIG 200', 'ENABLE-APP 200', 'STATUS 200'];

interface Row {
  readonly fault: FaultName;
  readonly amount?: number;
  /** What `mcmp serve` answers to the node that has the fault; each answer once, in the order of the first ones. */
  readonly answers: readonly string[];
}

/** Neither of them harms anybody: while the fault is on, both nodes keep their rows and their share of the requests. */
const FAULTS: readonly Row[] = [
  { fault: 'skip-status', answers: [] },
  { fault: 'duplicate-route', answers: ['INFO 200', 'CONFIG 500 MEM: Node with "n1" JVMRoute already exists'] },
  {
    fault: 'duplicate-address',
    answers: [
      'INFO 200',
      'CONFIG 200',
      'CONFIG 500 MEM: Another for the same worker already exist',
      'ENABLE-APP 500 MEM: Can\'t read node with "n2-twin" JVMRoute',
      'ENABLE-APP 200',
      'STATUS 500 MEM: Can\'t read node with "n2-twin" JVMRoute',
      'STATUS 200',
    ],
  },
  // The node that is known answers there: it must be another one that wants its name.
  { fault: 'changed-port', answers: ['INFO 200', 'CONFIG 500 MEM: Node with "n2" JVMRoute already exists'] },
  { fault: 'config-flood', amount: 50, answers: AGAIN },
  { fault: 'wrong-order', answers: ['INFO 200', 'ENABLE-APP 200', 'CONFIG 200', 'STATUS 200'] },
  { fault: 'oversized', amount: 65_536, answers: ['INFO 200', 'CONFIG 500 SYNTAX: LBGroup field too big'] },
  { fault: 'byte-by-byte', answers: ['STATUS 200'] },
  { fault: 'connection-left-open', answers: ['STATUS 200'] },
];

test.each(FAULTS)('$fault: the balancer answers as it should, nobody is harmed, and the node heals', async (row) => {
  const { fault, amount, answers } = row;
  const { balancer, first, second, rows } = await twoNodes();
  const clients = startClients(balancer);
  const registersAgain = answers[0] === 'INFO 200';

  const before = second.answers.length;
  second.board.on(fault, amount);
  // A report of a moment ago may still be under way.
  const firstSaid = (): number => second.answers.findIndex((said, at) => at >= before && said.startsWith('INFO'));
  const heard = (): string[] => {
    const from = registersAgain ? firstSaid() : before;
    return from < 0 ? [] : [...new Set(second.answers.slice(from))];
  };
  await waitFor(() => answers.every((answer) => heard().includes(answer)));
  const reports = first.answers.length;
  await waitFor(() => first.answers.length >= reports + 3);
  if (answers.length > 0) expect(heard()).toEqual(answers);
  else expect(second.answers.length - before).toBeLessThanOrEqual(1);
  expect(await rowsOf(balancer)).toEqual(rows);
  expect(first.node.registrations()).toMatchObject([{ lastFailure: '', reportedState: 'OK' }]);

  second.answers.length = 0;
  second.board.off(fault);
  const expected = registersAgain ? AGAIN : ['STATUS 200'];
  await waitFor(() => expected.every((answer) => second.answers.includes(answer)));
  await waitFor(() => second.node.registrations()[0]?.state === 'registered');
  expect(second.node.registrations()).toMatchObject([{ lastFailure: '', reportedState: 'OK' }]);
  expect(await rowsOf(balancer)).toEqual(rows);

  await second.node.leave();
  expect((await rowsOf(balancer)).filter((line) => line.includes('/app'))).toEqual(rows.slice(0, 1));
  expect([...(await clients.stop()).keys()]).toEqual([200]);
});

test('vanish: the balancer keeps the row, and requests that find nobody there go to the next node', async () => {
  const { balancer, second, rows } = await twoNodes();
  const clients = startClients(balancer);
  second.board.on('vanish');
  second.answers.length = 0;
  await second.node.leave();
  expect(second.answers.filter((answer) => !answer.startsWith('STATUS'))).toEqual([]);
  expect(await rowsOf(balancer)).toEqual(rows);
  await second.closeServer();
  await waitFor(() => balancer.log.some(({ level, fields }) => level === 'warn' && fields['route'] === 'n2'));
  expect([...(await clients.stop()).keys()]).toEqual([200]);
});

test('skip-status from the start: the node is registered without a word about its load, and serves', async () => {
  const balancer = await startTestBalancer();
  const balancers = [`http://${hostPort(balancer.mcmpPort)}`];
  const { node, answers, board } = await startFaultyNode({ balancers, prepare: ({ on }) => on('skip-status') });
  await node.registered();
  expect(answers).toEqual(['INFO 200', 'CONFIG 200', 'ENABLE-APP 200']);
  expect((await balancer.get('/app/')).text).toContain('n2');
  board.off('skip-status');
  await waitFor(() => answers.includes('STATUS 200'));
});

test('wrong-order from the start: ENABLE-APP is refused, the context is missing until the order is right', async () => {
  const balancer = await startTestBalancer();
  const balancers = [`http://${hostPort(balancer.mcmpPort)}`];
  const { node, answers, board, port } = await startFaultyNode({ balancers, prepare: ({ on }) => on('wrong-order') });
  await node.registered();
  expect(answers.slice(0, 4)).toEqual([
    'INFO 200',
    'ENABLE-APP 500 MEM: Can\'t read node with "n2" JVMRoute',
    'CONFIG 200',
    'STATUS 200',
  ]);
  expect((await balancer.get('/app/')).status).toBe(404);
  board.off('wrong-order');
  await waitFor(async () => (await rowsOf(balancer)).join() === `n2 ${hostPort(port)} load 100 /app ENABLED`);
  expect((await balancer.get('/app/')).status).toBe(200);
});

test('changed-port from the start: the node has a row that answers no ping, clients get 503, until the port is right', async () => {
  const balancer = await startTestBalancer();
  const balancers = [`http://${hostPort(balancer.mcmpPort)}`];
  const { node, board, port } = await startFaultyNode({ balancers, prepare: ({ on }) => on('changed-port') });
  await node.registered();
  expect(node.registrations()).toMatchObject([{ reportedState: 'NOTOK' }]);
  expect((await balancer.get('/app/')).status).toBe(503);
  board.off('changed-port');
  await waitFor(async () => (await rowsOf(balancer)).join() === `n2 ${hostPort(port)} load 100 /app ENABLED`);
  await waitFor(async () => (await balancer.get('/app/')).status === 200);
});
