import { textOf } from '../../core/mcmp/bytes.ts';
import type { NodeEvent } from '../registrar/types.ts';
import type { Health } from '../sidecar/probe-verdict.ts';
import type { Telling } from './change-lines.ts';
import { createChangeTracker } from './changes.ts';
import type { NodeCondition } from './types.ts';

/** What happens with a fleet, boiled down to what is worth telling. */
export interface Teller {
  event(route: string, event: NodeEvent): void;
  condition(route: string, to: NodeCondition): void;
  health(route: string, event: { readonly from: Health; readonly to: Health; readonly reason: string }): void;
  /** Tells now what is still being gathered. */
  flush(): void;
}

export interface TellerOptions {
  readonly tell: (tellings: readonly Telling[]) => void;
  /** How long tellings are gathered before they are told together; 0: each at once. */
  readonly gatherMs: number;
  /** Called once for each sentence of a balancer's linter. */
  readonly warn: (route: string, balancer: string, message: string) => void;
}

/** Sentences that are remembered as said; a fleet would say each a thousand times. */
const MAX_WARNINGS = 200;

export function createTeller({ tell, gatherMs, warn }: TellerOptions): Teller {
  const tracker = createChangeTracker();
  const toldCondition = new Map<string, NodeCondition>();
  const warned = new Set<string>();
  let gathered: Telling[] = [];
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const tellings = gathered;
    gathered = [];
    if (tellings.length > 0) tell(tellings);
  };
  const add = (telling: Telling): void => {
    gathered.push(telling);
    if (gatherMs === 0) flush();
    else timer ??= setTimeout(flush, gatherMs);
  };

  return {
    event(route, event) {
      if (event.kind === 'life') {
        // A node that was killed tells nobody that it is gone.
        if (toldCondition.get(route) === 'killed') return;
        const change = tracker.see(route, event);
        if (change !== undefined) add({ ...change, reason: textOf(change.reason) });
      } else if (event.kind === 'reported') {
        // A first OK is no news: the node is told to be registered.
        if (event.from !== 'NOTOK' && event.to !== 'NOTOK') return;
        const reason = `the balancer says State=${textOf(event.to)}`;
        add({ route, balancer: event.balancer, from: 'registered', to: 'registered', reason });
      } else if (event.kind === 'warning') {
        // Route and address make the same sentence another one for each node.
        const sentence = `${event.balancer} ${event.message.replaceAll(route, '').replace(/[0-9]+/g, '0')}`;
        if (warned.has(sentence) || warned.size >= MAX_WARNINGS) return;
        warned.add(sentence);
        warn(route, event.balancer, textOf(event.message));
      }
    },
    condition(route, to) {
      if (to === 'starting') {
        tracker.forget(route);
      }
      // Goodbyes are told by the registrations, and a start by its success.
      if (to === 'starting' || to === 'leaving') return;
      const from = toldCondition.get(route);
      toldCondition.set(route, to);
      if (from !== undefined && from !== to) add({ route, balancer: null, from, to, reason: '' });
    },
    health(route, { from, to, reason }) {
      add({ route, balancer: null, from, to, reason });
    },
    flush,
  };
}
