import type { Clock } from '../clock.ts';

/** The one thing that a registrar waits with: at most one sleep at a time, which anybody can end. */
export interface Sleeper {
  /** Resolves when it is that late, with true, or when somebody wakes it, with false. */
  sleepUntil(ms: number): Promise<boolean>;
  wake(): void;
}

export function createSleeper(clock: Clock): Sleeper {
  // One alarm serves until it has rung: a fleet sleeps hundreds of times a second.
  let alarm = new AbortController();
  let asleep = false;
  return {
    async sleepUntil(ms) {
      if (ms <= clock.nowMs()) return true;
      const { signal } = alarm;
      asleep = true;
      await clock.sleep(ms - clock.nowMs(), signal);
      asleep = false;
      if (!signal.aborted) return true;
      alarm = new AbortController();
      return false;
    },
    wake() {
      if (asleep) alarm.abort();
    },
  };
}
