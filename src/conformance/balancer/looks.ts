import type { BalancerTrial, Fields, SendOptions } from './trial.ts';

/** What INFO says of the contexts of one node, in few words: for cases that compare it with what they expect. */

/** Statuses of all lines of a context of a node, joined; `no line` when it is not there. */
export async function statusInInfo(trial: BalancerTrial, route: string, context: string): Promise<string> {
  const lines = await trial.contextLines(route);
  const statuses = lines.filter(({ path }) => path === context).map(({ status }) => status);
  return statuses.length === 0 ? 'no line' : statuses.join(' and ');
}

/** `alias path STATUS` for each pair that a node has, sorted: the same whether aliases share a virtual host or not. */
export async function pairsInInfo(trial: BalancerTrial, route: string): Promise<string> {
  const lines = await trial.contextLines(route);
  const pairs = lines.flatMap(({ path, status, aliases }) => aliases.map((alias) => `${alias} ${path} ${status}`));
  return pairs.sort().join(', ');
}

/** The names under which a node has virtual hosts, each as often as there are `Vhost` lines of it; sorted. */
export async function aliasesInInfo(trial: BalancerTrial, route: string): Promise<readonly string[]> {
  const { nodes, vhosts } = await trial.info();
  const node = nodes.find(({ name }) => name === route);
  return vhosts
    .filter((vhost) => vhost.node === node?.id)
    .map(({ alias }) => alias)
    .sort();
}

/** The load that INFO shows for a node; `no line` when it is not there. */
export async function loadInInfo(trial: BalancerTrial, route: string): Promise<number | string> {
  return (await trial.nodeLine(route))?.load ?? 'no line';
}

/** Sends the same fields with each of the methods and judges every answer. */
export async function expectOfEach(
  trial: BalancerTrial,
  methods: readonly string[],
  expected: Parameters<BalancerTrial['expect']>[0],
  body: Fields,
  options: SendOptions = {},
): Promise<void> {
  for (const method of methods) await trial.expect(expected, method, body, options);
}
