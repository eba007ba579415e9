import { Deviation, demand } from '../verdict.ts';
import { SERVED_BY } from './backend.ts';
import type { BalancerTrial, TrialNode, WebAnswer } from './trial.ts';

/** A web answer in one line. */
export function webWords({ status, servedBy, body }: Pick<WebAnswer, 'status' | 'servedBy' | 'body'>): string {
  const who = servedBy === '' ? 'from none of the nodes' : `from ${servedBy}`;
  return `${status} ${who}, with the body ${JSON.stringify(body.length > 200 ? `${body.slice(0, 200)}…` : body)}`;
}

/** @throws Deviation `fail` unless this node answered, with 200 */
export function demandServed(answer: WebAnswer, node: Pick<TrialNode, 'route'>): void {
  const served = answer.status === 200 && answer.servedBy === node.route;
  demand(served, `200 from ${node.route}`, () => webWords(answer));
}

/**
 * The balancer itself refuses: no node of the case answers.
 * @throws Deviation `fail`, or `wrong-code` when it was refused with another status
 */
export function demandRefused(answer: WebAnswer, ...statuses: readonly number[]): void {
  if (answer.servedBy === '' && statuses.includes(answer.status)) return;
  const verdict = answer.servedBy === '' && answer.status >= 400 ? 'wrong-code' : 'fail';
  throw new Deviation(verdict, `${statuses.join(' or ')} from the balancer`, webWords(answer));
}

/**
 * No context matches: 404. On a balancer in use an application in the root context may take what nobody else has.
 * @throws Deviation `fail`, or `wrong-code` when it was refused with another status
 */
export async function demandUnrouted(trial: BalancerTrial, answer: WebAnswer): Promise<void> {
  if (answer.servedBy === '' && answer.status === 404) return;
  if (answer.servedBy === '' && (await trial.info()).contexts.some(({ path }) => path === '/')) return;
  demandRefused(answer, 404);
}

/** Who answered how many of several equal requests: routes, and `status 503` for answers that were not 200. */
export type Tally = ReadonlyMap<string, number>;

/**
 * Sends GET again and again, one request after the other, over as few connections as the balancer allows.
 * @param headers further header lines
 */
export async function tally(
  trial: BalancerTrial,
  path: string,
  times: number,
  headers: readonly (readonly [string, string])[] = [],
): Promise<Tally> {
  const counts = new Map<string, number>();
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  let connection = await trial.openTraffic();
  for (let sent = 1; sent <= times; sent++) {
    connection.write(`GET ${path} HTTP/1.1\r\nHost: ${trial.webHost}\r\n${lines}\r\n`);
    const answer = await connection.answer('GET');
    const who = answer.status === 200 ? servedByOf(answer) : `status ${answer.status}`;
    counts.set(who, (counts.get(who) ?? 0) + 1);
    if (answer.keepAlive) continue;
    connection.close();
    if (sent < times) connection = await trial.openTraffic();
  }
  connection.close();
  return counts;
}

/** @throws Deviation `fail` unless all were answered by this one node */
export function demandOnly(counts: Tally, node: Pick<TrialNode, 'route'>): void {
  const only = counts.size === 1 && counts.has(node.route);
  demand(only, `all answered by ${node.route}`, () => tallyWords(counts));
}

/** @throws Deviation `fail` unless all were answered with 200, and each of these nodes had at least one */
export function demandShared(counts: Tally, nodes: readonly Pick<TrialNode, 'route'>[]): void {
  const routes = nodes.map(({ route }) => route);
  const shared = counts.size === routes.length && routes.every((route) => counts.has(route));
  demand(shared, `shared among ${routes.join(' and ')}`, () => tallyWords(counts));
}

/** @throws Deviation `fail`, or `wrong-code` when all were refused with another status */
export function demandAllRefused(counts: Tally, status: number): void {
  if (counts.size === 1 && counts.has(`status ${status}`)) return;
  const refused = [...counts.keys()].every((who) => /^status [45]/.test(who));
  throw new Deviation(refused ? 'wrong-code' : 'fail', `all refused with ${status}`, tallyWords(counts));
}

/** Such as `3 by node-a, 2 with status 503`. */
export function tallyWords(counts: Tally): string {
  return [...counts]
    .map(
      ([who, count]) =>
        `${count} ${who.startsWith('status ') ? 'with' : 'by'} ${who === '' ? 'none of the nodes' : who}`,
    )
    .join(', ');
}

function servedByOf({ headers }: Pick<WebAnswer, 'headers'>): string {
  return headers.get(SERVED_BY.toLowerCase()) ?? '';
}
