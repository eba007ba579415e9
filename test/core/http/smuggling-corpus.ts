import { BODY_ROWS } from './smuggling-bodies.ts';
import { HEAD_ROWS } from './smuggling-heads.ts';

/**
 * Requests that have been used, or could be used, to make two readers of one connection see different requests. Plain data:
 * the unit tests drive the parser with it, the end-to-end tests send it through a running balancer to a lenient node.
 */
export interface SmugglingAttempt {
  /** Stable, for test names. */
  readonly id: string;
  readonly name: string;
  /** What the client sends, one character a byte (latin1). */
  readonly bytes: string;
  readonly why: string;
  /**
   * Code of the violation that must refuse it; empty: it is one sound request, whose body happens to look like another, and
   * a node must see exactly one.
   */
  readonly code: string;
}

export const SMUGGLING_ATTEMPTS: readonly SmugglingAttempt[] = [...HEAD_ROWS, ...BODY_ROWS].map(
  ([id, code, bytes, why]) => ({
    id,
    name: `${id}: ${why}`,
    bytes,
    why,
    code,
  }),
);
