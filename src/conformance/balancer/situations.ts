import type { CaseSpec, Expectation } from '../case.ts';
import { NotHere } from '../verdict.ts';
import type { BackendOptions } from './backend.ts';
import { type BalancerCase, type BalancerTrial, balancerCase, type NodeOptions, type TrialNode } from './trial.ts';

/**
 * A case about sessions. Undertow looks for the session of a request with the settings of each of its balancers (cookie,
 * force), whichever has the context: measured on 2.3.27. So these cases run alone, and not beside balancers of others there.
 */
export function sessionCase<E extends Expectation>(spec: CaseSpec<BalancerTrial, E>): BalancerCase {
  return balancerCase({
    ...spec,
    isolated: false,
    async run(trial, expected, dialect) {
      if (dialect === 'undertow') {
        const other = (await trial.dump()).balancers.find(({ name }) => name !== trial.balancer);
        if (other !== undefined) throw new NotHere('the sessions of other balancers would be followed as well');
      }
      await spec.run(trial, expected, dialect);
    },
  });
}

/** Names a node's session with a route, as application servers do. */
export function sessionOf(node: Pick<TrialNode, 'route'>, id = 'abc'): string {
  return `${id}.${node.route}`;
}

/** A Cookie header with the default session cookie. */
export function sessionCookie(value: string): readonly [readonly [string, string]] {
  return [['Cookie', `JSESSIONID=${value}`]];
}

/**
 * Two nodes that serve one context with equal load.
 * @param config further fields of CONFIG of both
 * @param first of the first node alone
 */
export async function twoNodes(
  trial: BalancerTrial,
  config: Readonly<Record<string, string | number>> = {},
  first: NodeOptions = {},
): Promise<readonly [TrialNode, TrialNode]> {
  const one = await trial.node({ ...first, config: { ...config, ...first.config } });
  return [one, await trial.node({ contexts: [one.context], config })];
}

/** Sends ENABLE-APP, DISABLE-APP, STOP-APP or REMOVE-APP for a context of a node; default its first. */
export async function tellContext(
  trial: BalancerTrial,
  command: 'ENABLE-APP' | 'DISABLE-APP' | 'STOP-APP' | 'REMOVE-APP',
  node: TrialNode,
  context: string = node.context,
): Promise<void> {
  await trial.must(command, { JVMRoute: node.route, Alias: node.alias, Context: context });
}

/**
 * Stops the server behind a node and lets the balancer find out: it pings the node for a STATUS (reference §5.3). What the
 * STATUS is answered is not looked at here: other cases do.
 */
export async function breakNode(trial: BalancerTrial, node: TrialNode): Promise<void> {
  await node.backend.kill();
  await trial.must('STATUS', { JVMRoute: node.route, Load: 100 });
}

/** A backend that reads each request to its end and then closes the connection without an answer; it answers pings. */
export const CLOSES_AFTER_REQUEST: BackendOptions = {
  answer(request) {
    request.resume();
    request.once('end', () => request.socket.destroy());
  },
};
