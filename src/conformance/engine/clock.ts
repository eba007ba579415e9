/** Monotonic milliseconds. */
export function nowMs(): number {
  return performance.now();
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Looks until there is something to see: at first often, then less often, so that a peer that needs seconds is not flooded.
 * @param look undefined or false: not yet
 * @returns undefined when the time was over, or the signal aborted
 */
export async function lookUntil<T>(
  look: () => Promise<T | undefined | false>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  const giveUpAt = nowMs() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    const leftMs = giveUpAt - nowMs();
    if (leftMs <= 0 || signal.aborted) return undefined;
    await pause(Math.min(pauseMs, leftMs), signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener('abort', over, { once: true });
  });
}
