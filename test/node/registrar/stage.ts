import { setImmediate as nextTurn } from 'node:timers/promises';
import { createNode } from '../../../src/node/registrar/create-node.ts';
import type { LifeState } from '../../../src/node/registrar/life-cycle.ts';
import type { CreateNodeOptions, McmpNode, NodeEvent, Tamper } from '../../../src/node/registrar/types.ts';
import { freeAfter } from '../../support/cleanup.ts';
import {
  type BalancerReaction,
  type BalancerRequest,
  type ScriptedBalancer,
  startScriptedBalancer,
} from '../../support/scripted-balancer.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A balancer that answers as told, closed when the test ends. */
export async function scripted(
  react: (request: BalancerRequest) => BalancerReaction | Promise<BalancerReaction> = () => ({}),
): Promise<ScriptedBalancer> {
  const peer = await startScriptedBalancer(react);
  freeAfter(() => peer.close());
  return peer;
}

export interface StagedNode {
  readonly node: McmpNode;
  readonly events: readonly NodeEvent[];
  readonly warnings: () => string[];
  /** State at the first balancer. */
  readonly state: () => LifeState | undefined;
  /** Resolves when the node waits for no answer. */
  isStill(): Promise<void>;
  /** Resolves when the first balancer is in that state. */
  reaches(state: LifeState): Promise<void>;
}

/** A node `n1` with one context, `/app`, and a connector that is not there. */
export function stagedNode(
  peers: readonly (string | { readonly url: string })[],
  options: Partial<CreateNodeOptions> = {},
): StagedNode {
  const events: NodeEvent[] = [];
  let begun = 0;
  const countsMessages: Tamper = {
    outgoing: (message) => {
      begun += 1;
      return [message];
    },
    pace: () => 'whole',
    leavesConnectionOpen: () => false,
    vanishes: () => false,
  };
  const node = createNode({
    route: 'n1',
    balancers: peers.map((peer) => (typeof peer === 'string' ? peer : peer.url)),
    contexts: ['/app'],
    connector: { host: '127.0.0.1', port: 8080 },
    drainPollMs: 5,
    onEvent: (event) => events.push(event),
    tamper: countsMessages,
    ...options,
  });
  freeAfter(() => node.abandon());
  const state = (): LifeState | undefined => node.registrations()[0]?.state;
  return {
    node,
    events,
    state,
    warnings: () => events.flatMap((event) => (event.kind === 'warning' ? [event.message] : [])),
    async isStill() {
      const giveUpAt = performance.now() + 8000;
      do {
        if (performance.now() > giveUpAt) throw new Error('the node does not come to rest');
        // After a turn everything has happened that needs no answer.
        await nextTurn();
      } while (begun !== events.filter(({ kind }) => kind === 'exchange').length);
    },
    reaches: (wanted) => waitFor(() => state() === wanted),
  };
}

/** Methods, targets and paths only: `ENABLE-APP /app`, `REMOVE-APP /*`. */
export function outline(requests: readonly BalancerRequest[]): string[] {
  return requests.map(({ method, target, body }) => {
    const context = /(?:^|&)Context=([^&]*)/.exec(body)?.[1];
    if (context !== undefined) return `${method} ${decodeURIComponent(context)}`;
    return target === '/*' ? `${method} /*` : method;
  });
}

export const MEM = { status: 500, headers: { Version: '0.2.1', Type: 'MEM', Mess: "MEM: Can't read node" } };
export const SYNTAX = {
  status: 500,
  headers: { Version: '0.2.1', Type: 'SYNTAX', Mess: 'SYNTAX: Domain field too big' },
};

export function statusAnswer(values: { readonly id?: string; readonly state?: string } = {}): BalancerReaction {
  return { body: `Type=STATUS-RSP&JVMRoute=n1&State=${values.state ?? 'OK'}&id=${values.id ?? '1'}\n` };
}

/** INFO as httpd prints it for node `n1`. */
export function infoOf(
  contexts: Readonly<Record<string, string>>,
  { aliases = ['localhost'], host = '127.0.0.1', port = 8080 } = {},
): string {
  const lines = [
    `Node: [1],Name: n1,Balancer: mycluster,LBGroup: ,Host: ${host},Port: ${port},Type: http,Flushpackets: Off,` +
      'Flushwait: 10,Ping: 10,Smax: -1,Ttl: 60,Elected: 0,Read: 0,Transfered: 0,Connected: 0,Load: 100',
    ...aliases.map((alias, index) => `Vhost: [1:1:${index}], Alias: ${alias}`),
    ...Object.entries(contexts).map(
      ([path, status], index) => `Context: [1:1:${index}], Context: ${path}, Status: ${status}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
