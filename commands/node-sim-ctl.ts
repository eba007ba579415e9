import { defineCommand } from '../src/cli/command.ts';
import { ACTION_NAMES, ACTIONS } from '../src/node/control/actions.ts';
import { DEFAULT_CONTROL } from '../src/node/control/routes.ts';

export const command = defineCommand({
  name: 'node-sim ctl',
  summary: 'Change simulated nodes while they run',
  description:
    'Speaks to a node-sim that was started with --control: lists its nodes, sets their load, switches faults, enables, disables, stops, deploys and removes contexts, kills nodes and brings them back. ROUTE is the name of a node, or a pattern such as node* for several. What is so afterwards is printed. Exit code 1: a node did not do it, or a balancer refused; 6: it was not done in time, and goes on.',
  positionals: {
    action: { describe: 'what to do: one of the actions below', suggestions: ACTION_NAMES },
    words: { describe: 'what the action is for: ROUTE, ROUTE PATH, on SPEC, ...', variadic: true },
  },
  options: {
    control: {
      kind: 'url',
      default: `http://${DEFAULT_CONTROL}`,
      placeholder: 'ADDR',
      describe: 'where the control API of node-sim is',
    },
    'token-file': { kind: 'string', placeholder: 'FILE', describe: 'file with its token, where it wants one' },
    timeout: { kind: 'duration', default: '10s', describe: 'how long to wait for an answer' },
    wait: {
      kind: 'duration',
      zero: true,
      default: '30s',
      describe: 'how long an action may take on top, draining included; at most 10m',
    },
    force: { kind: 'boolean', describe: 'say unknown commands and fields as they are' },
  },
  examples: [
    ['node-sim ctl list', 'the nodes of the node-sim on this machine'],
    ['node-sim ctl fault on hang@node2', 'node2 takes requests and never answers'],
    ['node-sim ctl fault off all', 'all is well again'],
    ["node-sim ctl load 'node*' sine:30,90,60s", 'another load for each'],
    ['node-sim ctl disable node1 /app', 'no new sessions for /app on node1'],
    ['node-sim ctl kill node2 && mcmp node-sim ctl restart node2', 'die, and come back'],
    ['node-sim ctl say node1 STATUS JVMRoute=node1 Load=50', 'what you like, to its balancers'],
    ['node-sim ctl watch --json', 'each change as a line of JSON'],
  ],
  notes: [
    {
      heading: 'Actions',
      rows: Object.entries(ACTIONS).map(([name, { words, describe }]) => [`${name} ${words}`.trim(), describe]),
    },
  ],
  async run(context, args) {
    const { createControlClient } = await import('../src/node/control/client.ts');
    const { runCtl } = await import('../src/node/control/ctl.ts');
    const { readToken } = await import('../src/cli/token-file.ts');
    const { json, log, out, signals } = context;
    const client = createControlClient(args.control, {
      timeoutMs: args.timeout,
      ...(args.tokenFile === undefined ? {} : { token: readToken(args.tokenFile) }),
    });
    try {
      return await runCtl(args.action, args.words, {
        client,
        log,
        waitMs: args.wait,
        force: args.force,
        stop: () => signals.takeOver(),
        screen: { json, line: (text) => out.line(text), document: (value) => out.json(value) },
      });
    } finally {
      await client.close();
    }
  },
});
