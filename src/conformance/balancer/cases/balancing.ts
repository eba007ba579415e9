import { outcome, said } from '../../case.ts';
import { inHttpd, inHU, type JudgedDialect } from '../../dialects.ts';
import { demand } from '../../verdict.ts';
import { breakNode, sessionCase, sessionCookie, sessionOf, twoNodes } from '../situations.ts';
import { type BalancerTrial, balancerCase, type TrialNode } from '../trial.ts';
import { demandOnly, demandShared, type Tally, tally, tallyWords } from '../web-demands.ts';

/** How load decides who is elected (reference §4.6, checklist §11.9). */

/** The recalculation interval of each dialect as it comes, and room for one that is late. */
const TWO_INTERVALS_MS: Readonly<Record<JudgedDialect, number>> = {
  mcmp: 12_000,
  'httpd-2': 12_000,
  'httpd-1.3': 12_000,
  undertow: 24_000,
  nginx: 12_000,
};
const TWO_QUICK_INTERVALS_MS = 3_000;

/** Waits while nothing is asked of a balancer: two recalculation intervals, as it is configured. */
async function beSilent(trial: BalancerTrial, dialect: JudgedDialect): Promise<void> {
  const silenceMs = trial.features.has('quick-health') ? TWO_QUICK_INTERVALS_MS : TWO_INTERVALS_MS[dialect];
  const since = performance.now();
  await trial.until('two recalculation intervals without requests', async () => performance.now() - since > silenceMs);
}

const countOf = (counts: Tally, node: TrialNode): number => counts.get(node.route) ?? 0;

/** Session ids that differ in the sum of their bytes and in Java's hash code. */
const SESSION_IDS = ['a', 'b', 'c', 'd', 'ab', 'ac', 'zz', '0F'];

/** Of each session whose node cannot serve: the node that serves it, which has to be the same each time. */
async function whoServes(
  trial: BalancerTrial,
): Promise<{ routes: readonly string[]; served: ReadonlyMap<string, string> }> {
  const config = { StickySessionForce: 'No' };
  const [one, broken] = await twoNodes(trial, config);
  const other = await trial.node({ contexts: [one.context], config });
  await breakNode(trial, broken);
  const served = new Map<string, string>();
  for (const id of SESSION_IDS) {
    const counts = await tally(trial, one.context, 4, sessionCookie(sessionOf(broken, id)));
    const [route = ''] = counts.keys();
    const isOne = counts.size === 1 && [one.route, other.route].includes(route);
    demand(isOne, `session ${id}: always the same one of the two that are left`, () => tallyWords(counts));
    served.set(id, route);
  }
  return { routes: [one.route, other.route].toSorted(), served };
}

