import type { Mutant } from './mutant.ts';

/** Faults in how STATUS is carried out. */
export const STATUS_MUTANTS: readonly Mutant[] = [
  {
    id: 'status/unknown-route-is-well',
    fault: 'answers State=NOTOK to the STATUS of a route that it does not know',
    direction: 'balancer',
    file: 'src/core/cluster/apply.ts',
    find: "if (node === undefined) return refusal('unknown-route', dialect, { R: command.route });\n  if (node.removedAtMs",
    replace:
      'if (node === undefined) return statusReply(state.settings, command.route, false);\n  if (node.removedAtMs',
    aims: ['status/unknown-route'],
  },
  {
    id: 'status/load-shown-one-less',
    fault: 'shows every load one less than it was told',
    direction: 'balancer',
    file: 'src/core/cluster/views.ts',
    find: 'infoShowsError && node.inError ? -1 : load',
    replace: 'infoShowsError && node.inError ? -1 : load - 1',
    aims: ['status/load-shown', 'status/load-out-of-range'],
  },
];
