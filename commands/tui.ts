import { discoveryOf } from '../src/advertise/discover-options.ts';
import { defineCommand } from '../src/cli/command.ts';
import { clientOptionsOf, tlsWords } from '../src/client/command-options.ts';
import { TUI_OPTIONS } from '../src/tui/command-options.ts';

export const command = defineCommand({
  name: 'tui',
  summary: 'Watch balancers in a terminal, and act upon their contexts',
  description:
    'A terminal manager for one or several balancers of any brand (httpd, Undertow, WildFly, nginx, mcmp): nodes, contexts, traffic, what changes, where balancers disagree. Contexts are enabled, disabled, stopped, drained and removed from there; each action says first what it will do. Press ? for the keys. An output that is no terminal gets one snapshot. Exit code 3: no balancer answers.',
  options: TUI_OPTIONS,
  examples: [
    ['tui', 'the balancer on this machine'],
    ['tui --balancer http://lb1:6666 --balancer http://lb2:6666', 'two side by side; 5 shows where they disagree'],
    ['tui --discover', 'whoever advertises itself'],
    ['tui --read-only', 'nothing can be changed from there'],
    ['tui --once', 'one snapshot as text'],
    ['tui --json', 'one snapshot as a JSON document'],
  ],
  async run(context, args) {
    const { out, json, style, signals } = context;
    const discovery = discoveryOf(args);
    const survey = clientOptionsOf(args);
    const named = args.balancer.length > 0 || discovery !== undefined;
    const balancers = named ? args.balancer : [new URL('http://127.0.0.1:8090')];
    // React for developers takes twice the time for a picture, and keeps measurements that nobody reads.
    process.env['NODE_ENV'] ??= 'production';
    const { readOnce, runTui, snapshotDocument, snapshotLines } = await import('../src/tui/index.ts');
    const quit = new AbortController();
    const stop = signals.takeOver({ onHangup: () => quit.abort() });
    stop.addEventListener('abort', () => quit.abort());
    if (json || args.once || !out.isTerminal || !process.stdin.isTTY) {
      const reading = await readOnce(balancers, discovery, survey, quit.signal);
      if (json) out.json(snapshotDocument(reading));
      else for (const line of snapshotLines(reading)) out.line(line);
      return reading.targets.some(({ outcome }) => outcome === 'read') ? 'done' : 'unreachable';
    }
    await runTui({
      balancers,
      discovery,
      survey,
      words: tlsWords(args),
      intervalMs: args.interval,
      drainTimeoutMs: args.drainTimeout,
      readOnly: args.readOnly,
      ascii: args.ascii,
      color: style.level > 0,
      stop: quit.signal,
    });
    return 'done';
  },
});
