import { outcome, said } from '../../case.ts';
import { inAll, inHttpd, inHU } from '../../dialects.ts';
import { Deviation, demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, accepted, answerWords, GENERIC_FAILURE, refused } from '../answers.ts';
import { loadInInfo } from '../looks.ts';
import { FIELDS_MISSING, invalidField, ROUTE_EMPTY } from '../refusals.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

/** How a STATUS is answered, and what INFO says of the load then; undefined where INFO never says it (nginx). */
interface AfterStatus {
  readonly answer: AnswerExpectation;
  readonly load?: number;
}

const OK = accepted(/State=OK/);

const BAD_LOAD = {
  mcmp: outcome<AfterStatus>('MEM, and the load stays', {
    answer: refused('MEM', 'MEM: Bad value for Load'),
    load: 100,
  }),
  'httpd-2': outcome<AfterStatus>('SYNTAX, and the load stays', {
    answer: refused('SYNTAX', 'TODO: Bad value for Load'),
    load: 100,
  }),
};

/** State=OK, and a load in INFO. */
const taken = (load: number) => outcome<AfterStatus>(`State=OK, and the load is ${load}`, { answer: OK, load });

/** Sends one STATUS of a node that has 100, and looks at the answer and at INFO. */
async function sendLoad(trial: BalancerTrial, load: string | undefined, expected: AfterStatus): Promise<void> {
  const { route } = await trial.node({ contexts: [] });
  await trial.expect(
    expected.answer,
    'STATUS',
    load === undefined ? { JVMRoute: route } : { JVMRoute: route, Load: load },
  );
  if (expected.load !== undefined) demandEqual('Load in INFO', await loadInInfo(trial, route), expected.load);
}

/** `id` of a STATUS answer: the incarnation of the balancer. */
async function incarnation(trial: BalancerTrial, route: string): Promise<string> {
  const answer = await trial.must('STATUS', { JVMRoute: route, Load: 100 });
  const [, id] = /&id=(-?[0-9]+)/.exec(answer.body) ?? [];
  if (id === undefined) throw new Deviation('fail', 'an id in the answer', answerWords(answer));
  return id;
}

