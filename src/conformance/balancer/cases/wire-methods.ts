import { type Outcome, outcome, said } from '../../case.ts';
import { inAll, inHttpd, inHU, type PerDialect } from '../../dialects.ts';
import { demand, demandEqual, NotHere } from '../../verdict.ts';
import { type AnswerExpectation, accepted, answerWords, expectAnswer, notMcmp, refused } from '../answers.ts';
import { ownNode } from '../own-node.ts';
import { type BalancerCase, type BalancerTrial, balancerCase } from '../trial.ts';

const WHOLE_NODE_MEANT = said('all contexts of the node are DISABLED');

/** Sends DISABLE-APP with only a route to a target, and returns what became of the two contexts of the node. */
async function disabledBy(trial: BalancerTrial, target: string): Promise<string> {
  const node = await trial.node({ contexts: [trial.context(), trial.context()], load: null });
  const known = (await trial.contextLines(node.route)).map(({ path }) => path);
  await trial.send('DISABLE-APP', { JVMRoute: node.route }, { target });
  const lines = await trial.contextLines(node.route);
  return lines
    .filter(({ path }) => known.includes(path))
    .map(({ status }) => status)
    .join();
}

/** Methods that are no commands; each with a body of its own. */
function noCommand(
  facts: Pick<BalancerCase, 'id' | 'requirement' | 'lines'>,
  methods: readonly (readonly [method: string, body: Readonly<Record<string, string>>])[],
  expected: PerDialect<AnswerExpectation>,
): BalancerCase {
  return balancerCase({
    ...facts,
    level: 'may',
    spec: '1.1',
    expected,
    async run(trial, answer) {
      for (const [method, body] of methods) await trial.expect(answer, method, body, { target: trial.context() });
    },
  });
}

/** The part of INFO that tells of one node, without its counters. */
function partOfInfo(body: string, route: string): string {
  const node = body.split('\n').find((line) => line.startsWith('Node:') && line.includes(`,Name: ${route},`)) ?? '';
  const id = /^Node: \[(-?\d+)\]/.exec(node)?.[1] ?? '';
  const below = body.split('\n').filter((line) => /^(?:Vhost|Context): /.test(line) && line.includes(`: [${id}:`));
  return [node.replace(/,Elected: .*$/, ''), ...below].join('\n');
}

/** What a request is answered that is no message of MCMP; undefined: whatever a web request is answered. */
type NotTaken = Outcome<AnswerExpectation | undefined>;
const NOT_MCMP_HERE: NotTaken = outcome(notMcmp(501).words, notMcmp(501));
const A_WEB_REQUEST: NotTaken = outcome('handled as any web request: no INFO', undefined);

/** What the target `*` does; undefined: it means the whole node. */
type Asterisk = Outcome<AnswerExpectation | undefined>;
const WHOLE_NODE: Asterisk = outcome(WHOLE_NODE_MEANT.words, undefined);
const NO_TARGET: Asterisk = outcome('400, and nothing changes', notMcmp(400));

