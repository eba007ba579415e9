import { sleepFor } from '../client/clock.ts';

/** Where a node takes its time from; tests put another one in. */
export interface Clock {
  /** Milliseconds that never go back. */
  nowMs(): number;
  /** Resolves after `ms`, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number from 0 up to but not including 1, for jitter. */
  random(): number;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  random: () => Math.random(),
  sleep: sleepFor,
};
