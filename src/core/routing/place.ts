import type { ContextRecord, ContextStatus } from '../cluster/records.ts';
import type { CandidateGroup } from './candidate-group.ts';
import type { Contender } from './contender.ts';

/**
 * One node in one group. A node may have registered the path in several virtual hosts; the context with the kindest
 * status stands for all of them.
 */
export interface Place {
  readonly contender: Contender;
  readonly group: CandidateGroup;
  context: ContextRecord;
  /** Status of `context` as the last event told it. */
  status: ContextStatus;
  /** The node's other contexts of this path, or null. */
  others: ContextRecord[] | null;
  indexInContender: number;
  indexInGroup: number;
}

const KINDEST_FIRST: readonly ContextStatus[] = ['ENABLED', 'DISABLED', 'STOPPED'];

/** Chooses the context that stands for a place: the kindest status, then the lowest slot. */
export function chooseContext(contexts: readonly ContextRecord[]): ContextRecord | undefined {
  let chosen: ContextRecord | undefined;
  for (const context of contexts) {
    if (chosen === undefined) {
      chosen = context;
      continue;
    }
    const difference = KINDEST_FIRST.indexOf(context.status) - KINDEST_FIRST.indexOf(chosen.status);
    if (difference < 0 || (difference === 0 && context.slot < chosen.slot)) chosen = context;
  }
  return chosen;
}
