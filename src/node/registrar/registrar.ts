import type { HttpAnswer } from '../../client/answer.ts';
import { canonicalHost } from '../../core/address.ts';
import { McmpError } from '../../core/errors.ts';
import { readReply } from '../../core/mcmp/reply.ts';
import type { Clock } from '../clock.ts';
import type { McmpWire, Outgoing } from '../wire/types.ts';
import {
  type AppMethod,
  appMessage,
  bareMessage,
  configMessage,
  removeNodeMessage,
  statusMessage,
  type ToldAddress,
} from './compose.ts';
import { createConversation, Refusal } from './conversation.ts';
import { createIdWatch } from './id-watch.ts';
import { readInfoAsJava } from './java-info.ts';
import { LIFE_CYCLE, type LifeEvent, type LifeState, nextLifeState } from './life-cycle.ts';
import type { MannersRow } from './manners.ts';
import { readReported, toldAddressKey } from './reported.ts';
import { planJavaReset, planReset } from './reset.ts';
import { createSleeper } from './sleeper.ts';
import type { Subject } from './subject.ts';
import { newTold, nextStep, noteStopped, type Told } from './told.ts';
import type { ContextWish, NodeEvent, Registration, Tamper } from './types.ts';
import { isWildcard, troubleWithAddress, unmapped } from './warnings.ts';

export interface RegistrarOptions {
  readonly clock: Clock;
  readonly manners: MannersRow;
  readonly tamper: Tamper | undefined;
  readonly onEvent: (event: NodeEvent) => void;
  /** Java manners: ms until the first periodic event. */
  readonly firstEventMs: number;
}

/** One node at one balancer. */
export interface Registrar {
  readonly view: () => Registration;
  /** Whether the balancer has been told all that is wished of a context; so is one that cannot be told now. */
  readonly isSettled: (path: string) => boolean;
  /** Ms until the next periodic event. */
  readonly nextEventMs: () => number;
  /** Something is wished, or the connector opened: look again. */
  wake(): void;
  /** The wish for a context was said again: whatever others did to it there no longer counts. */
  insist(path: string): void;
  requestEnded(path: string): void;
  /** Closes the connection when nothing is being said. */
  reconnect(): void;
  refresh(): void;
  say(message: Outgoing): Promise<HttpAnswer>;
  /** @param alone whether the node stays with others, so that its own count of requests says nothing about this balancer */
  leave(drainTimeoutMs: number, alone: boolean): Promise<void>;
  abandon(): Promise<void>;
}

interface Saying {
  readonly message: Outgoing;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
}

type Outcome = LifeEvent | { readonly event: LifeEvent; readonly reason: string };

const RESTING: ReadonlySet<LifeState> = new Set(['waiting', 'retrying', 'rejected', 'silent', 'ended']);
const ALL_METHODS: ReadonlySet<AppMethod> = new Set<AppMethod>(['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP']);
const APP_STATUS: ReadonlyMap<AppMethod, ContextWish> = new Map([
  ['ENABLE-APP', 'enabled'],
  ['DISABLE-APP', 'disabled'],
]);
const NO_WISHES: ReadonlyMap<string, ContextWish> = new Map();

/**
 * Registers a node with one balancer and keeps it registered, until told to leave (reference §9.3). It works towards what
 * is wished from what it has told, one message at a time, and reports meanwhile.
 */
