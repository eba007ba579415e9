import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { addressOfUrl } from '../../core/address.ts';
import { formatGroup } from '../../core/advertise/group.ts';
import type { Features } from '../needs.ts';
import type { Action } from './actions.ts';
import { type AskPerson, perform } from './control.ts';
import { type ControlWay, fill, partsOf } from './control-lines.ts';
import { freePort } from './free-port.ts';
import type { NodeUnderTest, StartNode, StartWishes } from './node-under-test.ts';
import { type ProcessGroup, processGroup } from './process-group.ts';

export interface CommandOptions {
  /** For the shell, with names in braces: see `STARTING_WORDS`. */
  readonly command: string;
  readonly ways: ReadonlyMap<Action, ControlWay>;
  readonly ask: AskPerson | undefined;
  readonly features: Features;
}

/** Names that a start command may have in braces, for help and documents. */
export const STARTING_WORDS: Readonly<Record<string, string>> = {
  balancer: 'URL of the balancer, such as http://127.0.0.1:40001',
  address: 'the same as host:port',
  host: 'its host',
  port: 'its port',
  balancers: 'URLs of all balancers, with commas between them',
  addresses: 'the same as host:port',
  options: 'words of --with for settings that the case needs',
  'node-port': 'a free port for the connector of the node',
  'control-port': 'a free port, for whatever controls the node',
  group: 'GROUP:PORT of the advertisements, in the command of --with node-discovery',
  'group-host': 'its group',
  'group-port': 'its port',
};

/** What a node prints is kept so far. */
const MOST_OUTPUT = 64 * 1024;
/** A node that is asked to go has so long, then it is made to. */
const POLITE_MS = 5_000;
const EXIT_TIMEOUT_MS = 60_000;
/** How often is looked whether what a shell left behind has ended. */
const GROUP_LOOK_MS = 20;

/** Starts the node by a command line, in a process group of its own, so that all of it can be ended. */
export function startByCommand({ command, ways, ask, features }: CommandOptions): StartNode {
  return async (wishes) => {
    const names = await namesOf(wishes, features);
    const line = wishes.discovers === undefined ? command : (features.get('node-discovery') ?? '');
    const child = spawn(fill(line, names), { shell: true, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const running = watch(child);
    const control = {
      ways,
      ask,
      names,
      write: (text: string): void => {
        child.stdin?.write(`${text}\n`);
      },
    };
    const node: NodeUnderTest = {
      async act(action, values) {
        const isExit = action === 'exit';
        if (isExit && !ways.has('exit')) running.signal('SIGTERM');
        else await perform(control, action, values);
        if (isExit && !(await running.ended(EXIT_TIMEOUT_MS)))
          throw new Error('the node did not end when it was asked to');
      },
      output: running.output,
      async end() {
        running.signal('SIGTERM');
        if (!(await running.ended(POLITE_MS))) running.signal('SIGKILL');
        await running.ended(POLITE_MS);
      },
    };
    return node;
  };
}

interface Running {
  output(): string;
  /** To the whole group; nothing when it has ended. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** Whether it has ended, at the latest after this time. */
  ended(timeoutMs: number): Promise<boolean>;
}

function watch(child: ChildProcess): Running {
  let output = '';
  let isOver = false;
  const group = child.pid === undefined ? undefined : processGroup(child.pid);
  const signal = (name: 'SIGTERM' | 'SIGKILL'): void => {
    if (!isOver) group?.signal(name);
  };
  const killGroup = (): void => signal('SIGKILL');
  const finish = (): void => {
    isOver = true;
    process.off('exit', killGroup);
  };
  const over = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      output += error.message;
      resolve();
    });
  })
    // A shell ends at once when it is asked to, and the node it started has its goodbye to say.
    .then(() => (group === undefined ? undefined : groupEnded(group)))
    .then(finish);
  process.once('exit', killGroup);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-MOST_OUTPUT);
    });
  }
  child.stdin?.on('error', () => undefined);
  return {
    output: () => output,
    signal,
    ended: (timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(isOver), timeoutMs);
        over.then(() => {
          clearTimeout(timer);
          resolve(true);
        });
      }),
  };
}

async function groupEnded(group: ProcessGroup): Promise<void> {
  while (await group.runs()) await pause(GROUP_LOOK_MS);
}

async function namesOf(
  { balancers, settings, discovers }: StartWishes,
  features: Features,
): Promise<ReadonlyMap<string, string>> {
  const [first] = balancers;
  const words = [...settings].map(([name, value]) => fill(features.get(name) ?? '', new Map(partsOf(value))));
  const names = new Map([
    ['options', words.filter((word) => word !== '').join(' ')],
    ['balancers', balancers.map(textOf).join(',')],
    ['addresses', balancers.map(addressOf).join(',')],
    ['node-port', String(await freePort())],
    ['control-port', String(await freePort())],
  ]);
  if (first !== undefined) {
    names.set('balancer', textOf(first)).set('address', addressOf(first));
    names.set('host', first.hostname).set('port', first.port);
  }
  if (discovers !== undefined) {
    names.set('group', formatGroup(discovers)).set('group-host', discovers.host);
    names.set('group-port', String(discovers.port));
  }
  return names;
}

/** Without the slash that an empty path gets. */
function textOf(url: URL): string {
  return url.pathname === '/' ? url.origin : url.href;
}

function addressOf(url: URL): string {
  return url.protocol === 'http:' ? addressOfUrl(url) : url.host;
}
