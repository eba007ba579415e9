import type { HttpAnswer } from '../../client/answer.ts';
import type { Brand } from '../../client/brand.ts';
import { readReply } from '../../core/mcmp/reply.ts';
import type { Clock } from '../clock.ts';
import { isInContext } from '../in-context.ts';
import type { Outgoing } from '../wire/types.ts';
import { type AppMethod, appMessage } from './compose.ts';
import { Refusal } from './conversation.ts';
import type { MannersRow } from './manners.ts';
import { createRefusedContexts } from './refused-contexts.ts';
import type { Subject } from './subject.ts';
import { newTold, nextStep, noteStopped, type Step, type Told } from './told.ts';
import type { ContextWish } from './types.ts';

/** What is to be said now, or when it is time to look again. */
export type Work = { readonly method: AppMethod; readonly paths: readonly string[] } | { readonly untilMs: number };

/** What a registrar has told its balancer about contexts, and what it has yet to tell. */
export interface ContextBook {
  readonly rows: () => ReadonlyMap<string, Told>;
  /** The balancer knows this and nothing else. */
  reset(rows: Map<string, Told>): void;
  /** As if all that is wished had been told, which is what a Java node believes after an INFO that it cannot read. */
  assumeTold(): void;
  /** What is to be done, of these kinds; undefined: nothing, whatever time passes. */
  work(methods: ReadonlySet<AppMethod>): Work | undefined;
  /**
   * Says one command about contexts, in as few messages as the balancer takes, and notes what it answers.
   * @param isOver asked between two messages
   */
  tell(method: AppMethod, paths: readonly string[], isOver: () => boolean): Promise<void>;
  isSettled(path: string): boolean;
  /** Why a context is not what it shall be although the registration stands; empty when none is refused. */
  trouble(): string;
  /** When such a context is to be tried again. */
  refusedUntilMs(): number;
  /** What others did to a context there no longer counts. */
  insist(path: string): void;
  /** A request to that path is over. @returns whether STOP-APP is to be said again */
  requestEnded(path: string): boolean;
  /** Nothing is wished any more. @param alone see `Registrar.leave` */
  leave(deadlineMs: number, alone: boolean): void;
}

interface BookOptions {
  readonly clock: Clock;
  readonly manners: MannersRow;
  readonly brand: () => Brand;
  readonly say: (message: Outgoing) => Promise<HttpAnswer>;
  readonly onProgress: () => void;
  readonly warn: (message: string) => void;
}

const STATUS_AFTER: ReadonlyMap<AppMethod, ContextWish> = new Map([
  ['ENABLE-APP', 'enabled'],
  ['DISABLE-APP', 'disabled'],
]);
const NO_WISHES: ReadonlyMap<string, ContextWish> = new Map();