/** STATUS: what it refuses, what it answers, and the load it takes (reference §2.3, checklist §11.4). */
export const STATUS_CASES = [
  balancerCase({
    id: 'status/unknown-route',
    requirement: 'A STATUS of a route that was never configured is refused, so that its node registers anew.',
    level: 'must',
    lines: ['MCMP-STATUS-01'],
    spec: '2.3',
    expected: inAll(refused('MEM', /^MEM: Can't read node/)),
    async run(trial, expected) {
      await trial.expect(expected, 'STATUS', { JVMRoute: trial.route(), Load: 50 });
    },
  }),
  balancerCase({
    id: 'status/without-body',
    requirement: 'A STATUS that says nothing is refused.',
    level: 'may',
    lines: ['MCMP-STATUS-02', 'MCMP-STATUS-03'],
    spec: '1.7',
    expected: {
      mcmp: ROUTE_EMPTY,
      'httpd-2': invalidField(''),
      undertow: FIELDS_MISSING,
      nginx: invalidField(''),
    },
    async run(trial, expected) {
      await trial.expect(expected, 'STATUS');
    },
  }),
  balancerCase({
    id: 'status/without-route',
    requirement: 'A STATUS that names no node is refused.',
    level: 'may',
    lines: ['MCMP-STATUS-03'],
    spec: '2.3',
    // nginx takes it for the route that was last in its memory, and httpd 2 might (reference §12.1.1).
    disturbs: true,
    expected: {
      mcmp: ROUTE_EMPTY,
      // httpd 2 reads what happens to be in memory: nothing, or the name of no node.
      'httpd-2': {
        words: "500 `TODO: No JVMRoute given!`, or `MEM: Can't read node` of no node",
        status: 500,
        mess: /^(TODO: No JVMRoute given!$|MEM: Can't read node)/,
      },
      undertow: FIELDS_MISSING,
    },
    async run(trial, expected) {
      await trial.expect(expected, 'STATUS', { Load: 50 });
    },
  }),
  balancerCase({
    id: 'status/unknown-field',
    requirement: 'A field that STATUS does not know.',
    level: 'may',
    lines: ['MCMP-STATUS-04'],
    spec: '2.3',
    expected: { ...inAll(invalidField('Foo')), mcmp: OK, undertow: OK },
    async run(trial, expected) {
      const { route } = await trial.node({ contexts: [] });
      await trial.expect(expected, 'STATUS', { JVMRoute: route, Load: 50, Foo: 1 });
    },
  }),
  balancerCase({
    id: 'status/answer-fields',
    requirement: 'The answer to STATUS has Type, JVMRoute, State and id, joined by &.',
    level: 'should',
    lines: ['MCMP-STATUS-05'],
    spec: '2.3',
    expected: inAll(said('Type=STATUS-RSP, JVMRoute=R, State=OK and id=INTEGER, joined by &')),
    async run(trial, { words }) {
      const { route } = await trial.node({ contexts: [] });
      const answer = await trial.must('STATUS', { JVMRoute: route, Load: 100 });
      const fields = answer.body.trimEnd().split('&');
      const isThere = ['Type=STATUS-RSP', `JVMRoute=${route}`, 'State=OK'].every((field) => fields.includes(field));
      if (!isThere || !fields.some((field) => /^id=-?[0-9]+$/.test(field))) {
        throw new Deviation('fail', words, answerWords(answer));
      }
    },
  }),
  balancerCase({
    id: 'status/answer-form',
    requirement: 'The order of the fields in the answer to STATUS, and how it ends.',
    level: 'may',
    lines: ['MCMP-STATUS-06'],
    spec: '2.3',
    expected: {
      ...inAll(
        outcome('Type, JVMRoute, State, id and LF', (route: string) =>
          accepted(new RegExp(`^Type=STATUS-RSP&JVMRoute=${route}&State=OK&id=-?[0-9]+\\n$`)),
        ),
      ),
      undertow: outcome('Type, State, JVMRoute, id and no LF', (route: string) =>
        accepted(new RegExp(`^Type=STATUS-RSP&State=OK&JVMRoute=${route}&id=[0-9]+$`)),
      ),
    },
    async run(trial, { value }) {
      const { route } = await trial.node({ contexts: [] });
      await trial.expect(value(route), 'STATUS', { JVMRoute: route, Load: 100 });
    },
  }),
  balancerCase({
    id: 'status/load-shown',
    requirement: 'A load that was accepted is what INFO says.',
    level: 'should',
    lines: ['MCMP-STATUS-08'],
    spec: '2.3',
    expected: inHU(said('Load: 37 in INFO')),
    async run(trial) {
      const node = await trial.node({ contexts: [], load: 37 });
      demandEqual('Load in INFO', await loadInInfo(trial, node.route), 37);
    },
  }),
  balancerCase({
    id: 'status/load-zero',
    requirement: 'Load=0 of a node that can be reached is OK and makes it a hot standby.',
    level: 'should',
    lines: ['MCMP-STATUS-09'],
    spec: '2.3',
    expected: inHU(taken(0)),
    run: (trial, { value }) => sendLoad(trial, '0', value),
  }),
  balancerCase({
    id: 'status/load-minus-one',
    requirement: 'The answer to Load=-1, by which a node says that it is broken.',
    level: 'may',
    lines: ['MCMP-STATUS-11'],
    spec: '2.3',
    expected: { ...inAll(OK), undertow: accepted(/State=NOTOK/) },
    async run(trial, expected) {
      const { route } = await trial.node({ contexts: [] });
      await trial.expect(expected, 'STATUS', { JVMRoute: route, Load: -1 });
    },
  }),
  balancerCase({
    id: 'status/load-out-of-range',
    requirement: 'A Load above 100.',
    level: 'may',
    lines: ['MCMP-STATUS-14', 'MCMP-STATUS-15'],
    spec: '2.3',
    expected: { ...BAD_LOAD, 'httpd-1.3': taken(101), undertow: taken(101) },
    run: (trial, { value }) => sendLoad(trial, '101', value),
  }),
  balancerCase({
    id: 'status/load-minus-two',
    requirement: 'Load=-2, which httpd 1.3 and Undertow read as a wish to be pinged.',
    level: 'may',
    lines: ['MCMP-STATUS-14'],
    spec: '2.3',
    expected: {
      ...BAD_LOAD,
      'httpd-1.3': outcome<AfterStatus>('State=OK, and the load stays', { answer: OK, load: 100 }),
      undertow: outcome<AfterStatus>('State=OK, and the load stays', { answer: OK, load: 100 }),
    },
    run: (trial, { value }) => sendLoad(trial, '-2', value),
  }),
  balancerCase({
    id: 'status/load-minus-three',
    requirement: 'A Load below -2.',
    level: 'may',
    lines: ['MCMP-STATUS-14', 'MCMP-STATUS-15'],
    spec: '2.3',
    expected: {
      ...BAD_LOAD,
      undertow: outcome<AfterStatus>('SYNTAX for a missing field, and the load stays', {
        answer: FIELDS_MISSING,
        load: 100,
      }),
    },
    run: (trial, { value }) => sendLoad(trial, '-3', value),
  }),
  balancerCase({
    id: 'status/without-load',
    requirement: 'A STATUS without Load.',
    level: 'may',
    lines: ['MCMP-STATUS-03', 'MCMP-STATUS-16', 'MCMP-STATUS-17'],
    spec: '2.3',
    expected: {
      mcmp: outcome<AfterStatus>('State=OK, and the load stays', { answer: OK, load: 100 }),
      'httpd-2': outcome<AfterStatus>('State=OK, and the load stays', { answer: OK, load: 100 }),
      'httpd-1.3': outcome<AfterStatus>('State=OK, and the node is broken: Load: -1', { answer: OK, load: -1 }),
      undertow: outcome<AfterStatus>('SYNTAX for a missing field, and the load stays', {
        answer: FIELDS_MISSING,
        load: 100,
      }),
      nginx: outcome<AfterStatus>('State=OK', { answer: OK }),
    },
    run: (trial, { value }) => sendLoad(trial, undefined, value),
  }),
  balancerCase({
    id: 'status/load-with-fraction',
    requirement: 'A Load with a fraction, as some clients send it.',
    level: 'may',
    lines: ['MCMP-STATUS-18'],
    spec: '2.3',
    expected: {
      mcmp: taken(97),
      ...inHttpd(taken(97)),
      undertow: outcome<AfterStatus>(GENERIC_FAILURE.words, { answer: GENERIC_FAILURE, load: 100 }),
    },
    run: (trial, { value }) => sendLoad(trial, '97.3', value),
  }),
  balancerCase({
    id: 'status/load-not-a-number',
    requirement: 'A Load that is no number.',
    level: 'may',
    lines: [],
    spec: '2.3',
    expected: {
      ...BAD_LOAD,
      'httpd-1.3': taken(0),
      undertow: outcome<AfterStatus>(GENERIC_FAILURE.words, { answer: GENERIC_FAILURE, load: 100 }),
      nginx: outcome<AfterStatus>('State=OK', { answer: OK }),
    },
    run: (trial, { value }) => sendLoad(trial, 'abc', value),
  }),
  balancerCase({
    id: 'status/id-stays',
    requirement: 'Two answers to STATUS have the same id as long as the balancer runs.',
    level: 'should',
    lines: ['MCMP-STATUS-19'],
    spec: '2.3',
    expected: inHU(said('the same id twice')),
    async run(trial) {
      const { route } = await trial.node({ contexts: [] });
      const first = await incarnation(trial, route);
      demandEqual('id of the second answer', await incarnation(trial, route), first);
    },
  }),
  balancerCase({
    id: 'status/id-after-restart',
    requirement: 'After a restart of the balancer the id of the answers to STATUS is another.',
    level: 'should',
    lines: ['MCMP-STATUS-19'],
    spec: '2.3',
    needs: ['restart'],
    isolated: false,
    disturbs: true,
    deadlineMs: 60_000,
    expected: inHU(said('another id after the restart')),
    async run(trial) {
      const { route, backend } = await trial.node({ contexts: [] });
      const before = await incarnation(trial, route);
      await trial.restart();
      await trial.node({ route, backend, contexts: [] });
      const after = await incarnation(trial, route);
      if (after === before) throw new Deviation('fail', `another id than ${before} after the restart`, `id ${after}`);
    },
  }),
];
