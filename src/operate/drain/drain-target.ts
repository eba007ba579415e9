import type { McmpClient, Survey, SurveyClock, SurveyReading } from '../../client/index.ts';
import { ACTING_RULES } from '../acting-rules.ts';
import { canBeNamed } from '../compose-commands.ts';
import { perform } from '../perform.ts';
import { planAction } from '../plan.ts';
import { readTargets, type Selected, selectOn } from '../select.ts';
import type { ActionName, CommandResult, Plan, PlannedCommand } from '../types.ts';
import { count } from '../words.ts';
import { type Observation, observe, waitsFor } from './observe.ts';
import { type DrainState, type DrainTrigger, isOver, nextState } from './states.ts';
import type { DrainOptions, HowKnown, TargetDrain } from './types.ts';

/** How long a balancer may be silent before it counts as gone. */
export const SILENT_MS = 15_000;

/** What the drains of all balancers of one run share. */
export interface DrainRun {
  readonly options: DrainOptions;
  readonly survey: Survey;
  readonly clients: ReadonlyMap<string, McmpClient>;
  readonly clock: SurveyClock;
  readonly deadlineMs: number;
  /** Aborted when all of it has to end. */
  readonly ending: AbortSignal;
  onResult(result: CommandResult): void;
  /** Something is new at this balancer. */
  onChange(drain: TargetDrain): void;
}

