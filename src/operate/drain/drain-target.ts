import type { SurveyReading } from '../../client/index.ts';
import { perform } from '../perform.ts';
import { type PlanOptions, planAction } from '../plan.ts';
import type { ActionName, Plan, PlannedCommand } from '../types.ts';
import { count } from '../words.ts';
import { contextOf, type Observation, observe, waitsFor } from './observe.ts';
import { type DrainRun, type Place, placeOf, selectedAt, shownPlace, step, tell } from './place.ts';
import type { DrainState } from './states.ts';
import type { TargetDrain } from './types.ts';

/** How long a balancer may be silent before it counts as gone. */
const SILENT_MS = 15_000;

/**
 * A node learns by its next STATUS, every 10 s, that a balancer has been started anew, and registers with all its contexts
 * ENABLED up to 20 s later (reference §12.6).
 */
const FORGOTTEN_MS = 30_000;

/** Drains at one balancer, until that has come to an end of some kind. Never rejects because of the balancer. */
export async function drainTarget(run: DrainRun, target: string, first: SurveyReading): Promise<TargetDrain> {
  const { clock, options, deadline, ending, halt } = run;
  const place = placeOf(target, first, clock.nowMs());
  if (place.brand === undefined) {
    const one = first.targets.find((each) => each.target === target);
    place.state = 'unreachable';
    place.why = one?.outcome === 'failed' ? one.failure.error.message : 'it has not answered';
  } else if (selectedAt(run, place).length === 0) place.state = 'not-there';
  tell(run, place);
  for (let work = WORK[place.state]; work !== undefined; work = WORK[place.state]) {
    const isNew = await work(run, place);
    if (ending.aborted) step(run, place, 'told-to-end', place.why);
    else if (deadline.aborted) step(run, place, 'time-over', place.why);
    else if (!isNew && clock.nowMs() - place.heardAtMs >= (options.silentMs ?? SILENT_MS)) {
      step(run, place, 'silent', place.why);
    } else if (!isNew) await clock.sleep(options.intervalMs, halt);
  }
  return shownPlace(place);
}

/** Does what is to be done in a state. @returns whether something has become different, so that no pause is due */
type Work = (run: DrainRun, place: Place) => Promise<boolean>;

const WORK: Readonly<Partial<Record<DrainState, Work>>> = {
  async disabling(run, place) {
    const before = observe(place.brand ?? 'unknown', selectedAt(run, place));
    for (const key of before.statuses.keys()) place.watched.add(key);
    if (before.how !== 'only the clock') place.requestsAtStart = before.requests;
    place.how = before.how;
    return send(run, place, planAt(run, place, 'disable', { only: ['ENABLED'] }));
  },
  waiting: look,
  async stopping(run, place) {
    const plan = planAt(run, place, 'stop', { again: place.countsInReply });
    place.stops = plan.commands;
    return send(run, place, plan);
  },
  async finishing(run, place) {
    if (place.countsInReply) place.requests = (await askAgain(run, place.stops)) ?? place.requests;
    return look(run, place);
  },
  async removing(run, place) {
    if (run.options.remove === true) return send(run, place, planAt(run, place, 'remove', { plain: false }));
    step(run, place, 'answered');
    return true;
  },
};

function planAt({ options }: DrainRun, { reading, target }: Place, action: ActionName, more: PlanOptions): Plan {
  return planAction(reading, action, options.scope, {
    targets: [target],
    plain: true,
    words: options.words ?? [],
    ...more,
  });
}

async function send(run: DrainRun, place: Place, plan: Plan): Promise<boolean> {
  const results = await perform(plan, run.clients, { onResult: run.onResult, signal: run.deadline });
  place.answeredAtMs = run.clock.nowMs();
  const refused = results.find(({ outcome }) => outcome === 'refused');
  const failed = results.find(({ outcome }) => outcome === 'failed');
  if (refused === undefined && failed !== undefined) {
    // It may have been carried out. Saying it once more does no harm.
    place.why = failed.words;
    tell(run, place);
    return false;
  }
  place.heardAtMs = place.answeredAtMs;
  place.lastRequestAtMs = place.answeredAtMs;
  if (refused === undefined) step(run, place, 'answered');
  else step(run, place, 'refused', refused.words);
  return true;
}

