import { isUsable } from '../../core/cluster/records.ts';
import { nodesOf } from '../../core/cluster/state.ts';
import { headerValue } from '../../core/http/find-header.ts';
import type { Shared } from '../shared.ts';
import { jsonAnswer, type ManagementRoute, textAnswer } from './route.ts';

/** Why a balancer should get no requests. */
const NOT_READY = {
  stopping: 'the balancer is stopping: it takes no new connections',
  'no-context': 'no context can be served: none is enabled on a node that is well',
} as const satisfies Record<string, string>;

/** `GET /healthz`: the process can answer; also while it stops, for it must not be killed then. */
export const healthRoute: ManagementRoute = {
  methods: ['GET'],
  describe: 'whether the process answers: 200',
  atOnce: true,
  answer: () => textAnswer(200, 'ok\n'),
};

/** `GET /readyz`: whether requests should be sent here. */
export const readyRoute: ManagementRoute = {
  methods: ['GET'],
  describe: 'whether requests can be served: 200 or 503, and why not; --ready-when',
  answer({ shared, head }) {
    const reasons = whyNotReady(shared);
    const status = reasons.length === 0 ? 200 : 503;
    const why = reasons.map((code) => ({ code, words: NOT_READY[code] }));
    if (headerValue(head, 'accept').includes('json')) {
      return jsonAnswer(status, { schemaVersion: 1, ready: status === 200, why });
    }
    return textAnswer(status, status === 200 ? 'ready\n' : why.map(({ words }) => `not ready: ${words}\n`).join(''));
  },
};

function whyNotReady(shared: Shared): readonly (keyof typeof NOT_READY)[] {
  const reasons: (keyof typeof NOT_READY)[] = [];
  if (shared.closing) reasons.push('stopping');
  if (shared.options.readyWhen === 'context' && !canServe(shared)) reasons.push('no-context');
  return reasons;
}

/** Whether a request without a session could be served by any node. */
function canServe({ cluster }: Shared): boolean {
  for (const node of nodesOf(cluster.state)) {
    if (!isUsable(node)) continue;
    for (const { contexts } of node.vhosts) {
      for (const { status } of contexts.values()) if (status === 'ENABLED') return true;
    }
  }
  return false;
}
