import process from 'node:process';
import { defineCommand } from '../src/cli/command.ts';
import { exitCodeOfSignal } from '../src/cli/exit-codes.ts';
import { clientOptionsOf } from '../src/client/command-options.ts';
import { CONFORMANCE_OPTIONS, conformanceOptionsOf, TARGET_OPTIONS } from '../src/conformance/command-options.ts';
import { JUDGED_DIALECTS } from '../src/conformance/dialects.ts';
import { NEEDS } from '../src/conformance/needs.ts';
import { VERDICTS } from '../src/conformance/verdict.ts';

const TARGET = 'The balancer:';

export const command = defineCommand({
  name: 'conformance balancer',
  summary: 'Judge balancers: what they do right, and what they do otherwise than their dialect of MCMP',
  description:
    'Registers nodes of its own, sends messages and requests, and compares what comes back with the reference, dialect by dialect. It uses names that nobody else has and removes them again, so it can run beside others. Exit code 0: nothing deviates that the baseline does not know. 1: something does. 2: nothing was selected. 3: a balancer cannot be reached.',
  positionals: {
    words: {
      describe: 'MCMP addresses of balancers, and ids or globs of cases such as status/*; all cases when there is none',
      variadic: true,
    },
  },
  options: {
    traffic: {
      kind: 'url',
      repeatable: true,
      placeholder: 'URL',
      group: TARGET,
      describe: 'where it takes web traffic; may be the MCMP address; one for each balancer',
    },
    dialect: {
      kind: 'choice',
      choices: ['auto', ...JUDGED_DIALECTS],
      default: 'auto',
      group: TARGET,
      describe: 'what to expect; auto asks the balancer who it is, and takes mcmp where it does not say',
    },
    restart: {
      kind: 'string',
      placeholder: 'COMMAND',
      group: TARGET,
      describe: 'restarts the balancer; without it cases that need a restart are skipped',
    },
    safe: {
      kind: 'boolean',
      group: TARGET,
      describe: 'leave out what others would notice; so it is where nodes are registered',
    },
    unsafe: { kind: 'boolean', group: TARGET, describe: 'run that too, although nodes are registered' },
    dangerous: { kind: 'boolean', group: TARGET, describe: 'run also what has brought down known implementations' },
    ...CONFORMANCE_OPTIONS,
    ...TARGET_OPTIONS,
  },
  examples: [
    ['conformance balancer http://127.0.0.1:8090 --traffic http://127.0.0.1:8000', 'all that a balancer does'],
    ['conformance balancer http://127.0.0.1:8090 "status/*" --verbose', 'the cases about STATUS, each by name'],
    [
      'conformance balancer http://lb1:6666 http://lb2:8090 --html report.html',
      'two balancers, side by side on one page',
    ],
    ['conformance balancer http://lb:6666 --junit report.xml --baseline known.json', 'in CI: only news fail'],
    ['conformance balancer --list --level must', 'which cases there are'],
  ],
  notes: [
    {
      heading: 'What --with can say of a balancer:',
      rows: Object.values(NEEDS)
        .filter(({ how }) => how.startsWith('--with'))
        .map(({ how, words }) => [how.replace('--with ', ''), words] as const),
    },
    {
      heading: 'Verdicts:',
      rows: Object.entries(VERDICTS).map(([name, { words, fails }]) => [
        name,
        `${words}${fails ? ': the run fails' : ''}`,
      ]),
    },
  ],
  async run(context, args) {
    const { runConformanceBalancer } = await import('../src/conformance/balancer/run-command.ts');
    const { timeoutMs, tls } = clientOptionsOf(args);
    const { outcome, signal } = await runConformanceBalancer(context, {
      ...conformanceOptionsOf(args, context.json),
      words: args.words,
      traffic: args.traffic,
      dialect: JUDGED_DIALECTS.find((name) => name === args.dialect),
      restartCommand: args.restart,
      safe: args.safe ? true : args.unsafe ? false : undefined,
      dangerous: args.dangerous,
      timeoutMs,
      tls,
    });
    if (signal === undefined) return outcome;
    await context.out.flushed();
    process.exit(exitCodeOfSignal(signal));
  },
});
