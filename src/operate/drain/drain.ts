import { wallClock } from '../../client/clock.ts';
import { perform } from '../perform.ts';
import type { CommandResult } from '../types.ts';
import { undoPlan } from '../undo.ts';
import { drainTarget } from './drain-target.ts';
import type { DrainRun } from './place.ts';
import { type DrainState, isOver } from './states.ts';
import type { Drain, DrainEnd, DrainOptions, DrainOutcome, TargetDrain } from './types.ts';

/**
 * Drains at all balancers of a survey at once, at each in its own time: what is ENABLED becomes DISABLED; when requests, and
 * sessions as far as can be known, have come to an end, all becomes STOPPED; it is drained when the last requests are gone.
 * What was STOPPED before stays so. Where somebody enables it again, the drain ends everywhere.
 */
export function startDrain(options: DrainOptions): Drain {
  const { clock = wallClock, survey, clients } = options;
  const startedMs = clock.nowMs();
  const deadlineMs = startedMs + options.timeoutMs;
  const ending = new AbortController();
  const deadline = new AbortController();
  const over = new AbortController();
  const results: CommandResult[] = [];
  const drains = new Map<string, TargetDrain>();
  let undoWanted = false;

  const report = (): void => {
    // The first words of each come before the first news of any.
    if (drains.size < survey.targets.length) return;
    const nowMs = clock.nowMs();
    options.onProgress?.({
      elapsedMs: nowMs - startedMs,
      remainingMs: Math.max(0, deadlineMs - nowMs),
      targets: [...drains.values()],
    });
  };
  const run: DrainRun = {
    options,
    survey,
    clients,
    clock,
    deadline: deadline.signal,
    ending: ending.signal,
    halt: AbortSignal.any([ending.signal, deadline.signal]),
    onResult: (result) => results.push(result),
    onChange(drain) {
      drains.set(drain.target, drain);
      report();
      if (drain.state === 'interfered') ending.abort();
    },
  };

  const drainAll = async (): Promise<DrainOutcome> => {
    const reading = options.reading ?? (await survey.read());
    void clock.sleep(Math.max(0, deadlineMs - clock.nowMs()), over.signal).then(() => deadline.abort());
    const targets = await Promise.all(
      reading.targets.map(async ({ target }) => {
        const drain = await drainTarget(run, target, reading);
        if (drain.state !== 'interfered') return drain;
        const who = await options.whoEnabled?.(target);
        return who === undefined ? drain : { ...drain, why: `${drain.why}: ${who}` };
      }),
    );
    over.abort();
    const end = endOf(targets.map(({ state }) => state));
    const outcome = { end, targets, results };
    const undo = undoWanted || (end === 'timed-out' && options.undoOnTimeout === true);
    if (!undo || results.length === 0) return { ...outcome, tookMs: clock.nowMs() - startedMs };
    const undone = await takeBack(options, results);
    const complete = undone.results.every((result) => result.outcome === 'done') && !undone.blind;
    return {
      ...outcome,
      ...(complete && end !== 'undone' ? { end: 'undone' as const, undoneAfter: end } : {}),
      undo: { plan: undone.plan, results: undone.results },
      tookMs: clock.nowMs() - startedMs,
    };
  };

  return {
    outcome: drainAll(),
    end(wish) {
      undoWanted ||= wish === 'undo';
      ending.abort();
    },
  };
}

interface TakenBack {
  readonly plan: ReturnType<typeof undoPlan>;
  readonly results: readonly CommandResult[];
  /** Some balancer that was changed cannot be read. */
  readonly blind: boolean;
}

async function takeBack(
  { survey, clients, words, clock = wallClock }: DrainOptions,
  results: readonly CommandResult[],
): Promise<TakenBack> {
  const only = [...new Set(results.map(({ command }) => command.target))];
  const nowMs = clock.nowMs();
  const asked = await survey.read({ only });
  // A question that was under way knows nothing of the last commands.
  const isOld = asked.targets.some((one) => one.outcome === 'read' && one.good.atMs - one.good.tookMs < nowMs);
  const reading = isOld ? await survey.read({ only }) : asked;
  const plan = undoPlan(results, reading, words);
  const blind = reading.targets.some(({ outcome }) => outcome !== 'read');
  return { plan, results: await perform(plan, clients), blind };
}

/** What the drain has come to, by the worst that happened at a balancer. */
const ENDS: readonly (readonly [DrainState, DrainEnd])[] = [
  ['interfered', 'interfered'],
  ['refused', 'refused'],
  ['timed-out', 'timed-out'],
  ['given-up', 'given-up'],
  ['unreachable', 'unreachable'],
  ['drained', 'drained'],
  ['left', 'drained'],
];

function endOf(states: readonly DrainState[]): DrainEnd {
  if (!states.every(isOver)) throw new RangeError('a drain that runs has no end');
  return ENDS.find(([state]) => states.includes(state))?.[1] ?? 'nothing';
}
