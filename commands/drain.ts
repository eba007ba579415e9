import process from 'node:process';
import { type CommandContext, defineCommand } from '../src/cli/command.ts';
import { exitCodeOfSignal } from '../src/cli/exit-codes.ts';
import { CLIENT_OPTIONS, clientOptionsOf, tlsWords } from '../src/client/command-options.ts';
import type { DrainScreen } from '../src/operate/drain/screen.ts';

const { balancer, timeout: _, ...TLS_OPTIONS } = CLIENT_OPTIONS;
const ANSWER_TIMEOUT_MS = 10_000;

export const command = defineCommand({
  name: 'drain',
  summary: 'Take a node, or one of its contexts, out of service without losing a request',
  description:
    'Disables the contexts at every balancer, of any brand; waits until no request is in flight, as far as the balancer tells (mcmp: for each context, httpd: for each node, Undertow: after STOP, others: by the clock); then stops them. Exit code 0: drained. 1: undone, refused, or enabled again by somebody. 2: there is no such node, or nobody to confirm. 3: no balancer could be reached, or not all. 6: timed out.',
  positionals: { what: { describe: 'route of a node, or ROUTE:CONTEXT such as node1:/shop' } },
  options: {
    balancer: {
      ...balancer,
      repeatable: true,
      describe: 'MCMP address of a balancer, of any brand; all are drained at once',
    },
    timeout: { kind: 'duration', default: '5m', placeholder: 'TIME', describe: 'give up after this time' },
    wait: {
      kind: 'duration',
      zero: true,
      placeholder: 'TIME',
      describe:
        'stay disabled for so long at least, so that sessions can end; where only the clock can tell (30s) also after STOP',
    },
    quiet: {
      kind: 'duration',
      placeholder: 'TIME',
      describe: 'stop only when the node has got no request for so long: its sessions have ended',
    },
    interval: { kind: 'duration', default: '1s', placeholder: 'TIME', describe: 'how often to look' },
    remove: { kind: 'boolean', describe: 'in the end remove the contexts, or the node' },
    'undo-on-timeout': { kind: 'boolean', describe: 'when it times out, bring back what was changed; exit code 1' },
    'dry-run': { kind: 'boolean', describe: 'say what would be sent, and send nothing' },
    yes: { kind: 'boolean', describe: 'do not ask, even if a context is enabled nowhere else' },
    ...TLS_OPTIONS,
  },
  examples: [
    ['drain node1', 'at the balancer on this machine'],
    ['drain node1:/shop --balancer http://lb1:8090 --balancer http://lb2:6666', 'one context, at two balancers'],
    ['drain node1 --quiet 1m --timeout 1h', 'let sessions end first'],
    ['drain node1 --timeout 2m --undo-on-timeout && ./deploy.sh', 'for scripts: all or nothing'],
    ['drain node1 --dry-run', 'what would be sent'],
  ],
  async run(context, args) {
    const { runDrain } = await import('../src/operate/drain/run-drain.ts');
    const { askAtTerminal } = await import('../src/operate/drain/ask.ts');
    const { outcome, signal } = await runDrain(
      {
        what: args.what,
        balancers: args.balancer,
        client: clientOptionsOf({ ...args, timeout: ANSWER_TIMEOUT_MS }),
        words: tlsWords(args),
        timeoutMs: args.timeout,
        intervalMs: args.interval,
        remove: args.remove,
        undoOnTimeout: args.undoOnTimeout,
        dryRun: args.dryRun,
        yes: args.yes,
        takeOver: () => context.signals.takeOver(),
        ...(args.wait === undefined ? {} : { waitMs: args.wait }),
        ...(args.quiet === undefined ? {} : { quietMs: args.quiet }),
      },
      { ...screenOf(context), ask: askAtTerminal },
    );
    if (signal === undefined) return outcome;
    await context.out.flushed();
    process.exit(exitCodeOfSignal(signal));
  },
});

function screenOf({ json, out, progress }: CommandContext): Omit<DrainScreen, 'ask'> {
  const redraws = process.stderr.isTTY === true && !json;
  return {
    json,
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    line: (text) => out.line(text),
    document: (document) => out.json(document),
    redraw: redraws ? (text) => progress.show(text, 'draining', {}) : undefined,
    clear: () => progress.clear(),
  };
}
