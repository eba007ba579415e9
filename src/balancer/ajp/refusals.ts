import type { NodeRecord } from '../../core/cluster/records.ts';
import type { Shared } from '../shared.ts';

const ONCE_IN_MS = 60_000;
const toldAtMs = new WeakMap<NodeRecord, number>();

/** Tells the operator that a node refuses the secret: once a node and minute, for every request meets the same fate. */
export function logRefusal(shared: Shared, node: NodeRecord): void {
  const { nowMs } = shared.clock;
  const before = toldAtMs.get(node);
  if (before !== undefined && nowMs - before < ONCE_IN_MS) return;
  toldAtMs.set(node, nowMs);
  const hasSecret = shared.options.ajpSecret !== '';
  shared.log.warn('A node refused the AJP secret of this balancer', {
    route: node.route,
    hint: hasSecret
      ? '--ajp-secret-file has to hold what the connector of the node has as its secret'
      : 'the connector of the node wants a secret; --ajp-secret-file FILE gives it',
  });
}
