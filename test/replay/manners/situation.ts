import type { ConfigParameters, ContextOptions } from '../../../src/node/registrar/types.ts';
import type { RecordedResponse } from '../../support/recordings.ts';
import { type NODE_FOLDERS, type NodeExchange, nodeRecordings } from '../../support/recordings.ts';
import type { Closed, Done, Said, Transcript } from './transcript.ts';

/** An exchange of a recording: what Tomcat said and what it was answered. */
export interface Line extends Said {
  readonly response: RecordedResponse & { readonly line?: string };
}

/** Something that was done to the node or to a balancer. */
export interface Step {
  readonly atMs: number;
  readonly balancer: number;
  readonly text: string;
}

/** One recorded situation. */
export interface Situation {
  /** `06-config-syntax`. */
  readonly name: string;
  readonly folder: (typeof NODE_FOLDERS)[number];
  readonly balancers: number;
  readonly lines: readonly Line[];
  readonly steps: readonly Step[];
  readonly recorded: Transcript;
  readonly endsAtMs: number;
}

export function situations(folder: (typeof NODE_FOLDERS)[number]): Situation[] {
  return nodeRecordings(folder).map(({ file, exchanges }) => read(folder, file.replace('.json', ''), exchanges));
}

function read(folder: Situation['folder'], name: string, entries: readonly NodeExchange[]): Situation {
  const lines: Line[] = [];
  const steps: Step[] = [];
  const closed: Closed[] = [];
  const done: Done[] = [];
  for (const entry of entries) {
    const { atMs, event, request, response } = entry;
    const balancer = numberIn(entry, 'balancer', 1);
    if (request !== undefined) {
      lines.push({
        balancer,
        atMs,
        connection: numberIn(entry, 'connection', 1),
        line: request.line.replace(/ HTTP\/1\.1$/, ''),
        headers: Object.entries(request.headers),
        body: request.body,
        response: response ?? {},
      });
    }
    if (event === undefined) continue;
    const ended = /^connection (\d+) closed by the node$/.exec(event);
    const finished = /^node: (?:OK (.+?) in \d+ ms|ERROR (.+?): )/.exec(event);
    if (ended !== null) closed.push({ balancer, connection: Number(ended[1]), atMs });
    else if (finished !== null) done.push({ operation: finished[1] ?? finished[2] ?? '', atMs });
    else if (!/^connection \d+ opened$/.test(event)) steps.push({ atMs, balancer, text: event });
  }
  // The real Undertow was recorded by a relay, which saw only the wire.
  if (!steps.some(({ text }) => text.startsWith('node: '))) steps.push(...stepsOfRelay(lines));
  return {
    name,
    folder,
    balancers: Math.max(...lines.map(({ balancer }) => balancer)),
    lines,
    steps: steps.sort((one, other) => one.atMs - other.atMs),
    recorded: { said: lines, closed, done },
    endsAtMs: Math.max(...entries.map(({ atMs }) => atMs)),
  };
}

/** The conversation begins one interval after the start; contexts go because somebody wants them to. */
function stepsOfRelay(lines: readonly Line[]): Step[] {
  const at = (text: string): number => lines.find(({ line, body }) => `${line} ${body}`.includes(text))?.atMs ?? 0;
  const step = (atMs: number, text: string): Step => ({ atMs, balancer: 1, text });
  return [
    step(0, 'node: started with --type http'),
    step(at('INFO') - 10_000, 'node: ready'),
    step(at('DISABLE-APP / JVMRoute=node1&Alias=localhost&Context=%2Ftwo'), 'node: undeploy /two'),
    step(at('DISABLE-APP / JVMRoute=node1&Alias=localhost&Context=%2Fone') - 2, 'a client has a session in /one (200)'),
    step(at('DISABLE-APP / JVMRoute=node1&Alias=localhost&Context=%2Fone'), 'node: exit'),
  ];
}

function numberIn(entry: NodeExchange, name: string, otherwise: number): number {
  const value: unknown = Reflect.get(entry, name);
  return typeof value === 'number' ? value : otherwise;
}

/** What the recorded node was started with, in the terms of ours. */
export interface NodeSettings {
  readonly route: string;
  readonly host: string;
  readonly port: number;
  readonly type: 'http' | 'ajp';
  readonly aliases: readonly string[];
  readonly contexts: readonly ContextOptions[];
  readonly excludedContexts: readonly string[];
  readonly config: ConfigParameters;
  /** Path of the balancers' URLs. */
  readonly proxyUrl: string;
}

const YES = new Map([
  ['true', 'Yes'],
  ['false', 'No'],
]);

/** The listener's settings that become parameters of CONFIG, and how their values are spelt there. */
const CONFIG_SETTINGS: readonly (readonly [
  setting: string,
  parameter: keyof ConfigParameters,
  spelling?: ReadonlyMap<string, string>,
])[] = [
  ['balancer', 'Balancer'],
  ['loadBalancingGroup', 'Domain'],
  ['flushPackets', 'flushpackets', new Map([['true', 'On']])],
  ['flushWait', 'flushwait'],
  ['maxAttempts', 'Maxattempts'],
  ['nodeTimeout', 'Timeout'],
  ['ping', 'ping'],
  ['smax', 'smax'],
  ['stickySession', 'StickySession', YES],
  ['stickySessionRemove', 'StickySessionRemove', YES],
  ['ttl', 'ttl'],
  ['workerTimeout', 'WaitWorker'],
];

export function settingsOf({ lines }: Situation, started: string): NodeSettings {
  const option = (name: string): string | undefined =>
    new RegExp(`(?: --set ${name}=| --${name} )(\\S+)`).exec(started)?.[1];
  const list = (name: string, otherwise: string): string[] => (option(name) ?? otherwise).split(',').filter(Boolean);
  const config: Partial<Record<keyof ConfigParameters, string>> = {};
  for (const [setting, parameter, spelling] of CONFIG_SETTINGS) {
    const value = option(setting);
    if (value !== undefined) config[parameter] = spelling?.get(value) ?? value;
  }
  // The listener's own default is no, and a node with Java manners knows that.
  if (option('stickySessionForce') === 'true') config.StickySessionForce = 'Yes';
  const wish = option('autoEnableContexts') === 'false' ? 'disabled' : 'enabled';
  const named = /^JVMRoute=([^&]+)/.exec(lines.find(({ line }) => line.startsWith('CONFIG '))?.body ?? '')?.[1];
  return {
    // A Tomcat without a name makes one up; ours is given the same.
    route: named ?? 'node1',
    host: option('host') === 'any' ? '0.0.0.0' : '127.0.0.1',
    port: Number(option('port') ?? 18100),
    type: option('type') === 'ajp' ? 'ajp' : 'http',
    aliases: ['localhost', ...list('aliases', '')],
    contexts: list('contexts', '/one,/two').map((path) => ({ path, wish })),
    excludedContexts: list('excludedContexts', ''),
    config,
    proxyUrl: option('proxyURL') ?? '',
  };
}