/** Java's `String.hashCode`. */
function javaHashCode(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

/** @throws Deviation `fail` unless each session is served by the route of its number, modulo the count of routes */
function demandIndexed(
  { routes, served }: Awaited<ReturnType<typeof whoServes>>,
  numberOf: (id: string) => number,
): void {
  for (const [id, route] of served) {
    const expected = routes[numberOf(id) % routes.length] ?? '';
    demand(route === expected, `session ${id}: served by ${expected}`, `served by ${route}`);
  }
}

export const BALANCING_CASES = [
  balancerCase({
    id: 'balancing/by-load',
    requirement: 'A node of load 100 gets about twice as many requests as one of load 50.',
    level: 'should',
    lines: ['MCMP-LB-01'],
    spec: '4.6',
    needs: ['traffic'],
    // Hundreds of requests, on a machine that may be busy.
    deadlineMs: 30_000,
    expected: inHU(said('between 1.7 and 2.3 times as many of 300 requests')),
    async run(trial) {
      const one = await trial.node({ load: 100 });
      const other = await trial.node({ contexts: [one.context], load: 50 });
      const counts = await tally(trial, one.context, 300);
      demandShared(counts, [one, other]);
      const ratio = countOf(counts, one) / countOf(counts, other);
      demand(ratio >= 1.7 && ratio <= 2.3, '1.7 to 2.3 times as many', `${ratio.toFixed(2)}: ${tallyWords(counts)}`);
    },
  }),
  balancerCase({
    id: 'balancing/first-by-id',
    requirement: 'Of nodes of equal load that had no requests yet the one with the lowest id in INFO gets the first.',
    level: 'may',
    lines: ['MCMP-LB-02'],
    spec: '4.6',
    needs: ['traffic'],
    expected: { mcmp: said('the node with the lowest id'), ...inHttpd(said('the node with the lowest id')) },
    async run(trial) {
      const one = await trial.node();
      const nodes = [one];
      for (let i = 0; i < 3; i++) nodes.push(await trial.node({ contexts: [one.context] }));
      const { nodes: lines } = await trial.info();
      const [lowest] = lines
        .filter(({ name }) => nodes.some(({ route }) => route === name))
        .toSorted((a, b) => a.id - b.id);
      demandOnly(await tally(trial, one.context, 1), { route: lowest?.name ?? 'a node in INFO' });
    },
  }),
  balancerCase({
    id: 'balancing/standby-waits',
    requirement: 'A node of load 0 gets no requests without a session while another one can serve.',
    level: 'should',
    lines: ['MCMP-LB-03'],
    spec: '4.6',
    needs: ['traffic'],
    expected: inHU(said('all from the node of load 1')),
    async run(trial) {
      const standby = await trial.node({ load: 0 });
      const active = await trial.node({ contexts: [standby.context], load: 1 });
      demandOnly(await tally(trial, active.context, 10), active);
    },
  }),
  balancerCase({
    id: 'balancing/standby-steps-in',
    requirement: 'A node of load 0 serves when all others are in error.',
    level: 'should',
    lines: ['MCMP-LB-04'],
    spec: '4.6',
    needs: ['traffic'],
    expected: inHU(said('all from the node of load 0')),
    async run(trial) {
      const active = await trial.node();
      const standby = await trial.node({ contexts: [active.context], load: 0 });
      await breakNode(trial, active);
      demandOnly(await tally(trial, active.context, 4), standby);
    },
  }),
  balancerCase({
    id: 'balancing/only-standbys',
    requirement: 'When all nodes have load 0, requests are served all the same.',
    level: 'should',
    lines: ['MCMP-LB-05'],
    spec: '4.6',
    needs: ['traffic'],
    expected: inHU(said('200 from the nodes')),
    async run(trial) {
      const nodes = [await trial.node({ load: 0 })];
      nodes.push(await trial.node({ contexts: [nodes[0]?.context ?? ''], load: 0 }));
      const counts = await tally(trial, nodes[0]?.context ?? '', 6);
      const served = [...counts.keys()].every((who) => nodes.some(({ route }) => route === who));
      demand(served, 'all served by the two nodes', () => tallyWords(counts));
    },
  }),
  balancerCase({
    id: 'balancing/broken-load',
    requirement: 'A node that reports load -1 gets no requests.',
    level: 'should',
    lines: ['MCMP-LB-06'],
    spec: '4.6',
    needs: ['traffic'],
    expected: inHU(said('all from the other node')),
    async run(trial) {
      const broken = await trial.node({ load: 100 });
      const other = await trial.node({ contexts: [broken.context] });
      await trial.must('STATUS', { JVMRoute: broken.route, Load: -1 });
      demandOnly(await tally(trial, other.context, 10), other);
    },
  }),
  balancerCase({
    id: 'balancing/low-load',
    requirement: 'A node of load 100 gets more than twenty times as many requests as one of load 1.',
    level: 'should',
    lines: ['MCMP-LB-07'],
    spec: '4.6',
    needs: ['traffic'],
    // Hundreds of requests, on a machine that may be busy.
    deadlineMs: 30_000,
    expected: inHU(said('more than 20 times as many of 200 requests')),
    async run(trial) {
      const low = await trial.node({ load: 1 });
      const high = await trial.node({ contexts: [low.context], load: 100 });
      const counts = await tally(trial, low.context, 200);
      const served = [...counts.keys()].every((who) => who === low.route || who === high.route);
      const enough = countOf(counts, high) > 20 * countOf(counts, low);
      demand(served && enough, `more than 20 times as many by ${high.route}`, () => tallyWords(counts));
    },
  }),
  balancerCase({
    id: 'balancing/past-is-forgotten',
    requirement: 'After two recalculation intervals without requests the past does not matter any more.',
    level: 'should',
    lines: ['MCMP-LB-08'],
    spec: '4.6',
    needs: ['traffic', 'patience'],
    deadlineMs: 60_000,
    expected: inHU(said('of ten requests five for each node')),
    async run(trial, _expected, dialect) {
      const [one, other] = await twoNodes(trial);
      demandOnly(await tally(trial, one.context, 40, sessionCookie(sessionOf(one))), one);
      await beSilent(trial, dialect);
      const counts = await tally(trial, one.context, 10);
      demandShared(counts, [one, other]);
      demand(Math.abs(countOf(counts, one) - 5) <= 1, 'five for each node', () => tallyWords(counts));
    },
  }),
  sessionCase({
    id: 'balancing/deterministic-sums',
    requirement:
      'With DeterministicFailover a session whose node cannot serve goes to the node that its bytes add up to.',
    level: 'may',
    lines: ['MCMP-LB-09'],
    spec: '4.6',
    needs: ['traffic', 'deterministic-failover'],
    expected: inHttpd(outcome('the sum of the bytes, modulo the routes in order', 0)),
    async run(trial) {
      demandIndexed(await whoServes(trial), (id) =>
        [...Buffer.from(id, 'latin1')].reduce((sum, byte) => sum + byte, 0),
      );
    },
  }),
  sessionCase({
    id: 'balancing/deterministic-hash',
    requirement: 'With deterministicFailover a session whose node cannot serve goes to the node of its hash code.',
    level: 'may',
    lines: ['MCMP-LB-10'],
    spec: '4.6',
    needs: ['traffic', 'deterministic-failover'],
    expected: { undertow: outcome("Java's String.hashCode, modulo the routes in order", 0) },
    async run(trial) {
      demandIndexed(await whoServes(trial), (id) => Math.abs(javaHashCode(id)));
    },
  }),
];
