import type { JudgedDialect } from '../../../src/conformance/dialects.ts';

/**
 * A balancer or node of ours with one small fault in its source: proof that a case can fail. `find` stands exactly once in
 * the file (a test says so) and is replaced by `replace`; the program is then started and judged.
 */
export interface Mutant {
  /** Stable words, `topic/what-is-broken`. */
  readonly id: string;
  /** What it does wrong, as a sentence. */
  readonly fault: string;
  readonly direction: 'balancer' | 'node';
  /** Below the root of the project, such as `src/core/cluster/apply.ts`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Dialect that is served and judged; default `mcmp`. */
  readonly dialect?: JudgedDialect;
  /** Further flags of `serve` or `node-sim`. */
  readonly flags?: readonly string[];
  /** Web traffic and MCMP come to one port. */
  readonly oneAddress?: true;
  /** Web traffic comes over TLS. */
  readonly encrypted?: true;
  /** What `--with` says of it. */
  readonly features?: readonly (readonly [string, string])[];
  /** Ids of the cases that must catch it. */
  readonly aims: readonly string[];
}