export function createContextBook(subject: Subject, options: BookOptions): ContextBook {
  const { clock, manners } = options;
  const refused = createRefusedContexts(() => clock.nowMs(), manners.rejectedPauseMs);
  let told = new Map<string, Told>();
  let leaving: { readonly deadlineMs: number; readonly alone: boolean } | undefined;

  const wishes = (): ReadonlyMap<string, ContextWish> => (leaving === undefined ? subject.wishes() : NO_WISHES);
  const deadlineMs = (): number => {
    if (leaving !== undefined) return leaving.deadlineMs;
    return subject.drainTimeoutMs === 0 ? Number.POSITIVE_INFINITY : clock.nowMs() + subject.drainTimeoutMs;
  };
  const step = (path: string): Step => {
    const now = {
      nowMs: clock.nowMs(),
      deadlineMs: deadlineMs(),
      sessions: subject.sessions,
      disablesAgain: manners.disablesAgain,
    };
    const next = nextStep(path, wishes().get(path), told.get(path), now);
    return next.kind === 'say' && refused.isPutOff(next.method, path) ? { kind: 'settled' } : next;
  };

  const requestsLeft = (path: string, answer: HttpAnswer): number | undefined => {
    if (manners.requestCounts === 'pairs') return Number(/(?:^|&)Requests=(\d{1,9})/.exec(answer.body)?.[1] ?? 0);
    const counted = readReply(answer.body)?.requests;
    if (counted !== undefined) return Math.max(0, counted);
    // With others staying, our own count would wait for their requests.
    return leaving?.alone === true ? undefined : subject.connector.inFlight(path);
  };

  const note = (method: AppMethod, path: string, answer: HttpAnswer): void => {
    const before = told.get(path);
    const status = STATUS_AFTER.get(method);
    if (method === 'REMOVE-APP') told.delete(path);
    else if (status !== undefined) {
      const goes = status === 'disabled' && wishes().get(path) !== 'disabled';
      told.set(path, { ...newTold(status, false), untilMs: goes ? deadlineMs() : undefined });
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

  /** In the order in which contexts were deployed, however often each was told; those that were not told come last. */
  function* paths(): Generator<string> {
    const deployed = subject.wishes();
    for (const path of told.keys()) if (!deployed.has(path)) yield path;
    for (const path of deployed.keys()) if (told.has(path)) yield path;
    for (const path of wishes().keys()) if (!told.has(path)) yield path;
  }

  return {
    rows: () => told,
    reset(rows) {
      told = rows;
    },
    assumeTold() {
      told = new Map([...wishes()].map(([path, wish]) => [path, newTold(wish, true)]));
    },
    work(methods) {
      let method: AppMethod | undefined;
      const due: string[] = [];
      let untilMs = Number.POSITIVE_INFINITY;
      let waits = false;
      for (const path of paths()) {
        const next = step(path);
        if (next.kind === 'settled' || (next.kind === 'say' && !methods.has(next.method))) continue;
        if (next.kind === 'wait') {
          waits = true;
          untilMs = Math.min(untilMs, next.untilMs);
        } else {
          method ??= next.method;
          if (next.method === method) due.push(path);
        }
        if (manners.oneContextAtATime) break;
      }
      if (method !== undefined) return { method, paths: due };
      return waits ? { untilMs } : undefined;
    },
    async tell(method, targets, isOver) {
      /** Up to here one by one, as one of a list was refused. */
      let singlesTo = 0;
      let last: Refusal | undefined;
      let at = 0;
      while (at < targets.length && !(at > 0 && isOver())) {
        const rest = targets.slice(at, at < singlesTo ? at + 1 : targets.length);
        const { message, count } = appMessage(method, subject, rest, options.brand(), manners);
        try {
          const answer = await options.say(message);
          for (const path of rest.slice(0, count)) {
            note(method, path, answer);
            refused.forget(path);
          }
          at += count;
        } catch (error) {
          const [path = ''] = rest;
          if (count > 1 && error instanceof Refusal && error.type !== '') singlesTo = at + count;
          else if (leaving === undefined && error instanceof Refusal && refused.note(method, path, error)) {
            last = error;
            at += 1;
          } else throw error;
        }
        options.onProgress();
      }
      if (last === undefined) return;
      if (told.size === 0 && at >= targets.length) {
        refused.clear();
        throw last;
      }
      options.warn(`${last.message}; the rest is told without it, and it is tried again later`);
    },
    isSettled: (path) => step(path).kind === 'settled',
    refusedUntilMs: refused.nextMs,
    trouble: () => refused.trouble((path) => wishes().has(path) || told.has(path)),
    insist(path) {
      refused.forget(path);
      const row = told.get(path);
      if (row !== undefined) row.byOther = false;
    },
    requestEnded(path) {
      let again = false;
      for (const [context, row] of told) {
        if (row.status !== 'stopped' || row.drained || !isInContext(path, context)) continue;
        row.nextStopMs = clock.nowMs();
        again = true;
      }
      return again;
    },
    leave(deadline, alone) {
      leaving = { deadlineMs: deadline, alone };
      refused.clear();
      for (const row of told.values()) if (row.untilMs !== undefined) row.untilMs = Math.min(row.untilMs, deadline);
    },
  };
}
