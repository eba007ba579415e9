import { outcome, said } from '../../case.ts';
import { inAll } from '../../dialects.ts';
import { demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, accepted, refused } from '../answers.ts';
import { aliasesInInfo, pairsInInfo } from '../looks.ts';
import { balancerCase } from '../trial.ts';

const enabled = (pairs: readonly (readonly [alias: string, context: string])[]): string =>
  pairs
    .map(([alias, context]) => `${alias} ${context} ENABLED`)
    .sort()
    .join(', ');

/** A repeated field: which of the two values counts, or how it is refused. */
interface Repeated {
  readonly answer: AnswerExpectation;
  readonly counts: 'both' | 'first' | 'none';
}

const BOTH = outcome<Repeated>('200, and both count', { answer: accepted(), counts: 'both' });
const FIRST = outcome<Repeated>('200, and only the first counts', { answer: accepted(), counts: 'first' });
const refusedFor = (mess: string) =>
  outcome<Repeated>(`500 SYNTAX: ${mess}, and nothing is enabled`, { answer: refused('SYNTAX', mess), counts: 'none' });

/** The values that count. */
function counted(values: readonly string[], { counts }: Repeated): readonly string[] {
  return counts === 'both' ? values : counts === 'first' ? values.slice(0, 1) : [];
}

