import type { Brand, McmpClient, Survey, SurveyClock, SurveyReading } from '../../client/index.ts';
import type { CommandResult, Plan, Scope } from '../types.ts';
import type { DrainState } from './states.ts';

/** How it is known at one balancer that nothing runs any more. */
export type HowKnown = 'requests per context' | 'requests of the node' | 'only the clock';

export interface DrainOptions {
  readonly survey: Survey;
  /** By the names of the survey. */
  readonly clients: ReadonlyMap<string, McmpClient>;
  readonly scope: Scope;
  /** What was read just now; read when it is not given. */
  readonly reading?: SurveyReading;
  /** For all of it. */
  readonly timeoutMs: number;
  /** Pause between two looks at a balancer. */
  readonly intervalMs: number;
  /**
   * How long contexts stay DISABLED at least, so that sessions can end. Where only the clock can tell, it is also how long
   * it waits after STOP. Default: 0 where requests are counted, `CLOCK_WAIT_MS` where only the clock can tell.
   */
  readonly waitMs?: number;
  /** STOP only when no request was given to the node for so long: its sessions have ended then. Default: not looked at. */
  readonly quietMs?: number;
  /** A balancer that does not answer for so long counts as gone; default `SILENT_MS`. */
  readonly silentMs?: number;
  /** How long a balancer that has lost its tables is given to hear of the node again; default `FORGOTTEN_MS`. */
  readonly forgottenMs?: number;
  /** In the end the contexts, or the node, are removed. */
  readonly remove?: boolean;
  /** When the time is over, what was changed is brought back. */
  readonly undoOnTimeout?: boolean;
  /** Further words of command lines that are shown. */
  readonly words?: readonly string[];
  /** That of the survey. */
  readonly clock?: SurveyClock;
  /** Called when something is new, and after every look; must not throw. */
  readonly onProgress?: (progress: DrainProgress) => void;
  /** Who enabled it again, in words, where it can be known. */
  readonly whoEnabled?: (target: string) => Promise<string | undefined>;
}

/** The drain at one balancer, as it stands. */
export interface TargetDrain {
  readonly target: string;
  /** Undefined: it was never read. */
  readonly brand: Brand | undefined;
  readonly state: DrainState;
  readonly how: HowKnown | undefined;
  /** In flight at the last look, as far as it is told. */
  readonly requests: number | undefined;
  /** What was in flight when it began, as far as it was told. */
  readonly requestsAtStart: number | undefined;
  /** Why it is as it is, or what is waited for; may be empty. */
  readonly why: string;
}

export interface DrainProgress {
  readonly elapsedMs: number;
  readonly remainingMs: number;
  readonly targets: readonly TargetDrain[];
}

/**
 * How it ended. `drained`: at every balancer that knows it. `unreachable`: drained elsewhere, if anywhere. `undone`: what was
 * changed was brought back. `nothing`: no balancer that answers knows it.
 */
export type DrainEnd =
  | 'drained'
  | 'timed-out'
  | 'undone'
  | 'interfered'
  | 'refused'
  | 'unreachable'
  | 'given-up'
  | 'nothing';

export interface DrainOutcome {
  readonly end: DrainEnd;
  /** Why it was undone. */
  readonly undoneAfter?: Exclude<DrainEnd, 'undone'>;
  readonly tookMs: number;
  readonly targets: readonly TargetDrain[];
  /** What was sent, without the undoing. */
  readonly results: readonly CommandResult[];
  readonly undo?: { readonly plan: Plan; readonly results: readonly CommandResult[] };
}

/** A drain that runs. */
export interface Drain {
  readonly outcome: Promise<DrainOutcome>;
  /** Ends it early: with everything as it is now, or as it was before. */
  end(wish: 'leave' | 'undo'): void;
}
