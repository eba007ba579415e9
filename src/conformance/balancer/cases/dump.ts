import { outcome, said } from '../../case.ts';
import { inAll, inHttpd } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { type BalancerTrial, balancerCase, WHOLE_NODE } from '../trial.ts';

const KINDS = ['balancer: [', 'node: [', 'host: ', 'context: '];
const NUMBER = '-?[0-9]+';

/** Id of a balancer in DUMP. */
async function balancerId(trial: BalancerTrial, name: string): Promise<number | undefined> {
  return (await trial.dump()).balancers.find((balancer) => balancer.name === name)?.id;
}

/** A name for a balancer of one node, which no other case uses. */
const ownBalancer = (trial: BalancerTrial): string => `cfo${trial.domain()}`;

/** DUMP as text (reference §2.6, checklist §11.6). */
export const DUMP_CASES = [
  balancerCase({
    id: 'dump/lines',
    requirement: 'DUMP has a line for each balancer, node, alias and context, in this order.',
    level: 'should',
    lines: ['MCMP-DUMP-01'],
    spec: '2.6',
    expected: inAll(said('balancer:, node:, host: and context: lines in the grammar of the reference')),
    async run(trial) {
      const alias = trial.alias();
      const { route, context } = await trial.node({ alias });
      const { body } = await trial.must('DUMP');
      demand(body.endsWith('\n'), 'LF behind every line', () => `the end ${JSON.stringify(body.slice(-80))}`);
      const lines = body.split('\n').slice(0, -1);
      const kinds = lines.map((line) => KINDS.findIndex((kind) => line.startsWith(kind)));
      const isSorted = kinds.every((kind, index) => kind >= Math.max(0, kinds[index - 1] ?? 0));
      demand(isSorted, 'balancer: lines, then node:, host: and context: lines', () => body);
      const grammar: readonly (readonly [string, string])[] = [
        [
          'balancer',
          `balancer: \\[[0-9]+\\] Name: ${trial.balancer} Sticky: [01] \\[[^\\]]*\\]/\\[[^\\]]*\\] remove: [01] force: [01] Timeout: ${NUMBER} maxAttempts: ${NUMBER}`,
        ],
        [
          'node',
          `node: \\[[0-9]+:[0-9]+\\],Balancer: ${trial.balancer},JVMRoute: ${route},LBGroup: \\[\\],Host: [^,]*,Port: [0-9]+,Type: [a-z]+,` +
            `flushpackets: [012],flushwait: ${NUMBER},ping: ${NUMBER},smax: ${NUMBER},ttl: ${NUMBER},timeout: ${NUMBER}`,
        ],
        ['host', `host: [0-9]+ \\[${alias}\\] vhost: [0-9]+ node: [0-9]+`],
        ['context', `context: [0-9]+ \\[${context}\\] vhost: [0-9]+ node: [0-9]+ status: [123]`],
      ];
      for (const [kind, pattern] of grammar) {
        const found = lines.filter((line) => new RegExp(`^${pattern}$`).test(line));
        demand(found.length === 1, `one ${kind} line like ${pattern}`, () => `${found.length} of them in\n${body}`);
      }
    },
  }),
  balancerCase({
    id: 'dump/status-numbers',
    requirement: 'The status of a context in DUMP is 1 for ENABLED, 2 for DISABLED, 3 for STOPPED.',
    level: 'should',
    lines: ['MCMP-DUMP-02'],
    spec: '2.6',
    expected: inAll(said('1, 2 and 3')),
    async run(trial) {
      const { route, context, alias } = await trial.node();
      const fields = { JVMRoute: route, Alias: alias, Context: context };
      for (const [method, number] of [
        ['ENABLE-APP', 1],
        ['DISABLE-APP', 2],
        ['STOP-APP', 3],
      ] as const) {
        await trial.must(method, fields);
        const { body } = await trial.must('DUMP');
        const [, status] = new RegExp(` \\[${context}\\] .* status: (.*)\\n`).exec(body) ?? [];
        demandEqual(`status in DUMP after ${method}`, status ?? 'no line', String(number));
      }
    },
  }),
  balancerCase({
    id: 'dump/balancer-goes-with-its-last-node',
    requirement: 'A balancer leaves DUMP with its last node.',
    level: 'may',
    lines: ['MCMP-DUMP-03'],
    spec: '3.1',
    expected: { undertow: said('no balancer line right after the node was removed') },
    async run(trial) {
      const name = ownBalancer(trial);
      const { route } = await trial.node({ config: { Balancer: name } });
      demand((await balancerId(trial, name)) !== undefined, 'a balancer line while the node is there', 'none');
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      const id = await balancerId(trial, name);
      demand(id === undefined, 'no balancer line', `the balancer [${id}] ${name}`);
    },
  }),
  balancerCase({
    id: 'dump/balancer-outlives-its-nodes',
    requirement: 'A balancer stays in DUMP when its last node is gone.',
    level: 'may',
    lines: ['MCMP-DUMP-03'],
    spec: '3.1',
    needs: ['patience'],
    deadlineMs: 60_000,
    expected: {
      mcmp: said('its line stays when the line of the node is gone'),
      ...inHttpd(said('its line stays when the line of the node is gone')),
    },
    async run(trial) {
      const name = ownBalancer(trial);
      const { route } = await trial.node({ config: { Balancer: name } });
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      await trial.until(
        'no Node line of the removed node',
        async () => (await trial.nodeLine(route)) === undefined,
        45_000,
      );
      demand((await balancerId(trial, name)) !== undefined, 'a balancer line', 'none');
    },
  }),
  balancerCase({
    id: 'dump/balancer-id',
    requirement: 'The id of a balancer in DUMP when a second node joins it.',
    level: 'may',
    lines: ['MCMP-DUMP-05'],
    spec: '3.2',
    expected: {
      ...inAll(outcome('it stays', (before: number, after: number) => after === before)),
      undertow: outcome('it increases', (before: number, after: number) => after > before),
    },
    async run(trial, { words, value }) {
      await trial.node({ contexts: [] });
      const before = (await balancerId(trial, trial.balancer)) ?? -1;
      await trial.node({ contexts: [] });
      const after = (await balancerId(trial, trial.balancer)) ?? -1;
      demand(before >= 0 && value(before, after), words, `[${before}], then [${after}]`);
    },
  }),
  balancerCase({
    id: 'dump/timeout',
    requirement: 'The Timeout of CONFIG stands at the end of the node line in DUMP.',
    level: 'may',
    lines: ['MCMP-DUMP-06'],
    spec: '2.6',
    expected: inAll(said('timeout: 7')),
    async run(trial) {
      const { route } = await trial.node({ contexts: [], config: { Timeout: 7 } });
      const { body } = await trial.must('DUMP');
      const line = body.split('\n').find((one) => one.includes(`,JVMRoute: ${route},`)) ?? 'no line';
      demand(line.endsWith(',timeout: 7'), 'a node line that ends with `,timeout: 7`', line);
    },
  }),
];
