import { explainAnswer } from './explain.ts';
import type { Shared } from './shared.ts';

/** What the management address says to a question, as JSON. */
export interface QuestionAnswer {
  readonly status: number;
  readonly json: object;
}

/**
 * What the management address can be asked with GET or HEAD, by path. Nothing here changes anything: whoever may ask was
 * checked by address and Host alone.
 *
 * The functions are given the target with its query.
 */
export const QUESTIONS: ReadonlyMap<string, (shared: Shared, target: string) => QuestionAnswer> = new Map([
  ['/api/v1/explain', ({ routing, clock }, target) => explainAnswer(routing, target, clock.wallMs)],
]);
