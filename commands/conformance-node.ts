import process from 'node:process';
import { defineCommand } from '../src/cli/command.ts';
import { exitCodeOfSignal } from '../src/cli/exit-codes.ts';
import { CONFORMANCE_OPTIONS, conformanceOptionsOf } from '../src/conformance/command-options.ts';
import { ACTIONS } from '../src/conformance/node/actions.ts';
import { NODE_KINDS } from '../src/conformance/node/kinds.ts';
import { STARTING_WORDS } from '../src/conformance/node/start-command.ts';

const TARGET = 'The node:';

export const command = defineCommand({
  name: 'conformance node',
  summary: 'Judge a node: what it says to balancers, when, and what it makes of their answers',
  description:
    'Plays one or several balancers, good ones and broken ones, and judges the node that registers with them. --start starts it for each case; without it a node that registers at --listen is judged as far as it can be. Exit code 0: nothing deviates that the baseline does not know. 1: something does. 2: nothing was selected. 3: no node came.',
  positionals: {
    words: { describe: 'ids or globs of cases, such as order/*; all cases when there is none', variadic: true },
  },
  options: {
    listen: {
      kind: 'address',
      group: TARGET,
      describe: 'where the balancers listen; default free ports of this machine, or :8090 without --start',
    },
    start: {
      kind: 'string',
      placeholder: 'COMMAND',
      group: TARGET,
      describe: 'starts the node under test, for each case anew; {balancer} is the URL of its balancer',
    },
    control: {
      kind: 'string',
      repeatable: true,
      placeholder: 'ACTION=HOW',
      group: TARGET,
      describe: "how something is done to it: 'stdin: LINE', METHOD URL [JSON], or a command",
    },
    kind: {
      kind: 'choice',
      choices: ['auto', ...NODE_KINDS],
      default: 'auto',
      group: TARGET,
      describe: 'what to expect; auto looks at its User-Agent; any: what holds for every node',
    },
    advertise: {
      kind: 'string',
      placeholder: 'COMMAND',
      group: TARGET,
      describe: 'starts the node so that it finds its balancer by advertisements on {group}',
    },
    'status-interval': {
      kind: 'duration',
      default: '10s',
      group: TARGET,
      describe: 'between two STATUS, as the node is configured; short is quick',
    },
    'start-timeout': {
      kind: 'duration',
      default: '30s',
      group: TARGET,
      describe: 'from its start until it speaks, beyond one interval',
    },
    ask: { kind: 'boolean', group: TARGET, describe: 'ask a person at this terminal for what no --control does' },
    ...CONFORMANCE_OPTIONS,
  },
  examples: [
    [
      "conformance node --start 'mcmp node-sim --balancer {balancer} --status-interval 1s' --status-interval 1s",
      'ours',
    ],
    ['conformance node --listen :8090 --kind java', 'a Tomcat that is started by hand and registers at port 8090'],
    ["conformance node --start './my-node {address}' --kind any --junit node.xml", 'a node of your own, in CI'],
  ],
  notes: [
    {
      heading: 'Names in a start command:',
      rows: Object.entries(STARTING_WORDS).map(([name, words]) => [`{${name}}`, words]),
    },
    { heading: 'Actions of --control:', rows: Object.entries(ACTIONS).map(([name, { ask }]) => [name, ask]) },
  ],
  async run(context, args) {
    const { runConformanceNode } = await import('../src/conformance/node/run-command.ts');
    const { askAtTerminal } = await import('../src/operate/drain/ask.ts');
    const options = conformanceOptionsOf(args, context.json);
    const byHand = args.start === undefined ? { host: '127.0.0.1', port: 8090 } : undefined;
    const { outcome, signal } = await runConformanceNode(context, {
      ...options,
      features:
        args.advertise === undefined
          ? options.features
          : new Map([...options.features, ['node-discovery', args.advertise]]),
      words: args.words,
      kind: NODE_KINDS.find((kind) => kind === args.kind),
      listen: args.listen ?? byHand,
      start: args.start,
      control: args.control,
      statusIntervalMs: args.statusInterval,
      startTimeoutMs: args.startTimeout,
      ask: args.ask
        ? async (what) => {
            const answer = await askAtTerminal(
              `${what}, then press Enter (n: cannot be done) `,
              new AbortController().signal,
            );
            return answer !== undefined && !/^n/i.test(answer.trim());
          }
        : undefined,
    });
    if (signal === undefined) return outcome;
    await context.out.flushed();
    process.exit(exitCodeOfSignal(signal));
  },
});
