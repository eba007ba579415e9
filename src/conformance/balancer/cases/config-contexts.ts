import { type Outcome, outcome } from '../../case.ts';
import { inHttpd } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, refused } from '../answers.ts';
import { ownNode } from '../own-node.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

/** What INFO says of the virtual hosts and contexts of a node: `alias+alias path STATUS`, in order of the alphabet. */
async function deployed(trial: BalancerTrial, route: string): Promise<readonly string[]> {
  const lines = await trial.contextLines(route);
  return lines.map(({ aliases, path, status }) => `${[...aliases].sort().join('+')} ${path} ${status}`).sort();
}

async function vhostLines(trial: BalancerTrial, route: string): Promise<number> {
  const { nodes, vhosts } = await trial.info();
  const node = nodes.find(({ name }) => name === route);
  return vhosts.filter((vhost) => vhost.node === node?.id).length;
}

type InitialStatus = Outcome<'STOPPED' | 'ENABLED'>;
const STOPPED: InitialStatus = outcome('STOPPED', 'STOPPED');
const ENABLED: InitialStatus = outcome('ENABLED', 'ENABLED');

/** What a CONFIG does that has aliases and no contexts, or contexts and no aliases. */
type HalfDeployment = Outcome<'refused' | 'root or no alias' | 'nothing'>;
const HALF_REFUSED: HalfDeployment = outcome('500 SYNTAX: ... without ...', 'refused');
const HALF_COMPLETED: HalfDeployment = outcome('200: the context is /, or the alias empty', 'root or no alias');
const HALF_IGNORED: HalfDeployment = outcome('200, and no context', 'nothing');

/** Vhost and Context lines. */
interface Lines {
  readonly vhosts: number;
  readonly contexts: number;
}
const lines = (vhosts: number, contexts: number): Outcome<Lines> =>
  outcome(`${vhosts} Vhost and ${contexts} Context lines`, { vhosts, contexts });