/** Drains at one balancer, until that has come to an end of some kind. Never rejects because of the balancer. */
export async function drainTarget(run: DrainRun, target: string, first: SurveyReading): Promise<TargetDrain> {
  const { options, clock, survey } = run;
  const { scope, waitMs, quietMs, silentMs = SILENT_MS } = options;
  let state: DrainState = 'disabling';
  let why = '';
  let how: HowKnown | undefined;
  let requests: number | undefined;
  let requestsAtStart: number | undefined;
  let reading = first;
  // When the last command was answered, and when that before a reading was sent.
  let answeredAtMs = clock.nowMs();
  let heardAtMs = clock.nowMs();
  let elected: number | undefined;
  let lastRequestAtMs = clock.nowMs();
  let stops: readonly PlannedCommand[] = [];
  const watched = new Set<string>();
  const [known] = readTargets(first, [target]);
  const brand = known?.brand;
  const countsInReply = brand !== undefined && ACTING_RULES[brand].requests === 'in-stop-reply';

  const drain = (): TargetDrain => ({ target, brand, state, how, requests, requestsAtStart, why });
  const step = (trigger: DrainTrigger, words = ''): void => {
    state = nextState(state, trigger);
    why = words;
    run.onChange(drain());
  };
  const selectedNow = (): Selected[] => {
    const [now] = readTargets(reading, [target]);
    if (now === undefined) return [];
    // What no command can name stays as it is, and a note of the plan says so.
    return selectOn(target, now.brand, now.nodes, scope).map((one) => ({
      ...one,
      contexts: one.contexts.filter(({ vhost, context }) =>
        canBeNamed(now.brand, { route: one.node.name, aliases: vhost.aliases, path: context.path }),
      ),
    }));
  };

  /** @returns false when it has to be tried again */
  const send = async (plan: Pick<Plan, 'commands'>): Promise<boolean> => {
    const results = await perform(plan, run.clients, { onResult: run.onResult });
    answeredAtMs = clock.nowMs();
    const refused = results.find(({ outcome }) => outcome === 'refused');
    const failed = results.find(({ outcome }) => outcome === 'failed');
    if (refused !== undefined) step('refused', refused.words);
    else if (failed !== undefined) {
      why = failed.words;
      run.onChange(drain());
      return false;
    } else {
      const counted = results.flatMap((result) => (result.requests === undefined ? [] : [result.requests]));
      if (counted.length > 0 && plan.commands === stops)
        requests = counted.reduce((sum, one) => sum + Math.max(0, one), 0);
      heardAtMs = answeredAtMs;
      step('answered');
    }
    return true;
  };

  const act = (action: ActionName, more: Parameters<typeof planAction>[3] = {}): Plan =>
    planAction(reading, action, scope, { targets: [target], plain: true, words: options.words ?? [], ...more });

  const look = (seen: Observation): void => {
    if (brand === undefined) return;
    if (state !== 'waiting' && state !== 'finishing') return;
    how = seen.how;
    if (!countsInReply) requests = seen.requests;
    requestsAtStart ??= requests;
    const again = [...seen.statuses].filter(([key, status]) =>
      state === 'waiting' ? watched.has(key) && status === 'ENABLED' : status !== 'STOPPED',
    );
    if (again.length > 0) {
      step('enabled-again', `${count(again.length, 'context')} of it`);
      return;
    }
    const nowMs = clock.nowMs();
    if (seen.elected !== undefined && seen.elected !== elected) {
      lastRequestAtMs = elected === undefined ? answeredAtMs : nowMs;
      elected = seen.elected;
    }
    const waited = {
      state,
      elapsedMs: nowMs - answeredAtMs,
      quietForMs: seen.elected === undefined ? undefined : nowMs - lastRequestAtMs,
    };
    const patience = { waitMs, quietMs };
    const words = waitsFor(brand, { ...seen, requests }, waited, patience);
    if (words === undefined) step('clear');
    else {
      why = words;
      run.onChange(drain());
    }
  };

  /** @returns whether what was read is newer than the last command */
  const refresh = async (): Promise<boolean> => {
    const asked = await within(run, survey.read({ only: [target] }));
    const one = asked?.targets[0];
    if (one === undefined) return false;
    if (one.outcome !== 'read') {
      if (one.outcome === 'failed') why = one.failure.error.message;
      return false;
    }
    reading = { atMs: one.good.atMs, targets: [one] };
    if (one.good.atMs - one.good.tookMs < answeredAtMs) return false;
    heardAtMs = one.good.atMs;
    return true;
  };

  /** What is to be done in a state. @returns whether to go on without a pause */
  const proceed = async (): Promise<boolean> => {
    switch (state) {
      case 'disabling': {
        const before = observe(brand ?? 'unknown', selectedNow());
        for (const key of before.statuses.keys()) watched.add(key);
        if (before.how !== 'only the clock') requestsAtStart = before.requests;
        how = before.how;
        return send(act('disable', { only: ['ENABLED'] }));
      }
      case 'stopping': {
        const plan = act('stop', { again: countsInReply });
        stops = plan.commands;
        return send(plan);
      }
      case 'removing':
        return options.remove === true ? send(act('remove', { plain: false })) : send({ commands: [] });
      case 'waiting':
      case 'finishing': {
        if (!(await refresh())) {
          if (clock.nowMs() - heardAtMs >= silentMs) step('silent', why);
          else run.onChange(drain());
          return false;
        }
        const selected = selectedNow();
        // httpd keeps the row of a node that said goodbye for a while, without its contexts.
        if (watched.size > 0 && selected.every(({ contexts }) => contexts.length === 0)) {
          step('gone');
          return true;
        }
        if (state === 'finishing' && countsInReply) {
          requests = (await askAgain(run, stops)) ?? requests;
        }
        look(observe(brand ?? 'unknown', selected));
        return state !== 'waiting' && state !== 'finishing';
      }
      default:
        return false;
    }
  };

  if (known === undefined) {
    state = 'unreachable';
    const one = first.targets.find((each) => each.target === target);
    why = one?.outcome === 'failed' ? one.failure.error.message : 'it has not answered';
  } else if (selectedNow().length === 0) state = 'not-there';
  run.onChange(drain());
  while (!isOver(state)) {
    const goOn = await proceed();
    if (isOver(state)) break;
    if (run.ending.aborted) step('told-to-end', why);
    else if (clock.nowMs() >= run.deadlineMs) step('time-over', why);
    else if (!goOn && isSending(state) && clock.nowMs() - heardAtMs >= silentMs) step('silent', why);
    else if (!goOn) await clock.sleep(Math.min(options.intervalMs, run.deadlineMs - clock.nowMs()), run.ending);
  }
  return drain();
}

function isSending(state: DrainState): boolean {
  return state === 'disabling' || state === 'stopping' || state === 'removing';
}

/** Says STOP-APP once more, which changes nothing and tells how many requests still run. */
async function askAgain(run: DrainRun, stops: readonly PlannedCommand[]): Promise<number | undefined> {
  if (stops.length === 0) return 0;
  const results = await perform({ commands: stops }, run.clients);
  if (results.some(({ outcome, requests }) => outcome !== 'done' || requests === undefined)) return undefined;
  return results.reduce((sum, { requests = 0 }) => sum + Math.max(0, requests), 0);
}

/** An answer, or undefined as soon as nobody has the time for it. */
async function within<Answer>(run: DrainRun, asked: Promise<Answer>): Promise<Answer | undefined> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, run.ending]);
  try {
    return await Promise.race([
      asked,
      run.clock.sleep(Math.max(0, run.deadlineMs - run.clock.nowMs()), signal).then(() => undefined),
    ]);
  } finally {
    over.abort();
  }
}
