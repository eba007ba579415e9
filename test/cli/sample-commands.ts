import { type Command, defineCommand } from '../../src/cli/command.ts';

/** One option of every kind. */
export const everyKind = defineCommand({
  name: 'probe',
  summary: 'Probe something',
  description: 'Has one option of every kind.',
  positionals: { target: { describe: 'what' }, words: { describe: 'more', variadic: true } },
  options: {
    name: { kind: 'string', default: 'nobody', describe: 'a name' },
    tag: { kind: 'string', form: { pattern: /^\S+$/, words: 'one word' }, describe: 'a word' },
    note: { kind: 'string', repeatable: true, describe: 'notes' },
    count: { kind: 'number', integer: true, min: 1, max: 10, default: 3, describe: 'a number' },
    deep: { kind: 'boolean', describe: 'a choice of two' },
    'wait-time': { kind: 'duration', default: '2s', describe: 'a time' },
    pause: { kind: 'duration', unit: 'ms', none: true, default: 'none', describe: 'a time in ms' },
    room: { kind: 'size', default: '1KiB', describe: 'a size' },
    at: { kind: 'address', repeatable: true, default: ':80', describe: 'addresses' },
    peer: { kind: 'url', describe: 'a URL' },
    beacon: { kind: 'url', switch: true, describe: 'a switch, or a URL' },
    allow: { kind: 'list', describe: 'ranges' },
    form: { kind: 'choice', choices: ['text', 'xml'], default: 'text', describe: 'a form' },
    key: { kind: 'string', secret: true, describe: 'a secret' },
  },
  examples: [['probe everything', 'as it says']],
  async run({ out }, args) {
    out.json({ schemaVersion: 1, ...args });
  },
});

const listen = defineCommand({
  name: 'radio listen',
  summary: 'Listen',
  description: 'Listens.',
  options: { group: { kind: 'address', default: '224.0.1.105:23364', describe: 'where' } },
  examples: [['radio listen', 'as it says']],
  async run() {},
});

/** A command whose name is also the first word of another. */
const pump = defineCommand({
  name: 'pump',
  summary: 'Pump',
  description: 'Pumps.',
  options: { depth: { kind: 'number', describe: 'how deep' } },
  examples: [['pump --depth 3', 'as it says']],
  async run() {},
});

const pumpValve = defineCommand({
  name: 'pump valve',
  summary: 'Turn a valve',
  description: 'Turns a valve of a running pump.',
  positionals: { way: { describe: 'open or shut', suggestions: ['open', 'shut'] } },
  options: { number: { kind: 'number', describe: 'which' } },
  examples: [['pump valve open', 'as it says']],
  async run() {},
});

export const sampleCommands: readonly Command[] = [everyKind, listen, pump, pumpValve];