/** Alias and Context inside CONFIG (reference §2.1.1, checklist §11.2). */
export const CONFIG_CONTEXT_CASES = [
  balancerCase({
    id: 'config/alias-without-context',
    requirement: 'Alias and Context belong together.',
    level: 'may',
    lines: ['MCMP-CONFIG-37'],
    spec: '2.1.1',
    expected: {
      mcmp: HALF_REFUSED,
      'httpd-2': HALF_REFUSED,
      'httpd-1.3': HALF_COMPLETED,
      nginx: HALF_COMPLETED,
      undertow: HALF_IGNORED,
    },
    async run(trial, { value }) {
      const [alias, context] = [trial.alias(), trial.context()];
      const halves = [
        [{ Alias: alias }, refused('SYNTAX', 'SYNTAX: Alias without Context'), `${alias} / STOPPED`],
        [{ Context: context }, refused('SYNTAX', 'SYNTAX: Context without Alias'), ` ${context} STOPPED`],
      ] as const satisfies readonly (readonly [Record<string, string>, AnswerExpectation, string])[];
      for (const [half, refusal, completed] of halves) {
        const { fields, route } = await ownNode(trial, half);
        if (value === 'refused') {
          await trial.expect(refusal, 'CONFIG', fields);
          demand((await trial.nodeLine(route)) === undefined, 'no line of the node in INFO', 'there is one');
          continue;
        }
        await trial.must('CONFIG', fields);
        const found = (await deployed(trial, route)).join('; ');
        demandEqual('contexts of the node', found, value === 'nothing' ? '' : completed);
      }
    },
  }),
  balancerCase({
    id: 'config/initial-status',
    requirement: 'A context that came with CONFIG waits for its ENABLE-APP; on Undertow it serves at once.',
    level: 'may',
    lines: ['MCMP-CONFIG-38', 'MCMP-CONFIG-39'],
    spec: '2.1.1',
    expected: { mcmp: STOPPED, ...inHttpd(STOPPED), nginx: STOPPED, undertow: ENABLED },
    async run(trial, { value }) {
      const [alias, context] = [trial.alias(), trial.context()];
      const { fields, route } = await ownNode(trial, { Alias: alias, Context: context });
      await trial.must('CONFIG', fields);
      demandEqual('contexts of the node', (await deployed(trial, route)).join('; '), `${alias} ${context} ${value}`);
    },
  }),
  balancerCase({
    id: 'config/initial-status-and-requests',
    requirement: 'A context that came with CONFIG gets no requests before its ENABLE-APP; on Undertow it does.',
    level: 'may',
    lines: ['MCMP-CONFIG-38', 'MCMP-CONFIG-39'],
    spec: '2.1.1',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('not served by the node', false),
      ...inHttpd(outcome('not served by the node', false)),
      undertow: outcome('served by the node', true),
    },
    async run(trial, { value, words }) {
      const context = trial.context();
      const { fields, route, backend } = await ownNode(trial, { Alias: trial.trafficUrl.hostname, Context: context });
      await trial.must('CONFIG', fields);
      await trial.must('STATUS', { JVMRoute: route, Load: 100 });
      const { status } = await trial.web(`${context}/`);
      const was = `${status}, and ${backend.requests.length} requests came to the node`;
      demand(value ? status === 200 && backend.requests.length === 1 : backend.requests.length === 0, words, was);
    },
  }),
  balancerCase({
    id: 'config/aliases-and-contexts',
    requirement: 'Several aliases with several contexts make a virtual host each on httpd 2, and one elsewhere.',
    level: 'may',
    lines: ['MCMP-CONFIG-40'],
    spec: '2.1.1',
    expected: {
      mcmp: lines(2, 2),
      'httpd-2': lines(2, 4),
      'httpd-1.3': lines(2, 2),
      undertow: lines(2, 2),
      nginx: lines(2, 2),
    },
    async run(trial, { value }) {
      const more = { Alias: `${trial.alias()},${trial.alias()}`, Context: `${trial.context()},${trial.context()}` };
      const { fields, route } = await ownNode(trial, more);
      await trial.must('CONFIG', fields);
      demandEqual('Vhost lines of the node', await vhostLines(trial, route), value.vhosts);
      demandEqual('Context lines of the node', (await trial.contextLines(route)).length, value.contexts);
    },
  }),
  balancerCase({
    id: 'config/repeated-alias-and-context',
    requirement:
      'Repeated, Alias and Context add up on httpd 2, are pairs on httpd 1.3 and nginx, and count once on Undertow.',
    level: 'may',
    lines: [],
    spec: '2.1.1',
    expected: {
      mcmp: lines(2, 2),
      'httpd-2': lines(2, 4),
      'httpd-1.3': lines(2, 2),
      undertow: lines(1, 1),
      nginx: lines(2, 2),
    },
    async run(trial, { value }) {
      const { fields, route } = await ownNode(trial);
      const pairs = [1, 2].flatMap(() => [['Alias', trial.alias()] as const, ['Context', trial.context()] as const]);
      await trial.must('CONFIG', [...Object.entries(fields), ...pairs]);
      demandEqual('Vhost lines of the node', await vhostLines(trial, route), value.vhosts);
      demandEqual('Context lines of the node', (await trial.contextLines(route)).length, value.contexts);
    },
  }),
  balancerCase({
    id: 'config/alias-letter-case',
    requirement: 'An alias in CONFIG is brought to lower case by httpd 2, and kept as it is by others.',
    level: 'may',
    lines: ['MCMP-CONFIG-41'],
    spec: '2.1.1',
    expected: {
      mcmp: outcome('as it was sent', false),
      'httpd-2': outcome('in lower case', true),
      'httpd-1.3': outcome('as it was sent', false),
      undertow: outcome('as it was sent', false),
    },
    async run(trial, { value: lower }) {
      const [alias, context] = [trial.alias(), trial.context()];
      const sent = alias.toUpperCase();
      const { fields, route } = await ownNode(trial, { Alias: sent, Context: context });
      await trial.must('CONFIG', fields);
      const [line] = await trial.contextLines(route);
      demandEqual('aliases of the node', line?.aliases.join() ?? 'no line', lower ? alias : sent);
    },
  }),
];