/** Says STOP-APP once more, which changes nothing and tells how many requests still run; undefined when it does not. */
async function askAgain(run: DrainRun, stops: readonly PlannedCommand[]): Promise<number | undefined> {
  const results = await perform({ commands: stops }, run.clients, { signal: run.deadline });
  if (results.some(({ outcome, requests }) => outcome !== 'done' || requests === undefined)) return undefined;
  // Undertow says -1 of a node that is not there any more.
  return results.reduce((sum, { requests = 0 }) => sum + Math.max(0, requests), 0);
}

/** Reads the tables and judges what they show. */
async function look(run: DrainRun, place: Place): Promise<boolean> {
  if (!(await refresh(run, place))) {
    tell(run, place);
    return false;
  }
  const selected = selectedAt(run, place);
  // httpd keeps the row of a node that said goodbye for a while, without its contexts.
  if (place.watched.size > 0 && selected.every(({ contexts }) => contexts.length === 0)) return gone(run, place);
  place.forgottenAtMs = undefined;
  place.fellSilent = false;
  return judge(run, place, observe(place.brand ?? 'unknown', selected));
}

/** The node is not known any more: it has left; or the balancer was started anew, and the node will register again. */
function gone(run: DrainRun, place: Place): boolean {
  const nowMs = run.clock.nowMs();
  if (place.fellSilent || place.forgottenAtMs !== undefined) {
    place.forgottenAtMs ??= nowMs;
    const leftMs = place.forgottenAtMs + (run.options.forgottenMs ?? FORGOTTEN_MS) - nowMs;
    if (leftMs > 0) {
      place.why = `it was silent and knows the node no more; if that runs it registers again within ${Math.ceil(leftMs / 1000)} s`;
      tell(run, place);
      return false;
    }
  }
  step(run, place, 'gone');
  return true;
}

/** @returns whether there is a reading that is newer than the last command */
async function refresh({ survey, halt }: DrainRun, place: Place): Promise<boolean> {
  const asked = await orAborted(survey.read({ only: [place.target] }), halt);
  const one = asked?.targets[0];
  if (one === undefined || one.outcome === 'pending') return false;
  if (one.outcome === 'failed') {
    place.fellSilent = true;
    place.why = one.failure.error.message;
    return false;
  }
  const { atMs, tookMs } = one.good;
  place.heardAtMs = atMs;
  place.reading = { atMs, targets: [one] };
  return atMs - tookMs >= place.answeredAtMs;
}

function judge(run: DrainRun, place: Place, seen: Observation): boolean {
  const { state, brand } = place;
  if (brand === undefined || (state !== 'waiting' && state !== 'finishing')) return false;
  place.how = seen.how;
  if (!place.countsInReply) place.requests = seen.requests;
  place.requestsAtStart ??= place.requests;
  const again = [...seen.statuses].filter(([key, status]) =>
    state === 'waiting' ? place.watched.has(key) && status === 'ENABLED' : status !== 'STOPPED',
  );
  if (again.length > 0) {
    // As plans count: a path that several virtual hosts have is one context of the node.
    const paths = new Set(again.map(([key]) => contextOf(key)));
    step(run, place, 'enabled-again', `${count(paths.size, 'context')} of it`);
    return true;
  }
  const nowMs = run.clock.nowMs();
  if (seen.elected !== place.elected) {
    if (place.elected !== undefined) place.lastRequestAtMs = nowMs;
    place.elected = seen.elected;
  }
  const waited = {
    state,
    elapsedMs: nowMs - place.answeredAtMs,
    quietForMs: seen.elected === undefined ? undefined : nowMs - place.lastRequestAtMs,
  };
  const { waitMs, quietMs } = run.options;
  const words = waitsFor(brand, { ...seen, requests: place.requests }, waited, { waitMs, quietMs });
  if (words === undefined) {
    step(run, place, 'clear');
    return true;
  }
  place.why = words;
  tell(run, place);
  return false;
}

/** What comes first: the answer, or undefined because nobody has the time for it any more. */
function orAborted<Answer>(asked: Promise<Answer>, signal: AbortSignal): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => resolve(undefined);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    asked.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