/** Lists of aliases and contexts in one command (reference §2.2, §3.4, checklist §11.3). */
export const APP_LIST_CASES = [
  balancerCase({
    id: 'app/two-contexts',
    requirement: 'A comma in Context separates two contexts.',
    level: 'may',
    lines: ['MCMP-APP-19'],
    spec: '2.2',
    expected: {
      ...inAll(outcome('two contexts', true)),
      undertow: outcome('one context with a comma in its path', false),
    },
    async run(trial, { value: separates }) {
      const alias = trial.alias();
      const { route } = await trial.node({ contexts: [] });
      const paths = [trial.context(), trial.context()];
      await trial.must('ENABLE-APP', { JVMRoute: route, Alias: alias, Context: paths.join(',') });
      const wanted = separates ? paths : [paths.join(',')];
      demandEqual('contexts in INFO', await pairsInInfo(trial, route), enabled(wanted.map((path) => [alias, path])));
    },
  }),
  balancerCase({
    id: 'app/two-aliases',
    requirement: 'A comma in Alias separates two aliases, each with a virtual host line of its own.',
    level: 'must',
    lines: ['MCMP-APP-20'],
    spec: '2.2',
    expected: inAll(said('two Vhost lines')),
    async run(trial) {
      const { route } = await trial.node({ contexts: [] });
      const aliases = [trial.alias(), trial.alias()];
      await trial.must('ENABLE-APP', { JVMRoute: route, Alias: aliases.join(','), Context: trial.context() });
      demandEqual('aliases in INFO', (await aliasesInInfo(trial, route)).join(', '), [...aliases].sort().join(', '));
    },
  }),
  balancerCase({
    id: 'app/aliases-share-a-vhost',
    requirement: 'The aliases of one list are one virtual host with one context line, or one virtual host each.',
    level: 'may',
    lines: ['MCMP-APP-21'],
    spec: '3.4',
    expected: {
      ...inAll(outcome('one vhost number and one Context line', 1)),
      'httpd-2': outcome('two vhost numbers and two Context lines', 2),
    },
    async run(trial, { value: count }) {
      const { route } = await trial.node({ contexts: [] });
      const aliases = [trial.alias(), trial.alias()];
      await trial.must('ENABLE-APP', { JVMRoute: route, Alias: aliases.join(','), Context: trial.context() });
      const { vhosts } = await trial.info();
      const numbers = new Set(vhosts.filter(({ alias }) => aliases.includes(alias)).map(({ vhost }) => vhost));
      demandEqual('vhost numbers of the two aliases', numbers.size, count);
      demandEqual('Context lines', (await trial.contextLines(route)).length, count);
    },
  }),
  balancerCase({
    id: 'app/overlapping-aliases',
    requirement:
      'A second list that shares an alias with the first adds what is new; Undertow keeps each list by itself.',
    level: 'may',
    lines: [],
    spec: '3.4',
    expected: {
      ...inAll(outcome('three Vhost lines: one for each alias', ['a', 'b', 'c'])),
      undertow: outcome('four Vhost lines: one for each alias of each list', ['a', 'b', 'b', 'c']),
    },
    async run(trial, { value: names }) {
      const { route } = await trial.node({ contexts: [] });
      const alias = trial.alias();
      const named = (letters: readonly string[]): string[] => letters.map((letter) => `${letter}.${alias}`);
      const enable = (letters: readonly string[], context: string) =>
        trial.must('ENABLE-APP', { JVMRoute: route, Alias: named(letters).join(','), Context: context });
      await enable(['a', 'b'], trial.context());
      await enable(['b', 'c'], trial.context());
      demandEqual('aliases in INFO', (await aliasesInInfo(trial, route)).join(', '), named(names).join(', '));
    },
  }),
  balancerCase({
    id: 'app/repeated-alias',
    requirement: 'Alias as two fields of one command.',
    level: 'may',
    lines: ['MCMP-APP-22', 'MCMP-APP-23'],
    spec: '2.2',
    expected: {
      mcmp: BOTH,
      'httpd-2': BOTH,
      'httpd-1.3': refusedFor('SYNTAX: Only one Alias in APP command'),
      undertow: FIRST,
      nginx: refusedFor('SYNTAX: Only one Alias in APP command'),
    },
    async run(trial, { value }) {
      const { route } = await trial.node({ contexts: [] });
      const [first, second, context] = [trial.alias(), trial.alias(), trial.context()];
      await trial.expect(value.answer, 'ENABLE-APP', [
        ['JVMRoute', route],
        ['Alias', first],
        ['Alias', second],
        ['Context', context],
      ]);
      const wanted = counted([first, second], value).map((alias) => [alias, context] as const);
      demandEqual('contexts in INFO', await pairsInInfo(trial, route), enabled(wanted));
    },
  }),
  balancerCase({
    id: 'app/repeated-context',
    requirement: 'Context as two fields of one command.',
    level: 'may',
    lines: ['MCMP-APP-22', 'MCMP-APP-23'],
    spec: '2.2',
    expected: {
      mcmp: BOTH,
      'httpd-2': BOTH,
      'httpd-1.3': refusedFor('SYNTAX: Only one Context in APP command'),
      undertow: FIRST,
      nginx: refusedFor('SYNTAX: Only one Context in APP command'),
    },
    async run(trial, { value }) {
      const { route } = await trial.node({ contexts: [] });
      const [alias, first, second] = [trial.alias(), trial.context(), trial.context()];
      await trial.expect(value.answer, 'ENABLE-APP', [
        ['JVMRoute', route],
        ['Alias', alias],
        ['Context', first],
        ['Context', second],
      ]);
      const wanted = counted([first, second], value).map((context) => [alias, context] as const);
      demandEqual('contexts in INFO', await pairsInInfo(trial, route), enabled(wanted));
    },
  }),
  balancerCase({
    id: 'app/all-combinations',
    requirement: 'Two aliases and two contexts of one command: every context is enabled under every alias.',
    level: 'may',
    lines: ['MCMP-APP-23'],
    spec: '2.2',
    expected: {
      mcmp: said('all four combinations are enabled'),
      'httpd-2': said('all four combinations are enabled'),
    },
    async run(trial) {
      const { route } = await trial.node({ contexts: [] });
      const aliases = [trial.alias(), trial.alias()];
      const contexts = [trial.context(), trial.context()];
      await trial.must('ENABLE-APP', [
        ['JVMRoute', route],
        ...aliases.map((alias) => ['Alias', alias] as const),
        ...contexts.map((context) => ['Context', context] as const),
      ]);
      const all = aliases.flatMap((alias) => contexts.map((context) => [alias, context] as const));
      demandEqual('contexts in INFO', await pairsInInfo(trial, route), enabled(all));
    },
  }),
];
