import type { ContextRecord, ContextStatus } from '../cluster/records.ts';
import type { CandidateGroup } from './candidate-group.ts';
import type { Contender } from './contender.ts';
import type { ContextShelf } from './context-shelf.ts';

/**
 * One node in one group. A node may have registered the path in several virtual hosts; a context with the kindest status
 * stands for all of them.
 */
export interface Place {
  readonly contender: Contender;
  readonly group: CandidateGroup;
  context: ContextRecord;
  /** Status of `context` as the last event told it. */
  status: ContextStatus;
  /** All contexts of the node here, `context` among them; null when there is only that one. */
  shelf: ContextShelf | null;
  indexInContender: number;
  indexInGroup: number;
}
