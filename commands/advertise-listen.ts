import { defineCommand } from '../src/cli/command.ts';
import { DEFAULT_GROUP, formatGroup } from '../src/core/advertise/group.ts';

export const command = defineCommand({
  name: 'advertise listen',
  summary: 'Hear which balancers advertise, and why none is heard',
  description:
    'Listens to multicast groups as nodes do, judges each datagram, and says what a Java node would do about it. When nothing is heard for two intervals it tests its own sockets and lists the likely causes with commands to check them. On a terminal it draws a table until Ctrl-C. Exit code with --once: 0: a datagram that is fine was heard; 1: only wrong ones, or one that ends discovery in Java nodes; 6: none. With --expect 1 as well when the address was not heard.',
  options: {
    group: {
      kind: 'string',
      repeatable: true,
      default: formatGroup(DEFAULT_GROUP),
      placeholder: 'ADDR:PORT',
      describe: 'multicast group, IPv4 or IPv6',
    },
    interface: {
      kind: 'string',
      repeatable: true,
      placeholder: 'NAME',
      describe: 'name or address of an interface to listen on; all unless given',
    },
    key: { kind: 'string', secret: true, placeholder: 'KEY', describe: 'security key to check digests with' },
    'key-file': { kind: 'string', placeholder: 'FILE', describe: 'file that holds the key' },
    expect: { kind: 'url', placeholder: 'URL', describe: 'MCMP address that has to be heard' },
    once: { kind: 'boolean', describe: 'end with the first datagram that is fine' },
    timeout: { kind: 'duration', placeholder: 'TIME', describe: 'end after this time; 30s with --once' },
    silence: { kind: 'duration', default: '20s', describe: 'look for the cause after so long without a datagram' },
    probe: { kind: 'boolean', describe: 'ask each advertised address for INFO, to see whether it can be reached' },
    lines: { kind: 'boolean', describe: 'a line a datagram on a terminal too, instead of the table' },
  },
  examples: [
    ['advertise listen', 'who advertises, on all interfaces'],
    ['advertise listen --once --timeout 30s', 'for scripts: does anything come that is right?'],
    ['advertise listen --once --expect http://10.0.0.1:8090 --key-file key', 'for scripts: is this balancer there?'],
    [
      'advertise listen --group 224.0.1.105:23364 --group "[ff15::105]:23364" --probe',
      'both families, and are they there?',
    ],
    ['advertise listen --json --timeout 1m', 'a minute of it, one JSON document a line'],
  ],
  async run(context, args) {
    const { planOf } = await import('../src/advertise/listen/plan.ts');
    const { runListen } = await import('../src/advertise/listen/index.ts');
    const { json, log, out, signals, style } = context;
    const plan = planOf(args);
    return runListen({
      plan,
      screen: {
        json,
        table: out.isTerminal && !args.lines && !args.once,
        color: style.level > 0,
        line: (text) => out.line(text),
        loud: (text) => out.line(style.bold.white.bgRed(text)),
        document: (value) => out.json(value),
      },
      stop: signals.takeOver(),
      onFailure: (failure) => log.warn(failure.message, { hint: failure.hint ?? '' }),
    });
  },
});
