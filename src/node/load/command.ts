import { parseLoadNumber } from './replay.ts';
import { runCommand } from './run-command.ts';
import type { LoadMeter, LoadSurroundings } from './types.ts';

/** A command that takes longer is ended. */
const TIMEOUT_MS = 5_000;

/** Until the first result is there a node is said to be busy, so that it is not sent much: -1 would call it broken. */
const UNKNOWN = 1;
const OUT_OF_ORDER = -1;

/**
 * Takes loads from a shell command. `next` never waits: it tells the latest result, and starts the command for the next
 * one unless it is still running.
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

  const run = async (): Promise<void> => {
    if (isRunning || closed.signal.aborted) return;
    isRunning = true;
    const result = await runCommand({ command, environment, timeoutMs: TIMEOUT_MS, clock, signal: closed.signal });
    isRunning = false;
    if (closed.signal.aborted) return;
    const number = result.failure === '' ? parseLoadNumber(result.lastLine) : undefined;
    load = number ?? OUT_OF_ORDER;
    const failure = number !== undefined ? '' : result.failure || `said ${JSON.stringify(result.lastLine)}`;
    // Only when it begins: a script that fails each ten seconds would fill a disk.
    if (failure !== '' && failure !== lastFailure) log?.(complaint(command, failure, result.lastComplaint));
    lastFailure = failure;
  };

  void run();
  return {
    text,
    next() {
      void run();
      return load;
    },
    close: () => closed.abort(),
  };
}

function complaint(command: string, failure: string, said: string): string {
  const why = said === '' ? '' : ` (it complained: ${JSON.stringify(said)})`;
  return `the load command ${JSON.stringify(command)} ${failure}${why}; the load is -1 until it prints a whole number from 0 to 100 as its last line`;
}
