import type { CaseFacts } from './case.ts';
import type { JudgedAs } from './dialects.ts';
import type { Verdict } from './verdict.ts';
import type { RecordedExchange } from './wire/recorded.ts';

/** Bumped when the meaning of a case or a verdict changes: baselines of another version are not comparable. */
export const SUITE_VERSION = '1.0';

/** What became of one case at one target. */
export interface CaseResult {
  readonly facts: CaseFacts;
  readonly verdict: Verdict;
  /** What was expected and what was, when the verdict is a deviation. */
  readonly expected?: string;
  readonly actual?: string;
  /** Why it was skipped, or could not be judged. */
  readonly reason?: string;
  /** States that were waited for: what, and how long it took. */
  readonly waits: readonly { readonly what: string; readonly tookMs: number }[];
  readonly tookMs: number;
  /** Exact bytes, in the order in which they went out. */
  readonly exchanges: readonly RecordedExchange[];
}

/** Who is judged. */
export interface TargetFacts {
  readonly direction: 'balancer' | 'node';
  /** MCMP address of a balancer; for a node the command that started it, or how it came. */
  readonly name: string;
  /** Address of the web traffic, if one was given. */
  readonly traffic?: string;
  /** Dialect of a balancer, kind of a node. */
  readonly dialect: JudgedAs;
  /** How it calls itself, such as `mod_proxy_cluster/2.0.0.Dev`; empty when it does not say. */
  readonly calls: string;
}

export interface TargetReport {
  readonly target: TargetFacts;
  readonly results: readonly CaseResult[];
  readonly tookMs: number;
}

export interface RunReport {
  readonly suite: string;
  /** Name and version of this program. */
  readonly tool: string;
  readonly seed: number;
  readonly startedAt: Date;
  readonly tookMs: number;
  readonly targets: readonly TargetReport[];
  /** A signal ended it early. */
  readonly interrupted: boolean;
}

/** Follows a run. Methods are called in order; results of one target come in the order in which cases end. */
export interface Reporter {
  targetBegins?(target: TargetFacts, cases: readonly CaseFacts[]): void;
  caseBegins?(target: TargetFacts, facts: CaseFacts): void;
  caseEnds?(target: TargetFacts, result: CaseResult): void;
  targetEnds?(report: TargetReport): void;
  runEnds?(report: RunReport): void | Promise<void>;
}
