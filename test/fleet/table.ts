import { readInfo } from '../../src/core/mcmp/index.ts';
import type { TestBalancer } from '../support/balancer.ts';

/** The balancer's table: for each route its contexts with their status, sorted. */
export async function tableOf(balancer: TestBalancer): Promise<Map<string, string[]>> {
  const answer = await balancer.mcmp('INFO');
  const { info } = readInfo(answer.body);
  const routes = new Map(info.nodes.map(({ id, name }) => [id, name]));
  const table = new Map<string, string[]>([...routes.values()].map((route) => [route, []]));
  for (const { node, path, status } of info.contexts) table.get(routes.get(node) ?? '')?.push(`${path} ${status}`);
  for (const contexts of table.values()) contexts.sort();
  return table;
}
