import { defineCommand } from '../src/cli/command.ts';

export const command = defineCommand({
  name: 'demo',
  summary: 'See a balancer, three nodes and their traffic at work',
  description:
    'Starts a balancer on 127.0.0.1, three nodes that register themselves by MCMP, and a dozen visitors; takes a node out politely, kills another, brings them back, and counts what was lost. Nothing needs to be installed, nothing is left behind. It stays until Ctrl-C, so that curl, a browser and the other commands can be tried on it.',
  options: {
    duration: { kind: 'duration', placeholder: 'TIME', describe: 'end by itself after this time' },
    'web-port': {
      kind: 'number',
      integer: true,
      min: 0,
      max: 65_535,
      default: 8000,
      describe: 'port for web traffic; a free one if it is taken',
    },
    'mcmp-port': {
      kind: 'number',
      integer: true,
      min: 0,
      max: 65_535,
      default: 8090,
      describe: 'port for MCMP; a free one if it is taken',
    },
  },
  examples: [
    ['demo', 'until Ctrl-C'],
    ['demo --duration 70s', 'one round of everything'],
    ['demo --duration 5s --json', 'one JSON document a line'],
  ],
  async run(context, args) {
    const { runDemo } = await import('../src/demo/index.ts');
    const { out } = context;
    await runDemo({
      screen: {
        json: context.json,
        isTerminal: out.isTerminal,
        color: context.style.level > 0,
        line: (text) => out.line(text),
        document: (value) => out.json(value),
      },
      log: context.log,
      // npm tells its scripts their name: then this is a clone, where mcmp need not be on the path.
      program: ['start', 'mcmp'].includes(process.env['npm_lifecycle_event'] ?? '') ? 'npm run mcmp --' : 'mcmp',
      stop: context.signals.takeOver(),
      durationMs: args.duration,
      webPort: args.webPort,
      mcmpPort: args.mcmpPort,
    });
  },
});
