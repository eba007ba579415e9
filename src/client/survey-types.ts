import type { McmpError } from '../core/errors.ts';
import type { ClusterReading } from './client.ts';

/** What one balancer said, and when. */
export interface GoodReading {
  readonly state: ClusterReading;
  /** When the answer was there: ms since the epoch, by the clock of the survey. */
  readonly atMs: number;
  /** How long the balancer took for all questions. */
  readonly tookMs: number;
}

/** Why a balancer could not be read. */
export interface TargetFailure {
  /** Of the last attempt: what happened, and what to do about it. */
  readonly error: McmpError;
  readonly atMs: number;
  readonly tookMs: number;
  /** When the first attempt failed since the last good one. */
  readonly sinceMs: number;
  /** How many attempts failed since then. */
  readonly attempts: number;
}

interface OfTarget {
  /** Its URL as it was given, without what could be a password and without a slash at the end. */
  readonly target: string;
}

/** What is known of one balancer. */
export type TargetReading =
  | (OfTarget & { readonly outcome: 'read'; readonly good: GoodReading })
  /** `good` is the last reading before the failure, if there was one. */
  | (OfTarget & { readonly outcome: 'failed'; readonly failure: TargetFailure; readonly good: GoodReading | undefined })
  /** Not asked yet, or the first answer is not there. */
  | (OfTarget & { readonly outcome: 'pending' });

/** What is known of all balancers of a survey, in the order in which they were given. */
export interface SurveyReading {
  /** When it was put together: what is older has this much age. */
  readonly atMs: number;
  readonly targets: readonly TargetReading[];
}