/** Methods and request targets (reference §1.1, checklist §11.1). */
export const WIRE_METHOD_CASES = [
  balancerCase({
    id: 'wire/method-any-case',
    requirement: 'Methods are read in any letter case.',
    level: 'should',
    lines: ['MCMP-WIRE-28'],
    spec: '1.1',
    expected: inHU(said('`info` is answered as INFO')),
    async run(trial) {
      const { fields, route } = await ownNode(trial);
      await trial.must('CONFIG', fields);
      const answer = await trial.expect(accepted(), 'info');
      demand(answer.body.includes(`Name: ${route},`), `INFO with Name: ${route}`, () => answerWords(answer));
    },
  }),
  balancerCase({
    id: 'wire/mcmp-at-traffic-port',
    requirement: 'An address for web traffic is not one for MCMP.',
    level: 'may',
    lines: ['MCMP-WIRE-29', 'MCMP-WIRE-30'],
    spec: '1.1',
    needs: ['traffic'],
    expected: { mcmp: NOT_MCMP_HERE, ...inHttpd(NOT_MCMP_HERE), undertow: A_WEB_REQUEST },
    async run(trial, { value }) {
      if (trial.trafficUrl.port === trial.mcmpUrl.port) throw new NotHere('one port takes MCMP and web traffic');
      const { fields, route } = await ownNode(trial);
      await trial.must('CONFIG', fields);
      const answer = await trial.web(trial.context(), { method: 'INFO' });
      if (value !== undefined) expectAnswer(answer, value);
      demand(!answer.body.includes(route), 'not a word of the node', () => answerWords(answer));
    },
  }),
  noCommand(
    {
      id: 'wire/group-commands',
      requirement: 'ADDID, REMOVEID and QUERY of old are no commands any more.',
      lines: ['MCMP-WIRE-31'],
    },
    [
      ['ADDID', { JGroupUuid: 'uuid', JGroupData: 'data' }],
      ['REMOVEID', { JGroupUuid: 'uuid' }],
      ['QUERY', { JGroupUuid: 'uuid' }],
    ],
    { mcmp: notMcmp(501), 'httpd-2': notMcmp(501), undertow: notMcmp(404) },
  ),
  noCommand(
    {
      id: 'wire/error-command',
      requirement: 'ERROR is refused where it is known from old times, and no command elsewhere.',
      lines: ['MCMP-WIRE-31', 'MCMP-WIRE-32'],
    },
    [['ERROR', { JVMRoute: 'any' }]],
    {
      mcmp: notMcmp(501),
      'httpd-2': notMcmp(501),
      'httpd-1.3': refused('SYNTAX', 'SYNTAX: Command is not supported'),
      undertow: notMcmp(404),
      nginx: refused('SYNTAX', 'SYNTAX: Command is not supported'),
    },
  ),
  noCommand(
    {
      id: 'wire/unknown-method',
      requirement: 'A method that is no command is not answered as one.',
      lines: ['MCMP-WIRE-39'],
    },
    [['FOO', { JVMRoute: 'any' }]],
    { mcmp: notMcmp(501), ...inHttpd(notMcmp(501)), undertow: notMcmp(404) },
  ),
  noCommand(
    {
      id: 'wire/group-id-empty',
      requirement: 'ADDID and REMOVEID of httpd 1.3 want to know whom they mean.',
      lines: [],
    },
    [
      ['ADDID', { JGroupData: 'data' }],
      ['REMOVEID', { JGroupData: 'data' }],
    ],
    { 'httpd-1.3': refused('SYNTAX', "SYNTAX: JGroupUuid can't be empty") },
  ),
  balancerCase({
    id: 'wire/limit-group-fields',
    requirement: 'A JGroupUuid of 80 bytes and a JGroupData of 200 are too long.',
    level: 'may',
    lines: [],
    spec: '1.6',
    tags: ['limits'],
    expected: { 'httpd-1.3': said('500 SYNTAX: ... field too big') },
    async run(trial) {
      const short = { JGroupUuid: 'uuid', JGroupData: 'data' };
      for (const [field, from] of [
        ['JGroupUuid', 80],
        ['JGroupData', 200],
      ] as const) {
        for (const length of [from, from + 1, 4096]) {
          const tooBig = refused('SYNTAX', `SYNTAX: ${field} field too big`);
          await trial.expect(tooBig, 'ADDID', { ...short, [field]: 'v'.repeat(length) });
        }
        // Whether there is room for it is another question.
        const answer = await trial.send('ADDID', { ...short, [field]: 'v'.repeat(from - 1) });
        const isTaken = answer.status === 200 || answer.headers.get('type') === 'MEM';
        demand(isTaken, `200 or MEM for ${from - 1} bytes of ${field}`, () => answerWords(answer));
      }
    },
  }),
  balancerCase({
    id: 'wire/target-of-info',
    requirement: 'Path and query of the request target mean nothing to INFO.',
    level: 'must',
    lines: ['MCMP-WIRE-33'],
    spec: '1.1',
    expected: inAll(said('the same answer as for /')),
    async run(trial) {
      const { route } = await trial.node({ load: null });
      const plain = partOfInfo((await trial.must('INFO')).body, route);
      const other = partOfInfo((await trial.must('INFO', '', { target: '/anything?x=1' })).body, route);
      demand(plain.includes(route), `a line in INFO with Name: ${route}`, 'none');
      demandEqual('what INFO says of the node', other, plain);
    },
  }),
  balancerCase({
    id: 'wire/whole-node-below-a-path',
    requirement: 'A target that ends in /* means the whole node, whatever stands before it.',
    level: 'must',
    lines: ['MCMP-WIRE-34'],
    spec: '1.1',
    expected: inAll(WHOLE_NODE_MEANT),
    async run(trial) {
      demandEqual('contexts of the node', await disabledBy(trial, '/foo/*'), 'DISABLED,DISABLED');
    },
  }),
  balancerCase({
    id: 'wire/star-behind-a-name',
    requirement: 'A target that ends in * without a slash before it does not mean the whole node.',
    level: 'must',
    lines: ['MCMP-WIRE-35'],
    spec: '1.1',
    expected: inAll(said('the contexts of the node stay ENABLED')),
    async run(trial) {
      demandEqual('contexts of the node', await disabledBy(trial, '/foo*'), 'ENABLED,ENABLED');
    },
  }),
  balancerCase({
    id: 'wire/asterisk-form',
    requirement: 'The target * means the whole node; Undertow does not read it as a target.',
    level: 'should',
    lines: ['MCMP-WIRE-36'],
    spec: '1.1',
    expected: { mcmp: WHOLE_NODE, ...inHttpd(WHOLE_NODE), undertow: NO_TARGET },
    async run(trial, { value }) {
      if (trial.mcmpUrl.pathname !== '/') throw new NotHere('the MCMP address has a path, so * is none of its targets');
      if (value === undefined) {
        demandEqual('contexts of the node', await disabledBy(trial, '*'), 'DISABLED,DISABLED');
        return;
      }
      const { route } = await trial.node({ load: null });
      await trial.expect(value, 'DISABLE-APP', { JVMRoute: route }, { target: '*' });
      const [line] = await trial.contextLines(route);
      demandEqual('context of the node', line?.status ?? 'no line', 'ENABLED');
    },
  }),
];
