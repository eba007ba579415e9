import { NotHere } from '../../verdict.ts';
import type { StagedBalancer } from '../balancer.ts';
import { type Reaction, reply } from '../reactions.ts';
import type { NodeRequest } from '../request.ts';
import { ofMethod, since } from '../sayings.ts';
import type { NodeStage, Registration, StagedNode } from '../stage.ts';
import { infoText, type ReportedNode } from '../tables.ts';

/** A context that no node has: one that was there in an earlier life. */
export const OLD_CONTEXT = '/cf-old';

/** A node that registers a second time, at a balancer whose INFO says something of it. */
export interface SecondRegistration {
  readonly balancer: StagedBalancer;
  readonly node: StagedNode;
  /** As the node was known before. */
  readonly before: Registration;
  /** The second INFO. */
  readonly info: NodeRequest;
  /** What the node said since. */
  news(): readonly NodeRequest[];
}

/**
 * Lets a node register, then makes its balancer forget it, so that it asks again with INFO, which is answered as the case says.
 * What was true of the node before is known then: its route, its names, its contexts.
 * @throws NotHere when it never sends INFO, or has no context
 */
export async function registerAgain(
  stage: NodeStage,
  answer: (own: ReportedNode) => Reaction,
): Promise<SecondRegistration> {
  const { balancer, node } = await stage.begin();
  const before = await stage.settled(balancer);
  if (ofMethod(before.requests, 'INFO').length === 0) throw new NotHere('the node does not ask for INFO');
  if (before.contexts.size === 0) throw new NotHere('the node has no context');
  const { route, aliases, contexts, config } = before;
  const own: ReportedNode = {
    ...{ route, aliases, contexts },
    host: config.get('Host') ?? 'localhost',
    port: config.get('Port') ?? '8009',
    type: config.get('Type') ?? 'ajp',
  };
  const last = balancer.requests.at(-1);
  balancer.on('INFO', answer(own), 1);
  balancer.forget();
  const info = await stage.until('INFO, after the balancer forgot the node', () =>
    ofMethod(since(balancer.requests, last), 'INFO').find(({ answeredAtMs }) => answeredAtMs !== undefined),
  );
  return { balancer, node, before, info, news: () => since(balancer.requests, info) };
}

/** INFO of a node, as a good answer. */
export function infoOf(...nodes: readonly ReportedNode[]): Reaction {
  return reply(200, infoText(nodes), { headers: [['Content-Type', 'text/plain']] });
}
