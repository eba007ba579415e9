import type { Clock } from '../../../src/node/clock.ts';
import type { LoadSource, McmpNode } from '../../../src/node/registrar/types.ts';
import type { Outgoing } from '../../../src/node/wire/types.ts';
import { createHandClock, type HandClock } from '../../support/hand-clock.ts';
import { type Heard, type Reaction, type RecordedBalancer, startRecordedBalancer } from './recorded-balancer.ts';
import { type Traffic, watchTraffic } from './rest.ts';
import { type NodeSettings, type Situation, type Step, settingsOf } from './situation.ts';
import type { Done, Transcript } from './transcript.ts';

/** What a node needs of its surroundings. */
export interface Surroundings {
  readonly settings: NodeSettings;
  readonly balancers: readonly string[];
  readonly clock: Clock;
  readonly load: LoadSource;
  readonly sessions: (path: string) => number;
  readonly inFlight: () => number;
}

export interface ReplayOptions {
  readonly start: (surroundings: Surroundings) => McmpNode;
  /** Answers of the balancer of this number. */
  readonly react: (balancer: number, request: Heard) => Reaction;
  /** Told of each step of the recording when its time has come. */
  readonly onStep?: (step: Step) => void;
  /** How long a node may still act after the end of the recording. */
  readonly afterwardsMs?: number;
}

/** One situation played to a node of ours. */
export async function replay(situation: Situation, options: ReplayOptions): Promise<Transcript> {
  const clock = createHandClock({ startMs: -1_000 });
  const traffic = watchTraffic();
  const balancers: RecordedBalancer[] = [];
  try {
    for (let number = 1; number <= situation.balancers; number++) {
      const react = (request: Heard): Reaction => options.react(number, request);
      balancers.push(await startRecordedBalancer({ number, nowMs: clock.nowMs, traffic, react }));
    }
    return await play({ situation, options, clock, traffic, balancers });
  } finally {
    traffic.close();
    for (const balancer of balancers) await balancer.goAway();
  }
}

interface Stage {
  readonly situation: Situation;
  readonly options: ReplayOptions;
  readonly clock: HandClock;
  readonly traffic: Traffic;
  readonly balancers: readonly RecordedBalancer[];
}

