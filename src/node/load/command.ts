import { parseLoadNumber } from './replay.ts';
import { runCommand } from './run-command.ts';
import type { LoadMeter, LoadSurroundings } from './types.ts';

/** A command that takes longer is ended. */
const TIMEOUT_MS = 5_000;

/** Until the first result is there a node is said to be busy, so that it is not sent much: -1 would call it broken. */
const UNKNOWN = 1;
const OUT_OF_ORDER = -1;

/** A command begins so much ahead of the STATUS it is for, beside twice the time it took last. */
const SPARE_MS = 250;

/**
 * Takes loads from a shell command. `next` never waits: it tells the latest result. The command runs shortly before the
 * next load is likely to be asked for, which is as long after the last time as that was after the one before.
 */
export function openCommand(
  text: string,
  command: string,
  { clock, route, log }: Pick<LoadSurroundings, 'clock' | 'route' | 'log'>,
): LoadMeter {
  const closed = new AbortController();
  const environment: Record<string, string> = route === undefined ? {} : { MCMP_ROUTE: route };
  let load = UNKNOWN;
  let lastFailure = '';
  let isRunning = false;
  let hasBegun = false;
  let tookMs = 0;
  let askedAtMs: number | undefined;
  let plan = new AbortController();

  const run = async (): Promise<void> => {
    if (isRunning || closed.signal.aborted) return;
    isRunning = true;
    hasBegun = true;
    const beganAtMs = clock.nowMs();
    const result = await runCommand({ command, environment, timeoutMs: TIMEOUT_MS, clock, signal: closed.signal });
    isRunning = false;
    tookMs = clock.nowMs() - beganAtMs;
    if (closed.signal.aborted) return;
    const number = result.failure === '' ? parseLoadNumber(result.lastLine) : undefined;
    load = number ?? OUT_OF_ORDER;
    const failure = number !== undefined ? '' : result.failure || `said ${JSON.stringify(result.lastLine)}`;
    // Only when it begins: a script that fails each ten seconds would fill a disk.
    if (failure !== '' && failure !== lastFailure) log?.(complaint(command, failure, result.lastComplaint));
    lastFailure = failure;
  };

  const planNext = async (intervalMs: number): Promise<void> => {
    const { signal } = plan;
    await clock.sleep(intervalMs - Math.min(intervalMs / 2, SPARE_MS + 2 * tookMs), signal);
    if (!signal.aborted) await run();
  };

  void run();
  return {
    text,
    next() {
      const nowMs = clock.nowMs();
      const intervalMs = askedAtMs === undefined ? 0 : nowMs - askedAtMs;
      askedAtMs = nowMs;
      plan.abort();
      plan = new AbortController();
      // Asked earlier than was planned, or for the first time.
      if (intervalMs === 0 || !hasBegun) void run();
      hasBegun = isRunning;
      if (intervalMs > 0 && !closed.signal.aborted) void planNext(intervalMs);
      return load;
    },
    close() {
      closed.abort();
      plan.abort();
    },
  };
}

function complaint(command: string, failure: string, said: string): string {
  const why = said === '' ? '' : ` (it complained: ${JSON.stringify(said)})`;
  return `the load command ${JSON.stringify(command)} ${failure}${why}; the load is -1 until it prints a whole number from 0 to 100 as its last line`;
}
