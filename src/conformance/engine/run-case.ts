import { setMaxListeners } from 'node:events';
import process from 'node:process';
import { inspect } from 'node:util';
import { strayErrors } from '../../cli/stray-errors.ts';
import type { Case } from '../case.ts';
import type { JudgedAs } from '../dialects.ts';
import type { CaseResult } from '../result.ts';
import { Deviation, NotHere, VERDICTS, type Verdict } from '../verdict.ts';
import type { RecordedExchange } from '../wire/recorded.ts';
import { nowMs } from './clock.ts';
import { createRandom } from './random.ts';
import type { CaseRun } from './types.ts';

/** So long the things that a case left behind may take to be cleaned up. */
const CLEANUP_TIMEOUT_MS = 5_000;
const MOST_WORDS = 4_000;

export interface RunCaseOptions {
  readonly dialect: JudgedAs;
  readonly number: number;
  readonly seed: number;
  /** Ends the case: somebody interrupted the run. */
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/**
 * Runs one case and says what became of it. Never rejects: what is thrown by the case's own code, also where nobody
 * awaits it, or by a deadline, is a verdict too. What it registered is removed before this resolves.
 *
 * @param createTrial makes what the case works with
 */
export async function runCase<Trial>(
  one: Case<Trial>,
  createTrial: (run: CaseRun) => Trial | Promise<Trial>,
  { dialect, number, seed, signal, deadlineMs }: RunCaseOptions,
): Promise<CaseResult> {
  const startedMs = nowMs();
  const deadline = new AbortController();
  const exchanges: RecordedExchange[] = [];
  const waits: { what: string; tookMs: number }[] = [];
  const undo: (() => Promise<void> | void)[] = [];
  const cleanup = new AbortController();
  const either = AbortSignal.any([signal, deadline.signal]);
  // Each connection that is open listens to it, and some cases open dozens.
  setMaxListeners(0, either, cleanup.signal);
  let over = false;
  const run: CaseRun = {
    number,
    // While a case is cleaned up its connections live by another clock.
    get signal() {
      return over ? cleanup.signal : either;
    },
    nowMs: () => nowMs() - startedMs,
    leftMs: () => Math.max(0, startedMs + deadlineMs - nowMs()),
    random: createRandom(seed, one.id),
    record: (exchange) => {
      if (!over) exchanges.push(exchange);
    },
    waited: (what, tookMs) => waits.push({ what, tookMs }),
    after: (step) => undo.push(step),
  };
  const outcome = await judged(one, createTrial, run, { dialect, either, signal, deadline, deadlineMs });
  const tookMs = nowMs() - startedMs;
  // Ends what the case left open: a connection is recorded when it ends, and what failed on it is wanted.
  deadline.abort(new Error('the case is over'));
  exchanges.sort((before, after) => before.atMs - after.atMs);
  over = true;
  await cleanUp(undo, cleanup);
  return { facts: one, waits, tookMs, exchanges, ...outcome };
}

type Outcome = {
  readonly verdict: Verdict;
  readonly expected?: string;
  readonly actual?: string;
  readonly reason?: string;
};

async function judged<Trial>(
  one: Case<Trial>,
  createTrial: (run: CaseRun) => Trial | Promise<Trial>,
  run: CaseRun,
  by: {
    dialect: JudgedAs;
    either: AbortSignal;
    signal: AbortSignal;
    deadline: AbortController;
    deadlineMs: number;
  },
): Promise<Outcome> {
  const timer = setTimeout(() => by.deadline.abort(new Error('deadline')), by.deadlineMs);
  const stopped = new Promise<'stopped'>((resolve) => {
    if (by.either.aborted) resolve('stopped');
    else by.either.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  let isOver = false;
  let takeStray = (_error: unknown): void => undefined;
  const stray = new Promise<Outcome>((resolve) => {
    takeStray = (error) => {
      if (isOver) process.emitWarning(`${one.id} threw after its end: ${wordsOf(error)}`, 'CaseWarning');
      else resolve(outcomeOf(error));
    };
  });
  const work = strayErrors
    .run(takeStray, async (): Promise<Outcome> => {
      await one.run(await createTrial(run), by.dialect);
      return { verdict: 'pass' };
    })
    .catch((error: unknown) => outcomeOf(error));
  const outcome = await Promise.race([work, stray, stopped]);
  isOver = true;
  clearTimeout(timer);
  if (outcome !== 'stopped') return outcome;
  if (by.signal.aborted) return { verdict: 'skipped', reason: 'the run was interrupted' };
  const expected = one.expected[by.dialect]?.words ?? one.requirement;
  return { verdict: 'fail', expected, actual: `not done within the deadline of ${by.deadlineMs} ms` };
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof Deviation && isReadable(error)) {
    return { verdict: error.verdict, expected: bounded(error.expected), actual: bounded(error.actual) };
  }
  if (error instanceof NotHere) return { verdict: 'skipped', reason: error.message };
  return { verdict: 'error', reason: bounded(wordsOf(error)) };
}

/** Users' code may be JavaScript, where nothing keeps it from other verdicts and words that are no text. */
function isReadable({ verdict, expected, actual }: Deviation): boolean {
  return Object.hasOwn(VERDICTS, verdict) && [expected, actual].every((words) => typeof words === 'string');
}

/** Users' code throws anything, also what has no text. */
function wordsOf(error: unknown): string {
  return error instanceof Error && typeof error.message === 'string' ? error.message : inspect(error);
}

/** Words quote what peers sent, and stay in memory and in every report: a copy of so much of them as people read. */
function bounded(words: string): string {
  if (words.length <= MOST_WORDS) return words;
  return `${structuredClone(words.slice(0, MOST_WORDS))} ... and ${words.length - MOST_WORDS} characters more`;
}

/** Undoes what was done, last first. A step that fails does not keep the others from being taken: the peer may be gone. */
async function cleanUp(undo: readonly (() => Promise<void> | void)[], cleanup: AbortController): Promise<void> {
  const timer = setTimeout(() => cleanup.abort(new Error('deadline')), CLEANUP_TIMEOUT_MS);
  for (const step of [...undo].reverse()) {
    await Promise.allSettled([Promise.resolve().then(step)]);
  }
  clearTimeout(timer);
}