async function play({ situation, options, clock, traffic, balancers }: Stage): Promise<Transcript> {
  const done: Done[] = [];
  const failures: string[] = [];
  let load = 100;
  let connectorRuns = true;
  let sessionPath = '';
  let inFlight = 0;
  let settings: NodeSettings | undefined;
  let node: McmpNode | undefined;
  let operations = 0;
  const measured = situation.lines.filter(({ line }) => line.startsWith('STATUS '));

  const rest = (): Promise<void> =>
    traffic.rest(() => balancers.reduce((sum, { activity }) => sum + activity(), clock.changes + operations));
  const untilMs = async (ms: number): Promise<void> => {
    while (Math.min(...clock.wakesAtMs) <= ms) {
      clock.wakeNext();
      await rest();
    }
    clock.advance(Math.max(0, ms - clock.nowMs()));
  };
  /** The metrics of Tomcat are not what is compared: ours says what that one said at that time. */
  const loadNow = (): number => {
    if (!connectorRuns) return -1;
    const said = measured.findLast(({ atMs }) => atMs <= clock.nowMs() + 1_000)?.body;
    load = Number(/Load=(\d+)$/.exec(said ?? '')?.[1] ?? load);
    return load;
  };
  const start = (from: NodeSettings): McmpNode =>
    options.start({
      settings: from,
      balancers: balancers.map(({ port }) => `http://127.0.0.1:${port}${from.proxyUrl}`),
      clock,
      load: loadNow,
      sessions: (path) => (path === sessionPath ? 1 : 0),
      inFlight: () => inFlight,
    });
  const told = (operation: string, work: Promise<unknown>): void => {
    work.then(
      () => {
        operations += 1;
        done.push({ operation, atMs: clock.nowMs() });
      },
      (error: unknown) => {
        operations += 1;
        failures.push(`${operation}: ${error}`);
      },
    );
  };

  const perform = async ({ text, balancer }: Step): Promise<void> => {
    const [, operation] = /^node: (.+)$/.exec(text) ?? [];
    if (operation?.startsWith('started ') === true) settings = settingsOf(situation, operation);
    else if (operation === 'ready' && settings !== undefined) node = start(settings);
    else if (operation === 'killed') await node?.abandon();
    else if (operation === 'stop-connector' || operation === 'start-connector') {
      connectorRuns = operation === 'start-connector';
      told(operation, Promise.resolve());
    } else if (operation === 'gone') return;
    else if (operation !== undefined) {
      if (node === undefined || settings === undefined) throw new Error(`no node to be told: ${text}`);
      told(operation, order(node, settings, operation));
    } else if (text.includes('is gone: its connections are closed')) await balancers[balancer - 1]?.goAway();
    else if (text === 'the balancer listens') await balancers[balancer - 1]?.comeBack();
    else if (text === 'the balancer closed its idle connections') balancers[balancer - 1]?.closeConnections();
    else if (/ a session in |sessions were made in |sets the cookie /.test(text)) {
      sessionPath = /(\/[a-z]+)(?:;| \(|$|; HttpOnly)/.exec(text)?.[1] ?? '';
    } else if (text.startsWith('the request of 3 s ended')) inFlight = 0;
  };

  // A request of three seconds runs when the node is told to end, and is over when the recording says so.
  if (situation.steps.some(({ text }) => text.startsWith('the request of 3 s'))) inFlight = 1;
  for (const step of situation.steps) {
    await untilMs(step.atMs);
    options.onStep?.(step);
    await perform(step);
    await rest();
  }
  await untilMs(situation.endsAtMs + (options.afterwardsMs ?? 0));
  await node?.abandon();
  await rest();
  if (failures.length > 0) throw new Error(failures.join('\n'));
  return {
    said: balancers.flatMap(({ said }) => said),
    closed: balancers.flatMap(({ closed }) => closed),
    done,
  };
}

/** Has the node do what the recorded one was told. */
async function order(node: McmpNode, settings: NodeSettings, operation: string): Promise<unknown> {
  const [verb = '', path = ''] = operation.split(' ');
  const routeOnly: Outgoing['pairs'] = [['JVMRoute', node.route]];
  const context: Outgoing['pairs'] = [...routeOnly, ['Alias', settings.aliases.join(',')], ['Context', path]];
  const say = async (...messages: Outgoing[]): Promise<void> => {
    for (const message of messages) await node.say(message);
  };
  switch (verb) {
    case 'exit':
      return await node.leave();
    case 'undeploy':
      return await node.undeploy(path);
    case 'deploy':
      return await node.deploy(path);
    case 'stop-ctx':
      return await node.wish(path, 'stopped');
    case 'start-ctx':
      return await node.wish(path, 'enabled');
    case 'refresh':
      return node.refresh();
    case 'reset':
      // To balancers that are spoken to it is nothing; to those that were given up it is what refresh is.
      if (node.registrations().some(({ state }) => state === 'silent' || state === 'rejected')) node.refresh();
      return;
    case 'ping': {
      const [scheme = '', host = '', port = ''] = operation.split(' ').slice(1);
      const address: Outgoing['pairs'] = [
        ['Host', host],
        ['Port', port],
        ['Scheme', scheme],
      ];
      const pairs: Outgoing['pairs'] = host !== '' ? address : scheme === '' ? [] : [['JVMRoute', scheme]];
      return await say({ method: 'PING', target: '/', pairs });
    }
    case 'info':
      return await say({ method: 'INFO', target: '/', pairs: [] });
    case 'config':
      return await say({ method: 'DUMP', target: '/*', pairs: [] });
    case 'disable-ctx':
      return await say({ method: 'DISABLE-APP', target: '/', pairs: context });
    case 'enable-ctx':
      return await say({ method: 'ENABLE-APP', target: '/', pairs: context });
    case 'drain-ctx':
      return await say(
        { method: 'DISABLE-APP', target: '/', pairs: context },
        { method: 'STOP-APP', target: '/', pairs: context },
      );
    case 'disable':
    case 'enable':
      return await say({ method: `${verb.toUpperCase()}-APP`, target: '/*', pairs: routeOnly });
    case 'stop':
      return await say(
        { method: 'DISABLE-APP', target: '/*', pairs: routeOnly },
        { method: 'STOP-APP', target: '/*', pairs: routeOnly },
      );
    default:
      throw new Error(`nobody knows how to ${operation}`);
  }
}
