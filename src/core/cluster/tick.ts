import { stepNode } from './changes.ts';
import { forgetEarly } from './early.ts';
import type { ClusterEvent } from './events.ts';
import type { ClusterState } from './state.ts';

/**
 * Removes what is due: nodes that said goodbye `waitBeforeRemoveMs` ago, nodes that have failed their pings for
 * `brokenNodeTimeoutMs`, early commands whose CONFIG never came. Each list is ordered by time, so it costs nothing when
 * nothing is due.
 */
export function tick(state: ClusterState, now: number, events: ClusterEvent[]): void {
  const { waitBeforeRemoveMs, brokenNodeTimeoutMs, dialect } = state.settings;
  for (const node of state.removing) {
    if (now - node.removedAtMs < waitBeforeRemoveMs) break;
    // Its row may be renamed by that, so the reason is where its name is still to be read.
    stepNode(state, node, 'due', now, `${node.route} was removed`, events);
  }
  if (brokenNodeTimeoutMs > 0) {
    for (const node of state.failing) {
      if (now - node.failingSinceMs < brokenNodeTimeoutMs) break;
      stepNode(state, node, 'due', now, `broken for ${brokenNodeTimeoutMs} ms: ${node.errorReason}`, events);
    }
  }
  for (const [route, early] of state.early) {
    if (now - early.sinceMs < dialect.cluster.earlyCommandMs) break;
    forgetEarly(state, route);
  }
}
