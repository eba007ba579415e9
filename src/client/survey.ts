import { withoutUserinfo } from '../core/address.ts';
import { UsageError } from '../core/errors.ts';
import { type SurveyClock, wallClock } from './clock.ts';
import type { McmpClientOptions } from './connection.ts';
import type { SurveyReading, TargetReading } from './survey-types.ts';
import { type AskOptions, createTarget, type Target, targetName } from './target.ts';

export interface SurveyOptions extends McmpClientOptions {
  readonly clock?: SurveyClock;
}

export interface ReadOptions extends AskOptions {
  readonly only?: readonly string[];
}

/** Several balancers, of whatever brands, looked at side by side. Nothing is ever changed: INFO, DUMP and VERSION only. */
export interface Survey {
  /** Names of the balancers as their readings have them, each once, in the order in which they were given. */
  readonly targets: readonly string[];
  /** What is known now, without asking. */
  current(): SurveyReading;
  /**
   * Asks all balancers at the same time and resolves when each has answered or its time is over. Who asks while the same
   * balancer is being asked gets that answer. Never rejects because of a balancer.
   *
   * @param options.only names of those to ask and to tell of; default all
   */
  read(options?: ReadOptions): Promise<SurveyReading>;
  /**
   * Asks every balancer again and again, each on its own: a slow one does not hold up the others, and none is asked while
   * its last answer is not there. Pauses differ by up to a tenth, so that many who watch do not ask all at once; a balancer
   * that cannot be read is asked less and less often, at last every 30 s (or every interval, when that is longer).
   *
   * @param intervalMs pause between an answer and the next question
   * @param onReading must not throw; called with all that is known whenever one balancer has answered, or failed to
   * @returns ends it; `onReading` is not called any more
   */
  watch(intervalMs: number, onReading: (reading: SurveyReading) => void): () => void;
  /** Ends what is watched and closes the connections. */
  close(): Promise<void>;
}

/** INFO of a million contexts takes 60 MB in text, and there may be several balancers of that size. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const LONGEST_PAUSE_MS = 30_000;
/** Part of a pause by which it may differ. */
const JITTER = 0.1;

/**
 * @param urls a URL that is given twice counts once
 * @throws UsageError when there is none, or one is no http or https URL
 */
export function createSurvey(urls: readonly (URL | string)[], options: SurveyOptions = {}): Survey {
  const { clock = wallClock, ...clientOptions } = options;
  if (urls.length === 0) throw new UsageError('a survey needs at least one balancer');
  const byName = new Map<string, Target>();
  for (const url of urls.map(checkedUrl)) {
    const name = targetName(url);
    if (byName.has(name)) continue;
    byName.set(name, createTarget(url, { maxAnswerBytes: MAX_ANSWER_BYTES, ...clientOptions }, clock));
  }
  const targets = [...byName.values()];
  const watches = new Set<AbortController>();
  const together = (readings: readonly TargetReading[]): SurveyReading => ({ atMs: clock.nowMs(), targets: readings });
  const current = (): SurveyReading => together(targets.map(({ reading }) => reading));

  const follow = async (
    target: Target,
    intervalMs: number,
    signal: AbortSignal,
    onReading: (reading: SurveyReading) => void,
  ): Promise<void> => {
    while (!signal.aborted) {
      const reading = await target.ask();
      if (signal.aborted) return;
      onReading(current());
      const pauseMs = pauseAfter(reading, intervalMs);
      await clock.sleep(pauseMs * (1 + JITTER * (2 * clock.random() - 1)), signal);
    }
  };

  return {
    targets: [...byName.keys()],
    current,
    async read({ only, ...wishes } = {}) {
      const asked = only === undefined ? targets : targets.filter(({ name }) => only.includes(name));
      return together(await Promise.all(asked.map((target) => target.ask(wishes))));
    },
    watch(intervalMs, onReading) {
      const ending = new AbortController();
      watches.add(ending);
      for (const target of targets) void follow(target, intervalMs, ending.signal, onReading);
      return () => {
        ending.abort();
        watches.delete(ending);
      };
    },
    async close() {
      for (const ending of watches) ending.abort();
      watches.clear();
      await Promise.all(targets.map((target) => target.close()));
    },
  };
}

/** Twice as long after each further failure. */
function pauseAfter(reading: TargetReading, intervalMs: number): number {
  const attempts = reading.outcome === 'failed' ? reading.failure.attempts : 1;
  return Math.min(intervalMs * 2 ** Math.min(attempts - 1, 30), Math.max(intervalMs, LONGEST_PAUSE_MS));
}

function checkedUrl(given: URL | string): URL {
  const text = String(given);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new UsageError(`${withoutUserinfo(text)} is no URL of a balancer`, {
    hint: 'For example: http://127.0.0.1:8090',
  });
}
