import type { AppMethod } from './compose.ts';
import type { ContextWish } from './types.ts';

/** What one balancer was last told about a context. */
export interface Told {
  status: ContextWish;
  /** Somebody else disabled or stopped it there while we stood by enabled: left alone until the wish is said again. */
  byOther: boolean;
  /** Set when the context began to go: sessions and requests have until then. */
  untilMs: number | undefined;
  /** First STOP-APP of this going; undefined: not yet said. */
  stoppedAtMs: number | undefined;
  /** When to say STOP-APP again. */
  nextStopMs: number;
  /** No request is left in it, or its time is over. */
  drained: boolean;
}

/** What a context needs next. */
export type Step =
  | { readonly kind: 'settled' }
  | { readonly kind: 'say'; readonly method: AppMethod }
  | { readonly kind: 'wait'; readonly untilMs: number };

/** Between two looks at the sessions of a disabled context, as Java nodes do it (reference §9.5). */
const SESSION_POLL_MS = 1000;

const SETTLED: Step = { kind: 'settled' };
const METHODS: Readonly<Record<ContextWish, AppMethod>> = {
  enabled: 'ENABLE-APP',
  disabled: 'DISABLE-APP',
  stopped: 'STOP-APP',
};

export interface Now {
  readonly nowMs: number;
  /** When a context that begins to go now must be done. */
  readonly deadlineMs: number;
  /** Sessions a context still has. */
  readonly sessions: (path: string) => number;
  /** Whether a context that is disabled already is disabled again before it stops. */
  readonly disablesAgain: boolean;
}

/**
 * Works a context towards what it shall be, one command at a time: whatever was said before and whatever the wish is now.
 * @param want undefined: gone
 */
export function nextStep(path: string, want: ContextWish | undefined, told: Told | undefined, now: Now): Step {
  if (told === undefined) return want === undefined ? SETTLED : { kind: 'say', method: METHODS[want] };
  if (want === 'enabled' || want === 'disabled') {
    told.untilMs = undefined;
    return told.status === want || told.byOther ? SETTLED : { kind: 'say', method: METHODS[want] };
  }
  switch (told.status) {
    case 'enabled':
      return { kind: 'say', method: 'DISABLE-APP' };
    case 'disabled': {
      if (now.disablesAgain && told.untilMs === undefined) return { kind: 'say', method: 'DISABLE-APP' };
      told.untilMs ??= now.deadlineMs;
      const waits = now.nowMs < told.untilMs && now.sessions(path) > 0;
      if (!waits) return { kind: 'say', method: 'STOP-APP' };
      return { kind: 'wait', untilMs: Math.min(told.untilMs, now.nowMs + SESSION_POLL_MS) };
    }
    case 'stopped':
      if (!told.drained) {
        return now.nowMs >= told.nextStopMs
          ? { kind: 'say', method: 'STOP-APP' }
          : { kind: 'wait', untilMs: told.nextStopMs };
      }
      return want === undefined ? { kind: 'say', method: 'REMOVE-APP' } : SETTLED;
  }
}

/** A context as it is after it was told its state; `drained` is for those that are born stopped. */
export function newTold(status: ContextWish, drained: boolean): Told {
  return { status, byOther: false, untilMs: undefined, stoppedAtMs: undefined, nextStopMs: 0, drained };
}

export interface DrainRules {
  readonly nowMs: number;
  readonly pollMs: number;
  /** Waited when nobody counts. */
  readonly blindMs: number;
  readonly deadlineMs: number;
  /** Whether STOP-APP is said again by the clock; else at the end only, unless a request ends before. */
  readonly byTheClock: boolean;
}

/**
 * Notes that STOP-APP was said.
 * @param left requests still in the context; undefined: nobody knows
 */
export function noteStopped(told: Told, left: number | undefined, rules: DrainRules): void {
  const { nowMs } = rules;
  told.status = 'stopped';
  told.byOther = false;
  told.untilMs ??= rules.deadlineMs;
  told.stoppedAtMs ??= nowMs;
  if (left === undefined) {
    const blindUntilMs = Math.min(told.untilMs, told.stoppedAtMs + rules.blindMs);
    told.drained = nowMs >= blindUntilMs;
    told.nextStopMs = blindUntilMs;
    return;
  }
  told.drained = left <= 0 || nowMs >= told.untilMs;
  told.nextStopMs = rules.byTheClock ? Math.min(told.untilMs, nowMs + rules.pollMs) : told.untilMs;
}
