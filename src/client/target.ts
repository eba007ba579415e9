import { withoutUserinfo } from '../core/address.ts';
import { McmpError } from '../core/errors.ts';
import { createMcmpClient } from './client.ts';
import type { SurveyClock } from './clock.ts';
import { DEFAULT_TIMEOUT_MS, type McmpClientOptions } from './connection.ts';
import type { TargetReading } from './survey-types.ts';

export interface AskOptions {
  /** A reading that is no older counts, and so does a failure; default 0. */
  readonly maxAgeMs?: number;
  /** For all questions together, when it is shorter than the time-out of the survey. */
  readonly timeoutMs?: number;
}

/** One balancer of a survey: its connection, and what is known of it. */
export interface Target {
  readonly name: string;
  readonly reading: TargetReading;
  /** Asks it, unless it is being asked: then its answer to that counts. Never rejects. */
  ask(wishes?: AskOptions): Promise<TargetReading>;
  close(): Promise<void>;
}

/** How a target is called wherever it is told apart from others. */
export function targetName(url: URL): string {
  return withoutUserinfo(url.href).replace(/\/+$/, '');
}

export function createTarget(url: URL, options: McmpClientOptions, clock: SurveyClock): Target {
  const target = targetName(url);
  const client = createMcmpClient(url, options);
  const longestMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  let reading: TargetReading = { target, outcome: 'pending' };
  let running: Promise<TargetReading> | undefined;

  const read = async (timeoutMs: number): Promise<TargetReading> => {
    const startedMs = clock.nowMs();
    try {
      const state = await client.readState({ timeoutMs });
      const atMs = clock.nowMs();
      return { target, outcome: 'read', good: { state, atMs, tookMs: atMs - startedMs } };
    } catch (error) {
      const atMs = clock.nowMs();
      const before = reading.outcome === 'failed' ? reading.failure : undefined;
      const failure = {
        error: error instanceof McmpError ? error : unforeseen(error, target),
        atMs,
        tookMs: atMs - startedMs,
        sinceMs: before?.sinceMs ?? atMs,
        attempts: (before?.attempts ?? 0) + 1,
      };
      return { target, outcome: 'failed', failure, good: reading.outcome === 'pending' ? undefined : reading.good };
    }
  };

  return {
    name: target,
    get reading() {
      return reading;
    },
    async ask({ maxAgeMs = 0, timeoutMs = longestMs } = {}) {
      if (maxAgeMs > 0 && clock.nowMs() - atMsOf(reading) <= maxAgeMs) return reading;
      running ??= read(Math.min(timeoutMs, longestMs)).then((answer) => {
        reading = answer;
        running = undefined;
        return answer;
      });
      return running;
    },
    close: () => client.close(),
  };
}

function atMsOf(reading: TargetReading): number {
  if (reading.outcome === 'pending') return Number.NEGATIVE_INFINITY;
  return reading.outcome === 'read' ? reading.good.atMs : reading.failure.atMs;
}

/** A bug that the answer of one balancer brings to light must not take the others out of sight. */
function unforeseen(error: unknown, target: string): McmpError {
  const what = error instanceof Error ? error.message : String(error);
  return new McmpError('bug', 'MCMP_BUG', `reading ${target} failed in a way that nobody foresaw: ${what}`, {
    hint: 'Please report it, with the output of: mcmp send INFO --raw',
    cause: error,
  });
}
