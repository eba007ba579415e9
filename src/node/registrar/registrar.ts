import type { HttpAnswer } from '../../client/answer.ts';
import { McmpError } from '../../core/errors.ts';
import { readReply } from '../../core/mcmp/reply.ts';
import type { McmpWire, Outgoing } from '../wire/types.ts';
import { beginningOf } from './beginning.ts';
import {
  type AppMethod,
  configMessage,
  infoMessage,
  reachedAt,
  removeNodeMessage,
  statusMessage,
  type ToldAddress,
} from './compose.ts';
import { createContextBook } from './context-book.ts';
import { createConversation, Refusal } from './conversation.ts';
import { gone, isAbort, isRefusal } from './endings.ts';
import { createIdWatch } from './id-watch.ts';
import { readIntroduction } from './introduction.ts';
import { LIFE_CYCLE, type LifeEvent, type LifeState, nextLifeState, slotBefore } from './life-cycle.ts';
import type { Registrar, RegistrarOptions } from './registrar-types.ts';
import { toldAddressKey } from './reported.ts';
import { NO_RESET, type ResetPlan } from './reset.ts';
import { createSayings } from './sayings.ts';
import { createSleeper } from './sleeper.ts';
import type { Subject } from './subject.ts';
import { troubleWithAddress } from './warnings.ts';

type Outcome = LifeEvent | { readonly event: LifeEvent; readonly reason: string };

