import type { Brand, McmpClient, Survey, SurveyClock, SurveyReading } from '../../client/index.ts';
import { ACTING_RULES } from '../acting-rules.ts';
import { canBeNamed } from '../compose-commands.ts';
import { readTargets, type Selected, selectOn } from '../select.ts';
import type { CommandResult, PlannedCommand } from '../types.ts';
import { type DrainState, type DrainTrigger, nextState } from './states.ts';
import type { DrainOptions, HowKnown, TargetDrain } from './types.ts';

/** What the drains at all balancers of one run share. */
export interface DrainRun {
  readonly options: DrainOptions;
  readonly survey: Survey;
  readonly clients: ReadonlyMap<string, McmpClient>;
  readonly clock: SurveyClock;
  /** Aborted when the time is over. */
  readonly deadline: AbortSignal;
  /** Aborted when all of it has to end. */
  readonly ending: AbortSignal;
  /** Aborted with either of them. */
  readonly halt: AbortSignal;
  onResult(result: CommandResult): void;
  /** Something is new at this balancer. */
  onChange(drain: TargetDrain): void;
}

/** What is known, and was done, at one balancer. */
export interface Place {
  readonly target: string;
  readonly brand: Brand | undefined;
  /** Whether only the answers to STOP-APP tell how many requests there are. */
  readonly countsInReply: boolean;
  /** Contexts that have to stay as the drain has made them, by key. */
  readonly watched: Set<string>;
  state: DrainState;
  why: string;
  how: HowKnown | undefined;
  requests: number | undefined;
  requestsAtStart: number | undefined;
  /** The last good one. */
  reading: SurveyReading;
  /** When the last command was answered. */
  answeredAtMs: number;
  /** When the balancer last said anything. */
  heardAtMs: number;
  /** A look has failed since the last good one. */
  fellSilent: boolean;
  /** Since when the node is not known any more, where the balancer may have lost its tables. */
  forgottenAtMs: number | undefined;
  /** Requests given to the nodes, when that number last changed, and since when it stands. */
  elected: number | undefined;
  lastRequestAtMs: number;
  stops: readonly PlannedCommand[];
}

export function placeOf(target: string, reading: SurveyReading, nowMs: number): Place {
  const [known] = readTargets(reading, [target]);
  const brand = known?.brand;
  return {
    target,
    brand,
    countsInReply: brand !== undefined && ACTING_RULES[brand].requests === 'in-stop-reply',
    watched: new Set(),
    state: 'disabling',
    why: '',
    how: undefined,
    requests: undefined,
    requestsAtStart: undefined,
    reading,
    answeredAtMs: nowMs,
    heardAtMs: nowMs,
    fellSilent: false,
    forgottenAtMs: undefined,
    elected: undefined,
    lastRequestAtMs: nowMs,
    stops: [],
  };
}

/** Takes a step of the table, and tells of it. */
export function step(run: DrainRun, place: Place, trigger: DrainTrigger, why = ''): void {
  place.state = nextState(place.state, trigger);
  place.why = why;
  tell(run, place);
}

export function tell(run: DrainRun, place: Place): void {
  run.onChange(shownPlace(place));
}

export function shownPlace({ target, brand, state, how, requests, requestsAtStart, why }: Place): TargetDrain {
  return { target, brand, state, how, requests, requestsAtStart, why };
}

/** What is drained there, by the last reading. What no command can name stays as it is; a note of the plan says so. */
export function selectedAt({ options }: DrainRun, { target, reading }: Place): Selected[] {
  const [now] = readTargets(reading, [target]);
  if (now === undefined) return [];
  return selectOn(target, now.brand, now.nodes, options.scope).map((one) => ({
    ...one,
    contexts: one.contexts.filter(({ vhost, context }) =>
      canBeNamed(now.brand, { route: one.node.name, aliases: vhost.aliases, path: context.path }),
    ),
  }));
}
