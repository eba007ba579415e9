import type { McmpNode } from '../../../src/node/registrar/types.ts';
import { changeContexts } from '../recorded-node.ts';
import { replay, type Surroundings } from './replay.ts';
import { ruledBalancers } from './ruled-balancer.ts';
import { type Situation, type Step, settingsOf } from './situation.ts';

/** How a node came through a situation, in what its users notice. */
export interface Outcome {
  /**
   * Seconds in which node and balancer were there and an application was not served: summed over the balancers, to tenths.
   */
  readonly unservedS: number;
  /** Seconds that each thing took which the node was told to do, to tenths. */
  readonly took: readonly (readonly [operation: string, s: number])[];
  /** What the balancers show of the node's contexts just before it is told to go: `/one ENABLED`. */
  readonly shows: readonly string[];
  /** Contexts that a balancer still shows when the node has gone. */
  readonly left: number;
}

/** Plays a situation to a node with balancers that answer for themselves. */
export async function outcomeOf(
  situation: Situation,
  start: (surroundings: Surroundings) => McmpNode,
): Promise<Outcome> {
  const ruled = ruledBalancers(situation);
  const wanted = new Map<string, boolean>();
  const present = new Array<boolean>(situation.balancers).fill(true);
  const orders: Step[] = [];
  let route = 'node1';
  let running = false;
  let lastMs = 0;
  let unservedMs = 0;
  let shows: readonly string[] = [];
  const isServed = ({ contexts, up }: { contexts: ReadonlyMap<string, string>; up: boolean }): boolean =>
    up && [...wanted].every(([path, started]) => !started || contexts.get(path) === 'ENABLED');
  const pass = (nowMs: number): void => {
    const rows = ruled.rows(route);
    const unserved = rows.filter((row, index) => present[index] === true && !isServed(row)).length;
    if (running) unservedMs += unserved * (nowMs - lastMs);
    lastMs = nowMs;
  };
  const follow = (step: Step): void => {
    pass(step.atMs);
    ruled.step(step);
    const [, order = ''] = /^node: (.+)$/.exec(step.text) ?? [];
    if (order.startsWith('started ')) {
      const settings = settingsOf(situation, order);
      route = settings.route;
      wanted.clear();
      for (const { path, wish } of settings.contexts) {
        const isExcluded = settings.excludedContexts.includes(path.slice(1));
        if (!isExcluded) wanted.set(path, wish === 'enabled');
      }
    } else if (order === 'ready') running = true;
    else if (order === 'killed') running = false;
    else if (order === 'exit') {
      running = false;
      shows = ruled.rows(route).flatMap(({ contexts }) => [...contexts].map(([path, status]) => `${path} ${status}`));
    }
    if (order !== '' && !/^(started|ready|killed|gone)/.test(order)) orders.push(step);
    changeContexts(wanted, step.text.replace(/^node: /, 'node: OK '));
    if (step.text.includes('its port refuses')) present[step.balancer - 1] = false;
    if (step.text === 'the balancer listens') present[step.balancer - 1] = true;
  };

  const { done } = await replay(situation, {
    start,
    onStep: follow,
    afterwardsMs: 60_000,
    react(balancer, request) {
      pass(request.atMs);
      return ruled.react(balancer, request);
    },
  });
  const tenths = (ms: number): number => Math.round(ms / 100) / 10;
  return {
    unservedS: tenths(unservedMs),
    took: orders.map(({ text, atMs }) => {
      const operation = text.slice('node: '.length);
      const end = done.find((one) => one.operation === operation && one.atMs >= atMs)?.atMs;
      return [operation, end === undefined ? Number.POSITIVE_INFINITY : tenths(end - atMs)];
    }),
    shows,
    left: ruled.rows(route).reduce((sum, { contexts }) => sum + contexts.size, 0),
  };
}
