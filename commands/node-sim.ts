import { type CommandContext, defineCommand } from '../src/cli/command.ts';
import { WISHES } from '../src/node/application/wishes.ts';
import { FAULT_GRAMMAR } from '../src/node/faults/grammar.ts';
import { FAULTS } from '../src/node/faults/table.ts';
import { LOADS, SMOOTHING } from '../src/node/load/table.ts';
import { NODE_SIM_OPTIONS } from '../src/node/simulator/flags.ts';
import type { SimulatorScreen } from '../src/node/simulator/screen.ts';

export const command = defineCommand({
  name: 'node-sim',
  summary: 'Run simulated nodes, or register an application',
  description:
    'Starts one or many nodes that register with balancers of any brand by MCMP and serve contexts, well or badly, until Ctrl-C, which lets them leave politely; a second one does not. While they run, mcmp node-sim ctl changes them (--control). With --upstream it registers an application that runs elsewhere.',
  options: NODE_SIM_OPTIONS,
  examples: [
    ['node-sim', 'one node for the balancer on this machine'],
    ['node-sim --nodes 3 --contexts /shop,/api --load busy', 'node1, node2 and node3'],
    ['node-sim --balancer http://lb1:6666 --balancer http://lb2:6666 --domain blue', 'with two balancers'],
    ['node-sim --discover --advertise-key-file key.txt --require-key', 'with whoever advertises and knows the key'],
    ["node-sim --nodes 2 --fault 'latency:200ms±50ms@node2' --seed 7", 'node2 is slow'],
    ['node-sim --control 127.0.0.1:8099', 'to be changed by mcmp node-sim ctl'],
    ['node-sim --upstream http://127.0.0.1:3000 --contexts /shop', 'a sidecar, in any language'],
    ['node-sim --nodes 1000 --duration 1m --json', 'a fleet for a minute, one document a line'],
  ],
  notes: [
    {
      heading: 'Loads (--load SPEC)',
      rows: [
        ...Object.values(LOADS).map(({ form, describe }) => [form, describe] as const),
        ...Object.values(SMOOTHING).map((row) => [row.form, `OPTION: ${row.describe} [${row.default}]`] as const),
      ],
    },
    {
      heading: 'Faults (--fault SPEC)',
      rows: [
        [FAULT_GRAMMAR.shape, 'how they are written'],
        ...FAULT_GRAMMAR.parts,
        ...Object.values(FAULTS).map(({ example, describe }) => [example, describe] as const),
      ],
    },
    {
      heading: 'What a request can ask of a simulated node',
      rows: Object.values(WISHES).map(({ example, describe }) => [`?${example}`, describe]),
    },
  ],
  async run(context, args) {
    const screen = screenOf(context);
    const { fleetOptions, followOptions, sidecarOptions } = await import('../src/node/simulator/from-flags.ts');
    const life = { durationMs: args.duration, stay: args.stay, follow: followOptions(args) };
    if (args.upstream !== undefined) {
      const { runSidecar } = await import('../src/node/simulator/run-sidecar.ts');
      const sidecar = sidecarOptions(args, args.upstream, (problem) =>
        context.log.warn('the load cannot be measured', { problem }),
      );
      await runSidecar({ ...life, sidecar, stop: context.signals.takeOver() }, screen);
      return;
    }
    const { runSimulator } = await import('../src/node/simulator/run.ts');
    const { openControl } = await import('../src/node/simulator/open-control.ts');
    const fleet = fleetOptions(args);
    const control = await openControl(args.control, args.controlTokenFile, context.log);
    await runSimulator({ ...life, fleet, control, stop: context.signals.takeOver() }, screen);
  },
});

function screenOf({ json, out, style, log, notice, progress }: CommandContext): SimulatorScreen {
  const paints = new Map([
    ['registered', style.green],
    ['running', style.green],
    ['well', style.green],
    ['retrying', style.yellow],
    ['sick', style.yellow],
    ['rejected', style.red],
    ['silent', style.red],
    ['killed', style.red],
  ]);
  return {
    json,
    line: (text) => out.line(text),
    document: (document) => out.json(document),
    paint: (state) => (paints.get(state) ?? style.reset)(state),
    log,
    notice,
    progress,
  };
}
