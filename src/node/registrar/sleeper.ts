import type { Clock } from '../clock.ts';

/** The one thing that a registrar waits with: at most one sleep at a time, which anybody can end. */
export interface Sleeper {
  /** Resolves when it is that late, with true, or when somebody wakes it, with false. */
  sleepUntil(ms: number): Promise<boolean>;
  wake(): void;
}

export function createSleeper(clock: Clock): Sleeper {
  let alarm: AbortController | undefined;
  return {
    async sleepUntil(ms) {
      if (ms <= clock.nowMs()) return true;
      const own = new AbortController();
      alarm = own;
      await clock.sleep(ms - clock.nowMs(), own.signal);
      alarm = undefined;
      return !own.signal.aborted;
    },
    wake: () => alarm?.abort(),
  };
}
