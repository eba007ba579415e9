import { parseDuration } from '../../core/units.ts';

/** A load, from a time on. Steps without times are taken one for each STATUS. */
export interface ReplayStep {
  readonly load: number;
  readonly fromMs: number | undefined;
}

const MAX_STEPS = 100_000;

/**
 * Reads the lines of a replay file: `LOAD`, or `TIME LOAD` with times that begin at 0 and grow.
 * @returns the steps, or a sentence that says which line is wrong
 */
export function parseReplay(text: string): readonly ReplayStep[] | string {
  const steps: ReplayStep[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    if (words.length === 1 && words[0] === '') continue;
    const step = parseStep(words, steps.at(-1), steps.length > 0);
    if (typeof step === 'string') return `line ${index + 1}: ${step}`;
    steps.push(step);
    if (steps.length > MAX_STEPS) return `more than ${MAX_STEPS} loads`;
  }
  return steps.length === 0 ? 'there is no load in it' : steps;
}

function parseStep(words: readonly string[], before: ReplayStep | undefined, later: boolean): ReplayStep | string {
  const loadText = words.at(-1) ?? '';
  const load = parseLoadNumber(loadText);
  if (words.length > 2 || load === undefined) return 'expected LOAD or TIME LOAD, with a load from -1 to 100';
  const [timeText] = words;
  const fromMs = words.length === 1 || timeText === undefined ? undefined : parseDuration(timeText, 's');
  if (typeof fromMs === 'string') return fromMs;
  if (later && (fromMs === undefined) !== (before?.fromMs === undefined))
    return 'either all lines have a time, or none';
  if (fromMs !== undefined && !later && fromMs !== 0) return 'the first time is 0';
  if (fromMs !== undefined && before?.fromMs !== undefined && fromMs <= before.fromMs) return 'times must grow';
  return { load, fromMs };
}

/** @returns a whole number from -1 to 100, or undefined */
export function parseLoadNumber(text: string): number | undefined {
  return /^(?:-1|\d{1,2}|100)$/.test(text) ? Number(text) : undefined;
}

/**
 * Goes through the steps, round and round. The last of the steps with times takes as long as the one before it.
 * @param elapsedMs since the start; asked once for each load
 */
export function createReplay(steps: readonly ReplayStep[], elapsedMs: () => number): () => number {
  let taken = 0;
  const lastMs = steps.at(-1)?.fromMs;
  if (lastMs === undefined) return () => steps[taken++ % steps.length]?.load ?? -1;
  const periodMs = 2 * lastMs - (steps.at(-2)?.fromMs ?? 0);
  return () => {
    const nowMs = periodMs === 0 ? 0 : elapsedMs() % periodMs;
    return steps.findLast(({ fromMs = 0 }) => fromMs <= nowMs)?.load ?? -1;
  };
}