const RESTING: ReadonlySet<LifeState> = new Set(['waiting', 'retrying', 'rejected', 'silent', 'ended']);
const ALL_METHODS: ReadonlySet<AppMethod> = new Set<AppMethod>(['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP']);
/** `OK` or `NOTOK`; whatever else a balancer says is shown as far as it fits. */
const MOST_STATE_CHARACTERS = 40;
const NOTHING = Promise.resolve(undefined);
/** After the time for draining; then whatever has not been said of contexts gives way to the last word, which is for all. */
const GOODBYE_MS = 10_000;

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
  const sayings = createSayings();
  let state: LifeState = 'waiting';
  let lastFailure = '';
  let failures = 0;
  /** Whether the balancer has the node; a report that is on its way changes nothing about that. */
  let stands = false;
  let reportedState = '';
  let load: number | undefined;
  let reset: ResetPlan = NO_RESET;
  let toldAddress: string | undefined;
  /** Whether anything but INFO was taken, or may have been: then there may be rows to take away. */
  let said = false;
  let wantsRefresh = false;
  let nextEventMs = clock.nowMs() + options.firstEventMs;
  let leaving = false;
  let abandoned = false;
  /** When the last word is said, however slowly the balancer takes what comes before it. */
  let lastWordMs = Number.POSITIVE_INFINITY;
  /** Serves until it is used: there are many exchanges, and few are given up. */
  let controller = new AbortController();
  let speaking: { readonly controller: AbortController; readonly method: string } | undefined;

  const startsAtOnce = manners.firstContact === 'at-once';
  const isKnown = (): boolean => connector.address() !== undefined;
  const isUp = (): boolean => !RESTING.has(state) && !(wantsRefresh && manners.refreshes === 'at-next-event');

  const withSignal = async <T>(method: string, exchange: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    if (controller.signal.aborted) controller = new AbortController();
    speaking = { controller, method };
    try {
      return await exchange(controller.signal);
    } finally {
      speaking = undefined;
    }
  };
  const say = async (message: Outgoing): Promise<HttpAnswer> => {
    const exchange = withSignal(message.method, (signal) => conversation.say(message, signal));
    // What was refused left nothing behind: rows of this name may be another node's, and stay (needs B7).
    const isRefused = await exchange.then(() => false, isRefusal);
    said ||= !isRefused && message.method !== 'INFO';
    return await exchange;
  };

  const book = createContextBook(subject, {
    clock,
    manners,
    brand: conversation.brand,
    say,
    onProgress: options.onProgress,
    warn: conversation.warn,
  });

  /** Why a state that may be left has to be left now. */
  const interruption = (): LifeEvent | undefined => {
    if (abandoned) return 'vanish';
    if (!leaving) return undefined;
    if (!said || options.tamper?.vanishes() === true) return 'vanish';
    return lastFailure !== '' && !manners.goodbyeAfterFailure ? 'vanish' : 'leave';
  };

  const serveSayings = (): Promise<LifeEvent | undefined> => {
    if (!manners.operatorCanBreak || isUp()) {
      const tell = (message: Outgoing): Promise<HttpAnswer> =>
        withSignal(message.method, (signal) => conversation.tell(message, signal));
      return sayings.serve(tell, manners.operatorCanBreak);
    }
    sayings.rejectAll(
      new McmpError('check-failed', 'MCMP_NOT_SAID', `nothing is said to ${wire.address} while ${state}`),
    );
    return NOTHING;
  };

  /** The next periodic event, also when the last ones passed in silence. */
  const nextTickMs = (): number => {
    const lateMs = Math.max(0, clock.nowMs() - nextEventMs);
    return nextEventMs + Math.ceil(lateMs / subject.statusIntervalMs) * subject.statusIntervalMs;
  };

  /** Waits in a state in which nothing is said of our own accord. */
  const rest = async (untilMs: number, isOver: () => boolean = () => false): Promise<LifeEvent> => {
    for (;;) {
      const broken = interruption() ?? (await serveSayings());
      if (broken === 'vanish' || broken === 'leave') return broken;
      if (!(wantsRefresh && manners.refreshes === 'at-once') && !isOver()) {
        const wakeMs = wantsRefresh ? Math.min(untilMs, nextTickMs()) : untilMs;
        if (!(await sleeper.sleepUntil(wakeMs))) continue;
      }
      return interruption() ?? 'due';
    }
  };

  const passEvent = (): void => {
    const isFirst = manners.spreadsReports && state === 'reporting' && !stands;
    const dueMs = clock.nowMs() + subject.statusIntervalMs * (isFirst ? 1 - clock.random() / 2 : 1);
    nextEventMs = manners.spreadsReports ? slotBefore(dueMs, subject.statusIntervalMs) : dueMs;
  };

  const report = async (): Promise<'done' | 'again'> => {
    load = subject.load(conversation.warn);
    const answer = await say(statusMessage(route, load)).finally(passEvent);
    const reply = readReply(answer.body);
    const before = reportedState;
    reportedState = beginningOf(reply?.state ?? '', MOST_STATE_CHARACTERS);
    if (reportedState === 'NOTOK' && before !== 'NOTOK' && load >= 0) {
      // Not a reason to register again (reference NODE-59): the balancer has our row and cannot reach our port; another
      // CONFIG would not help, and puts the node out of service on Undertow.
      conversation.warn(`${wire.address} cannot reach the node at ${toldAddress ?? ''}: it answers State=NOTOK`);
    }
    if (reportedState !== before) {
      options.onEvent({ kind: 'reported', balancer: wire.address, from: before, to: reportedState });
    }
    return ids.isAnother(reply?.id) && manners.noticesNewId ? 'again' : 'done';
  };

  const address = (): ToldAddress | undefined => reachedAt(connector.address(), wire.localAddress());

  const introduce = async (): Promise<Outcome> => {
    const insists = wantsRefresh;
    wantsRefresh = false;
    if (insists) wire.disconnect();
    const { body } = await say(infoMessage(route)).finally(passEvent);
    ids.forget();
    const introduction = readIntroduction(
      body,
      {
        route,
        balancer: wire.address,
        aliases: subject.aliases,
        wishes: subject.wishes(),
        told: book.rows(),
        insists,
        address: address(),
        toldAddress,
      },
      manners,
    );
    if (introduction === undefined) return 'puzzled';
    const { plan, info, warnings } = introduction;
    for (const warning of warnings) conversation.warn(warning);
    if (info !== undefined) conversation.guessBrand(info);
    reset = plan;
    return 'done';
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
      if (clock.nowMs() >= lastWordMs) return 'done';
      const next = book.work(methods);
      if (next === undefined) return 'done';
      const reportMs = leaving && !manners.reportsWhileLeaving ? Number.POSITIVE_INFINITY : nextEventMs;
      let reportsNow = false;
      if ('method' in next) {
        // A balancer that is slow, and a node of many contexts: it would be given up before all was said.
        const isLate = (): boolean => (waits || !manners.oneContextAtATime) && clock.nowMs() >= reportMs;
        const isOver = (): boolean =>
          isLate() || abandoned || clock.nowMs() >= lastWordMs || (mayLeave && interruption() !== undefined);
        await book.tell(next.method, next.paths, isOver);
        reportsNow = isLate();
      } else {
        if (!waits) return 'done';
        if (mayLeave && wantsRefresh && manners.refreshes === 'at-once') return 'again';
        const over = await sleeper.sleepUntil(Math.min(reportMs, next.untilMs));
        reportsNow = over && reportMs <= next.untilMs;
      }
      if (reportsNow && !abandoned && clock.nowMs() < lastWordMs && (await report()) === 'again' && mayLeave)
        return 'again';
    }
  };

  const stand = async (): Promise<Outcome> => {
    for (;;) {
      const broken = interruption() ?? (await serveSayings());
      if (broken !== undefined) return broken;
      if (wantsRefresh && manners.refreshes === 'at-once') return 'again';
      const own = address();
      if (own !== undefined && toldAddress !== undefined && toldAddressKey(own) !== toldAddress) return 'again';
      if (book.work(ALL_METHODS) !== undefined) return 'change';
      const over = await sleeper.sleepUntil(Math.min(nextEventMs, book.refusedUntilMs()));
      if (over && clock.nowMs() >= nextEventMs) {
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
    book.reset(reset.told);
    return 'done';
  };

  const tidy = async (): Promise<Outcome> => {
    try {
      if (reset.removesAll) await say(removeNodeMessage(route));
      else await book.tell('REMOVE-APP', reset.obsolete, () => interruption() !== undefined);
    } catch (error) {
      // What cannot be taken away there must not keep us from registering.
      if (!(error instanceof Refusal) || !manners.goesOnAfterTidying) throw error;
      conversation.warn(error.message);
    }
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
    retrying: () => {
      const delayMs = manners.retryMs?.(failures, clock.random(), subject.statusIntervalMs);
      return rest(delayMs === undefined ? nextTickMs() : clock.nowMs() + delayMs);
    },
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
    if (event === 'puzzled') book.assumeTold();
    stands = state === 'registered' || (stands && (state === 'reporting' || state === 'changing'));
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
      // `leave` gave up waiting for an answer that changes nothing.
      if (leaving && LIFE_CYCLE[state].leave !== undefined && isAbort(error)) return interruption() ?? 'leave';
      if (error instanceof Refusal) return { event: error.event, reason: error.message };
      if (error instanceof McmpError) {
        // Unlike a balancer that is away, this does not get well by itself.
        if (error.code === 'MCMP_TLS' && error.hint !== undefined) conversation.warn(`${error.message}. ${error.hint}`);
        return { event: 'lost', reason: error.message };
      }
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
    sayings.rejectAll(gone(wire.address));
    await wire.close();
  };
  const finished = run();

  return {
    view: () => ({ balancer: wire.address, state, lastFailure: lastFailure || book.trouble(), reportedState, load }),
    isRegistered: () => stands,
    isSettled(path) {
      // A first failure is tried again at once: requests may still be on their way, and drain no faster for it (need F9).
      if (state === 'retrying' && failures === 1 && manners.retryMs !== undefined) return false;
      if (RESTING.has(state)) return state !== 'waiting';
      return (state === 'registered' || state === 'changing') && book.isSettled(path);
    },
    nextEventMs: () => Math.max(0, nextEventMs - clock.nowMs()),
    wake: sleeper.wake,
    insist(path) {
      book.insist(path);
      sleeper.wake();
    },
    requestEnded(path) {
      if (manners.stopsAgain === 'when-a-request-ended' && book.requestEnded(path)) sleeper.wake();
    },
    reconnect() {
      if (speaking === undefined) wire.disconnect();
    },
    refresh() {
      wantsRefresh = true;
      sleeper.wake();
    },
    say(message) {
      if (state === 'ended') return Promise.reject(gone(wire.address));
      const answer = sayings.add(message);
      sleeper.wake();
      return answer;
    },
    leave(drainTimeoutMs, alone) {
      const deadlineMs = drainTimeoutMs === 0 ? Number.POSITIVE_INFINITY : clock.nowMs() + drainTimeoutMs;
      // Whoever leaves all does not wait for a goodbye to one that was given more time.
      if (!leaving || deadlineMs + GOODBYE_MS < lastWordMs) {
        lastWordMs = deadlineMs + GOODBYE_MS;
        book.leave(deadlineMs, alone);
        // A balancer that is silent must not hold up the end; but what changes its tables must not come in after REMOVE-APP.
        if (!leaving && (speaking?.method === 'INFO' || speaking?.method === 'STATUS')) speaking.controller.abort();
        leaving = true;
        sleeper.wake();
      }
      return finished;
    },
    abandon() {
      abandoned = true;
      speaking?.controller.abort();
      sleeper.wake();
      return finished;
    },
  };
}
