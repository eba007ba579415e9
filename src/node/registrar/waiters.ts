import type { Clock } from '../clock.ts';

/** Those who wait for a node to be somewhere. */
export interface Waiters {
  /** Resolves when the condition holds, or when the time is over. */
  until(condition: () => boolean, timeoutMs?: number): Promise<void>;
  /** Something has changed. */
  look(): void;
}

export function createWaiters(clock: Clock): Waiters {
  const waiting = new Set<() => void>();
  return {
    async until(condition, timeoutMs) {
      if (condition()) return;
      const over = new AbortController();
      const holds = new Promise<void>((resolve) => {
        const look = (): void => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        over.signal.addEventListener('abort', () => {
          waiting.delete(look);
          resolve();
        });
      });
      if (timeoutMs === undefined) {
        await holds;
        return;
      }
      await Promise.race([holds, clock.sleep(timeoutMs, over.signal)]);
      over.abort();
    },
    look() {
      for (const look of [...waiting]) look();
    },
  };
}
