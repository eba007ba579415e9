import type { HttpAnswer, Pair } from '../../client/answer.ts';
import type { McmpConnection } from '../../client/connection.ts';
import { notMcmp } from '../../client/recognise.ts';
import { McmpError } from '../../core/errors.ts';
import { readReply } from '../../core/mcmp/reply.ts';
import type { Clock } from '../clock.ts';
import { type LifeEvent, type LifeState, nextLifeState, REJECTED_PAUSE_MS, retryDelayMs } from './life-cycle.ts';

/** What a node tells about itself; the same to every balancer. */
export interface Registration {
  readonly route: string;
  /** CONFIG parameters besides JVMRoute, in the order they are sent. */
  readonly config: readonly Pair[];
  readonly aliases: readonly string[];
  readonly contexts: readonly string[];
  /** Load factor to report: 1 busy .. 100 idle, 0 hot standby, -1 out of order. */
  readonly load: () => number;
  readonly statusIntervalMs: number;
  /** Requests the node is answering now, all contexts together. */
  readonly inFlight: () => number;
}

export interface RegistrarEvent {
  /** Address of the balancer. */
  readonly balancer: string;
  readonly from: LifeState;
  readonly to: LifeState;
  /** Why, when something failed; else empty. */
  readonly reason: string;
}

export interface RegistrarOptions {
  readonly clock: Clock;
  /** Between two STOP-APP while requests are in flight. */
  readonly drainPollMs: number;
  readonly onEvent: (event: RegistrarEvent) => void;
}

export interface Registrar {
  readonly balancer: string;
  readonly state: () => LifeState;
  /** Why the registration is not where it should be; empty when it is. */
  readonly lastFailure: () => string;
  /** Says goodbye: DISABLE, STOP until no request is left, REMOVE. Resolves when all is said, or given up. */
  leave(drainTimeoutMs: number): Promise<void>;
  /** Ends at once without a word, as a process that was killed. */
  abandon(): Promise<void>;
}

class Refusal extends Error {
  readonly event: LifeEvent;

  constructor(event: LifeEvent, message: string) {
    super(message);
    this.event = event;
  }
}

/** Registers one node with one balancer and keeps it registered, until told to leave (reference §9.3). */
export function startRegistrar(node: Registration, connection: McmpConnection, options: RegistrarOptions): Registrar {
  const { clock } = options;
  const leaving = new AbortController();
  const abandoned = new AbortController();
  let state: LifeState = 'introducing';
  let lastFailure = '';
  let failures = 0;
  let drainUntilMs = 0;

  const say = async (method: string, pairs: readonly Pair[], wildcard = false): Promise<HttpAnswer> => {
    const answer = await connection.exchange(method, pairs, { wildcard, signal: abandoned.signal });
    const stranger = notMcmp(answer, connection.address);
    if (stranger !== undefined) throw new Refusal('refused', stranger.message);
    if (answer.status === 200) return answer;
    const type = answer.headers.get('type') ?? '';
    const mess = answer.headers.get('mess') ?? answer.body.trim();
    // Case counts here as it does in the Java node (reference §9.2).
    throw new Refusal(type === 'SYNTAX' ? 'rejected' : 'refused', `${method}: ${mess === '' ? answer.status : mess}`);
  };
  const sayForEachContext = async (method: string): Promise<HttpAnswer[]> => {
    const answers: HttpAnswer[] = [];
    // One command a context, as Java nodes do: Undertow takes a comma for a part of the path (reference §2.2).
    for (const context of node.contexts) answers.push(await say(method, appPairs(node, context)));
    return answers;
  };

  const drain = async (): Promise<void> => {
    for (;;) {
      const counts = (await sayForEachContext('STOP-APP')).map((answer) => readReply(answer.body)?.requests);
      // A balancer of httpd 2 counts nothing for us; then our own count has to do.
      const left = counts.every((count) => count === undefined)
        ? node.inFlight()
        : counts.reduce<number>((sum, count) => sum + Math.max(0, count ?? 0), 0);
      if (left === 0 || clock.nowMs() >= drainUntilMs) return;
      await clock.sleep(options.drainPollMs, abandoned.signal);
    }
  };

  const actions: Readonly<Record<Exclude<LifeState, 'ended'>, () => Promise<LifeEvent>>> = {
    introducing: () => after(say('INFO', [])),
    configuring: () => after(say('CONFIG', [['JVMRoute', node.route], ...node.config])),
    deploying: () => after(sayForEachContext('ENABLE-APP')),
    reporting: () =>
      after(
        say('STATUS', [
          ['JVMRoute', node.route],
          ['Load', String(node.load())],
        ]),
      ),
    registered: () => rest(node.statusIntervalMs),
    retrying: () => rest(retryDelayMs(failures, clock.random())),
    rejected: () => rest(REJECTED_PAUSE_MS),
    disabling: () => after(sayForEachContext('DISABLE-APP')),
    draining: () => after(drain()),
    withdrawing: () => after(sayForEachContext('REMOVE-APP')),
    removing: () => after(say('REMOVE-APP', [['JVMRoute', node.route]], true)),
  };
  const rest = async (ms: number): Promise<LifeEvent> => {
    await clock.sleep(ms, AbortSignal.any([leaving.signal, abandoned.signal]));
    return leaving.signal.aborted ? 'leave' : 'due';
  };

  const move = (event: LifeEvent, reason: string): void => {
    const from = state;
    state = nextLifeState(from, event);
    if (state === 'registered') {
      failures = 0;
      lastFailure = '';
    } else if (event === 'refused' || event === 'rejected' || event === 'lost') {
      failures += 1;
      lastFailure = reason;
    }
    options.onEvent({ balancer: connection.address, from, to: state, reason });
  };

  const run = async (): Promise<void> => {
    let left = false;
    while (state !== 'ended') {
      if (leaving.signal.aborted && !left) {
        left = true;
        move('leave', '');
        continue;
      }
      const { event, reason } = await perform(actions[state]);
      if (abandoned.signal.aborted) {
        state = 'ended';
        break;
      }
      left ||= event === 'leave';
      move(event, reason);
    }
    await connection.close();
  };
  const finished = run();

  return {
    balancer: connection.address,
    state: () => state,
    lastFailure: () => lastFailure,
    leave(drainTimeoutMs) {
      drainUntilMs = clock.nowMs() + drainTimeoutMs;
      leaving.abort();
      return finished;
    },
    abandon() {
      abandoned.abort();
      return finished;
    },
  };
}

async function after(exchange: Promise<unknown>): Promise<LifeEvent> {
  await exchange;
  return 'done';
}

/** Runs an action; the ways in which a conversation can fail become events, anything else is a bug and stays an error. */
async function perform(action: () => Promise<LifeEvent>): Promise<{ event: LifeEvent; reason: string }> {
  try {
    return { event: await action(), reason: '' };
  } catch (error) {
    if (error instanceof Refusal) return { event: error.event, reason: error.message };
    if (error instanceof McmpError) return { event: 'lost', reason: error.message };
    if (error instanceof Error && error.name === 'AbortError') return { event: 'lost', reason: 'given up' };
    throw error;
  }
}

function appPairs(node: Registration, context: string): Pair[] {
  return [
    ['JVMRoute', node.route],
    ['Alias', node.aliases.join(',')],
    ['Context', context],
  ];
}
