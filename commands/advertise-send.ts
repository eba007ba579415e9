import { ADVERTISE_FAULTS } from '../src/advertise/faults.ts';
import { defineCommand } from '../src/cli/command.ts';
import { DEFAULT_GROUP, formatGroup } from '../src/core/advertise/group.ts';

export const command = defineCommand({
  name: 'advertise send',
  summary: 'Send advertisements as a balancer does, or wrong ones on purpose',
  description:
    'Sends the datagrams by which nodes find a balancer. With --manager real nodes that hear them register there; without it nothing is named, and no node acts on what is sent: enough to see whether multicast gets through (mcmp advertise listen on the other machine). Ctrl-C ends it.',
  options: {
    manager: {
      kind: 'url',
      placeholder: 'URL',
      describe: 'MCMP address that nodes are sent to; without it none joins',
    },
    group: {
      kind: 'string',
      default: formatGroup(DEFAULT_GROUP),
      placeholder: 'ADDR:PORT',
      describe: 'multicast group',
    },
    interface: { kind: 'string', placeholder: 'NAME', describe: 'name or address of the interface to send through' },
    ttl: {
      kind: 'number',
      integer: true,
      min: 0,
      max: 255,
      default: 16,
      describe: 'routers to pass; 0 stays on this machine',
    },
    'ttl-ladder': {
      kind: 'string',
      placeholder: 'FROM..TO',
      form: { pattern: /^\d{1,3}\.\.\d{1,3}$/, words: 'two numbers, such as 1..16' },
      describe: 'each round one datagram with every TTL; listen says which arrive',
    },
    frequency: { kind: 'duration', default: '10s', describe: 'time between two rounds' },
    count: { kind: 'number', integer: true, min: 0, default: 0, describe: 'rounds; 0: until Ctrl-C' },
    key: { kind: 'string', secret: true, placeholder: 'KEY', describe: 'security key to sign with' },
    'key-file': { kind: 'string', placeholder: 'FILE', describe: 'file that holds the key' },
    server: { kind: 'string', placeholder: 'ID', describe: 'Server id; a new one unless given' },
    status: { kind: 'choice', choices: ['200', '403', '410'], describe: 'what to say; 200 with --manager, else 410' },
    goodbye: { kind: 'boolean', describe: 'say 403 and 410 at the end, as httpd does' },
    fault: { kind: 'choice', choices: Object.keys(ADVERTISE_FAULTS), describe: 'send datagrams that are wrong' },
  },
  examples: [
    ['advertise send --count 3 --frequency 1s', 'does multicast get through? no node acts on it'],
    ['advertise send --manager http://10.0.0.1:8090', 'what a balancer there would send'],
    ['advertise send --ttl-ladder 1..16 --count 1', 'how many routers are in between'],
    ['advertise send --manager http://127.0.0.1:8090 --interface 127.0.0.1 --key secret', 'signed, on this machine'],
    ['advertise send --fault wrong-key --manager http://10.0.0.1:8090 --key secret', 'nodes with this key ignore it'],
  ],
  async run(context, args) {
    const { planOf, warningsOf, sentLine, sentDocument } = await import('../src/advertise/send-command.ts');
    const { sendAdvertisements } = await import('../src/advertise/send.ts');
    const { log, out } = context;
    const plan = planOf(args);
    for (const warning of warningsOf(plan)) log.warn(warning);
    const stop = context.signals.takeOver();
    await sendAdvertisements(plan, stop, (sent) => {
      if (context.json) out.json(sentDocument(plan, sent));
      else out.line(sentLine(plan, sent));
    });
  },
});