export function startRegistrar(subject: Subject, wire: McmpWire, options: RegistrarOptions): Registrar {
  const { clock, manners } = options;
  const { route, connector } = subject;
  const conversation = createConversation(wire, manners, options);
  const sleeper = createSleeper(clock);
  const ids = createIdWatch();
  const sayings: Saying[] = [];
  let told = new Map<string, Told>();
  let state: LifeState = 'waiting';
  let lastFailure = '';
  let failures = 0;
  let reportedState = '';
  let load: number | undefined;
  let obsolete: readonly string[] = [];
  let removesAll = false;
  let toldAddress: string | undefined;
  /** Whether anything but INFO was said: then there may be rows to take away. */
  let said = false;
  let wantsRefresh = false;
  let nextEventMs = clock.nowMs() + options.firstEventMs;
  let leaving: { readonly deadlineMs: number; readonly alone: boolean } | undefined;
  let abandoned = false;
  let speaking: AbortController | undefined;

  const startsAtOnce = manners.firstContact === 'at-once';
  const isKnown = (): boolean => connector.address() !== undefined;
  const isUp = (): boolean => !RESTING.has(state);

  const withSignal = async <T>(exchange: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const controller = new AbortController();
    speaking = controller;
    try {
      return await exchange(controller.signal);
    } finally {
      speaking = undefined;
    }
  };
  const say = (message: Outgoing): Promise<HttpAnswer> => {
    said ||= message.method !== 'INFO';
    return withSignal((signal) => conversation.say(message, signal));
  };

  /** Why a state that may be left has to be left now. */
  const interruption = (): LifeEvent | undefined => {
    if (abandoned) return 'vanish';
    if (leaving === undefined) return undefined;
    if (!said || options.tamper?.vanishes() === true) return 'vanish';
    return lastFailure !== '' && !manners.goodbyeAfterFailure ? 'vanish' : 'leave';
  };

  const serveSayings = async (): Promise<LifeEvent | undefined> => {
    for (let next = sayings.shift(); next !== undefined; next = sayings.shift()) {
      const { message, resolve, reject } = next;
      if (manners.operatorCanBreak && !isUp()) {
        reject(new McmpError('check-failed', 'MCMP_NOT_SAID', `${wire.address}: nothing is said while ${state}`));
        continue;
      }
      try {
        const answer = await withSignal((signal) => conversation.tell(message, signal));
        resolve(answer);
        if (manners.operatorCanBreak && answer.status !== 200) return 'refused';
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        if (manners.operatorCanBreak) return 'lost';
      }
    }
    return undefined;
  };

  /** Waits in a state in which nothing is said of our own accord. */
  const rest = async (untilMs: number, isOver: () => boolean = () => false): Promise<LifeEvent> => {
    for (;;) {
      const broken = interruption() ?? (await serveSayings());
      if (broken === 'vanish' || broken === 'leave') return broken;
      if (wantsRefresh && manners.refreshes === 'at-once') wantsRefresh = false;
      else if (!isOver() && !(await sleeper.sleepUntil(untilMs))) continue;
      return interruption() ?? 'due';
    }
  };

  const report = async (): Promise<'done' | 'again'> => {
    load = subject.load(conversation.warn);
    const answer = await say(statusMessage(route, load)).finally(() => {
      nextEventMs = clock.nowMs() + subject.statusIntervalMs;
    });
    const reply = readReply(answer.body);
    const before = reportedState;
    reportedState = reply?.state ?? '';
    if (reportedState === 'NOTOK' && before !== 'NOTOK' && load >= 0) {
      // Not a reason to register again (reference NODE-59): the balancer has our row and cannot reach our port; another
      // CONFIG would not help, and puts the node out of service on Undertow.
      conversation.warn(`${wire.address} cannot reach the node at ${toldAddress ?? ''}: it answers State=NOTOK`);
    }
    return ids.isAnother(reply?.id) && manners.noticesNewId ? 'again' : 'done';
  };

  const address = (): ToldAddress | undefined => {
    const own = connector.address();
    if (own === undefined) return undefined;
    const host = unmapped(isWildcard(own.host) ? (wire.localAddress() ?? own.host) : own.host);
    return { host: host.includes(':') ? (canonicalHost(host) ?? host) : host, port: own.port, type: own.type };
  };

  const introduce = async (): Promise<Outcome> => {
    nextEventMs = clock.nowMs() + subject.statusIntervalMs;
    if (wantsRefresh) wire.disconnect();
    const insists = wantsRefresh;
    wantsRefresh = false;
    const { body } = await say(bareMessage('INFO'));
    ids.forget();
    const input = { aliases: subject.aliases, wishes: subject.wishes(), told: insists ? NOTHING_TOLD : told };
    if (manners.trustsInfo === 'to-the-letter') {
      const vhosts = readInfoAsJava(body, route);
      if (vhosts === undefined) return 'puzzled';
      ({ removesAll, obsolete, told } = planJavaReset(vhosts, input));
      return 'done';
    }
    const { reported, info } = readReported(body, route);
    conversation.guessBrand(info);
    const own = address();
    const elsewhere = own !== undefined && reported.address !== undefined && reported.address !== toldAddressKey(own);
    const moved = elsewhere && reported.address === toldAddress;
    if (elsewhere && !moved) {
      conversation.warn(
        `${wire.address} knows ${route} at ${reported.address ?? ''}: another node of this name, or this one before it was started again`,
      );
    }
    const plan = planReset(reported, input, moved);
    ({ removesAll, obsolete, told } = plan);
    for (const path of plan.byOthers) {
      conversation.warn(
        `somebody made ${path} ${told.get(path)?.status ?? ''} on ${wire.address}; it is left like that`,
      );
    }
    return 'done';
  };

  const sayForContexts = async (method: AppMethod, paths: readonly string[]): Promise<void> => {
    for (let at = 0; at < paths.length; ) {
      const { message, count } = appMessage(method, subject, paths.slice(at), conversation.brand(), manners);
      const answer = await say(message);
      for (const path of paths.slice(at, at + count)) note(method, path, answer);
      at += count;
      if (abandoned) return;
    }
  };

  const note = (method: AppMethod, path: string, answer: HttpAnswer): void => {
    const before = told.get(path);
    const status = APP_STATUS.get(method);
    if (method === 'REMOVE-APP') told.delete(path);
    else if (status !== undefined) {
      const after = newTold(status, false);
      // A context that goes keeps the deadline it has.
      if (status === 'disabled' && wishOf(path) !== 'disabled') after.untilMs = deadlineMs();
      told.set(path, after);
    } else if (before === undefined) told.set(path, newTold('stopped', true));
    else {
      noteStopped(before, requestsLeft(path, answer), {
        nowMs: clock.nowMs(),
        pollMs: subject.drainPollMs,
        blindMs: subject.blindDrainMs,
        deadlineMs: deadlineMs(),
        byTheClock: manners.stopsAgain === 'by-the-clock',
      });
    }
  };

  const requestsLeft = (path: string, answer: HttpAnswer): number | undefined => {
    if (manners.requestCounts === 'pairs') return Number(/(?:^|&)Requests=(\d{1,9})/.exec(answer.body)?.[1] ?? 0);
    const counted = readReply(answer.body)?.requests;
    if (counted !== undefined) return Math.max(0, counted);
    return leaving?.alone === true ? undefined : connector.inFlight(path);
  };

  const deadlineMs = (): number =>
    leaving?.deadlineMs ??
    clock.nowMs() + (subject.drainTimeoutMs === 0 ? Number.POSITIVE_INFINITY : subject.drainTimeoutMs);
  const wishOf = (path: string): ContextWish | undefined =>
    (leaving === undefined ? subject.wishes() : NO_WISHES).get(path);

  /** What is to be done now, of these kinds. */
  const work = (
    methods: ReadonlySet<AppMethod>,
  ): { readonly method: AppMethod; readonly paths: string[] } | { readonly untilMs: number } | undefined => {
    const now = { nowMs: clock.nowMs(), deadlineMs: deadlineMs(), sessions: subject.sessions };
    const wishes = leaving === undefined ? subject.wishes() : NO_WISHES;
    let method: AppMethod | undefined;
    const paths: string[] = [];
    let untilMs = Number.POSITIVE_INFINITY;
    const consider = (path: string): boolean => {
      const step = nextStep(path, wishes.get(path), told.get(path), now);
      if (step.kind === 'settled') return false;
      if (step.kind === 'wait') untilMs = Math.min(untilMs, step.untilMs);
      else if (methods.has(step.method)) {
        method ??= step.method;
        if (step.method === method) paths.push(path);
      } else return false;
      return manners.oneContextAtATime;
    };
    for (const path of told.keys()) if (consider(path)) break;
    if (paths.length === 0 || !manners.oneContextAtATime) {
      for (const path of wishes.keys()) if (!told.has(path) && consider(path)) break;
    }
    if (method !== undefined) return { method, paths };
    return untilMs === Number.POSITIVE_INFINITY ? undefined : { untilMs };
  };

  /**
   * Does what is to be done of these kinds, waiting for requests to end when `waits`, and reports when that is due.
   */
  const settle = async (methods: ReadonlySet<AppMethod>, waits: boolean, mayLeave: boolean): Promise<Outcome> => {
    for (;;) {
      if (abandoned) return 'vanish';
      const interrupted = mayLeave ? interruption() : undefined;
      if (interrupted !== undefined) return interrupted;
      const broken = await serveSayings();
      if (broken !== undefined) return broken;
      const next = work(methods);
      if (next === undefined) return 'done';
      if ('method' in next) {
        await sayForContexts(next.method, manners.oneContextAtATime ? next.paths.slice(0, 1) : next.paths);
      } else {
        if (!waits) return 'done';
        if (mayLeave && wantsRefresh && manners.refreshes === 'at-once') return 'again';
        const reportsFirst = nextEventMs <= next.untilMs;
        const over = await sleeper.sleepUntil(Math.min(nextEventMs, next.untilMs));
        if (over && reportsFirst && !abandoned && (await report()) === 'again' && mayLeave) return 'again';
      }
    }
  };

  const stand = async (): Promise<Outcome> => {
    for (;;) {
      const broken = interruption() ?? (await serveSayings());
      if (broken !== undefined) return broken;
      if (wantsRefresh && manners.refreshes === 'at-once') return 'again';
      const own = address();
      if (own !== undefined && toldAddress !== undefined && toldAddressKey(own) !== toldAddress) return 'again';
      if (work(ALL_METHODS) !== undefined) return 'change';
      if (await sleeper.sleepUntil(nextEventMs)) {
        return interruption() ?? (wantsRefresh ? { event: 'lost', reason: 'asked to begin anew' } : 'due');
      }
    }
  };

  const configure = async (): Promise<Outcome> => {
    const own = address();
    if (own === undefined) throw new Error('CONFIG before the connector has an address');
    const trouble = troubleWithAddress(own, wire.localAddress(), wire.address);
    if (trouble !== undefined) conversation.warn(trouble);
    await say(configMessage(route, own, subject.parameters, manners));
    toldAddress = toldAddressKey(own);
    return 'done';
  };

  const tidy = async (): Promise<Outcome> => {
    if (removesAll) await say(removeNodeMessage(route));
    else await sayForContexts('REMOVE-APP', obsolete);
    return 'done';
  };

  const only = (method: AppMethod, waits: boolean): Promise<Outcome> =>
    settle(manners.oneContextAtATime ? ALL_METHODS : new Set([method]), manners.oneContextAtATime || waits, false);

  const actions: Readonly<Record<Exclude<LifeState, 'ended'>, () => Promise<Outcome>>> = {
    waiting: async () => {
      for (;;) {
        const event = await rest(
          startsAtOnce ? Number.POSITIVE_INFINITY : nextEventMs,
          () => startsAtOnce && isKnown(),
        );
        if (event !== 'due' || isKnown()) return event;
        nextEventMs = clock.nowMs() + subject.statusIntervalMs;
      }
    },
    introducing: introduce,
    tidying: tidy,
    configuring: configure,
    deploying: () => settle(ALL_METHODS, false, true),
    reporting: report,
    registered: stand,
    changing: () => settle(ALL_METHODS, true, true),
    retrying: () => rest(clock.nowMs() + manners.retryMs(failures, clock.random(), subject.statusIntervalMs)),
    rejected: () => rest(clock.nowMs() + (manners.rejectedPauseMs ?? 0)),
    silent: () => rest(Number.POSITIVE_INFINITY),
    disabling: () => only('DISABLE-APP', false),
    draining: () => only('STOP-APP', true),
    withdrawing: () => only('REMOVE-APP', false),
    removing: async () => {
      await say(removeNodeMessage(route));
      return 'done';
    },
  };

  const move = (event: LifeEvent, reason: string): void => {
    const from = state;
    state = nextLifeState(from, event);
    if (state === 'registered') {
      failures = 0;
      lastFailure = '';
    } else if (state === 'retrying' || state === 'rejected' || state === 'silent') {
      failures += 1;
      lastFailure = reason;
      reportedState = '';
    }
    options.onEvent({ kind: 'life', balancer: wire.address, from, to: state, reason });
  };

  const act = async (action: () => Promise<Outcome>): Promise<Outcome> => {
    try {
      return await action();
    } catch (error) {
      if (abandoned) return 'vanish';
      if (leaving !== undefined && state === 'introducing') return interruption() ?? 'leave';
      if (error instanceof Refusal) return { event: error.event, reason: error.message };
      if (error instanceof McmpError) return { event: 'lost', reason: error.message };
      throw error;
    }
  };

  const run = async (): Promise<void> => {
    if (startsAtOnce && isKnown()) state = 'introducing';
    // So that whoever starts a registrar has it in hand before it speaks.
    await Promise.resolve();
    while (state !== 'ended') {
      const interrupted = LIFE_CYCLE[state].leave === undefined ? undefined : interruption();
      const outcome = interrupted ?? (await act(actions[state]));
      const { event, reason } = typeof outcome === 'string' ? { event: outcome, reason: '' } : outcome;
      move(event, reason);
    }
    for (const { reject } of sayings.splice(0)) reject(gone(wire.address));
    await wire.close();
  };
  const finished = run();

  return {
    view: () => ({ balancer: wire.address, state, lastFailure, reportedState, load }),
    isSettled(path) {
      if (RESTING.has(state)) return state !== 'waiting';
      if (state !== 'registered' && state !== 'changing') return false;
      const now = { nowMs: clock.nowMs(), deadlineMs: deadlineMs(), sessions: subject.sessions };
      return nextStep(path, wishOf(path), told.get(path), now).kind === 'settled';
    },
    nextEventMs: () => Math.max(0, nextEventMs - clock.nowMs()),
    wake: sleeper.wake,
    insist(path) {
      const row = told.get(path);
      if (row !== undefined) row.byOther = false;
      sleeper.wake();
    },
    requestEnded(path) {
      if (manners.stopsAgain !== 'when-a-request-ended') return;
      const row = told.get(path);
      if (row?.status !== 'stopped' || row.drained) return;
      row.nextStopMs = clock.nowMs();
      sleeper.wake();
    },
    reconnect() {
      if (speaking === undefined) wire.disconnect();
    },
    refresh() {
      wantsRefresh = true;
      sleeper.wake();
    },
    say: (message) =>
      new Promise((resolve, reject) => {
        if (state === 'ended') {
          reject(gone(wire.address));
          return;
        }
        sayings.push({ message, resolve, reject });
        sleeper.wake();
      }),
    leave(drainTimeoutMs, alone) {
      if (leaving === undefined) {
        const deadline = drainTimeoutMs === 0 ? Number.POSITIVE_INFINITY : clock.nowMs() + drainTimeoutMs;
        leaving = { deadlineMs: deadline, alone };
        for (const row of told.values()) if (row.untilMs !== undefined) row.untilMs = deadline;
        // Nothing but INFO can be under way there, and a balancer that is silent must not hold up the end.
        if (state === 'introducing') speaking?.abort();
        sleeper.wake();
      }
      return finished;
    },
    abandon() {
      abandoned = true;
      speaking?.abort();
      sleeper.wake();
      return finished;
    },
  };
}

const NOTHING_TOLD: ReadonlyMap<string, Told> = new Map();

function gone(address: string): McmpError {
  return new McmpError('check-failed', 'MCMP_NODE_GONE', `the node has left ${address}`);
}
