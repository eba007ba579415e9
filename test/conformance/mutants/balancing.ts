import type { Mutant } from './mutant.ts';
import { QUICK } from './quick.ts';

/** Balancers that elect wrongly. */
export const BALANCING_MUTANTS: readonly Mutant[] = [
  {
    id: 'balancing/load-ignored',
    fault: 'The election looks at the requests alone.',
    direction: 'balancer',
    file: 'src/core/routing/contender.ts',
    find: 'return Math.floor((requests * 1000) / contender.load) + contender.lbStatus;',
    replace: 'return requests * 1000 + contender.lbStatus;',
    aims: ['balancing/by-load', 'balancing/low-load'],
  },
  {
    id: 'balancing/highest-slot',
    fault: 'On a tie the last row wins.',
    direction: 'balancer',
    file: 'src/core/routing/candidate-group.ts',
    find: '(difference === 0 && place.contender.slot < best.contender.slot)',
    replace: '(difference === 0 && place.contender.slot > best.contender.slot)',
    aims: ['balancing/first-by-id'],
  },
  {
    id: 'balancing/standby-is-active',
    fault: 'Load 0 counts as load 1.',
    direction: 'balancer',
    file: 'src/core/routing/registry.ts',
    find: 'contender.load = node.load;',
    replace: 'contender.load = Math.max(1, node.load);',
    aims: ['balancing/standby-waits'],
  },
  {
    id: 'balancing/no-standby',
    fault: 'A hot standby never serves.',
    direction: 'balancer',
    file: 'src/core/routing/choose.ts',
    find: 'return active(withDisabled) ?? standby(withDisabled) ??',
    replace: 'return active(withDisabled) ??',
    aims: ['balancing/standby-steps-in', 'balancing/only-standbys', 'routing/before-status'],
  },
  {
    id: 'balancing/broken-serves',
    fault: 'A node of load -1 is used as a hot standby of load 100.',
    direction: 'balancer',
    file: 'src/core/routing/registry.ts',
    find: 'contender.usable = isUsable(node);',
    replace: 'contender.usable = !node.inError && node.removedAtMs === 0; if (node.load < 0) contender.load = 100;',
    aims: ['balancing/broken-load'],
  },
  {
    id: 'balancing/past-is-kept',
    fault: 'Intervals never end: all requests since the start count.',
    direction: 'balancer',
    file: 'src/core/routing/contender.ts',
    find: '  contender.oldElected = contender.counters.elected;\n  return requests',
    replace: '  return requests',
    ...QUICK,
    aims: ['balancing/past-is-forgotten'],
  },
];
