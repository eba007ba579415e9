/**
 * What a drain does at one balancer, and how that can end.
 * - `disabling`, `stopping`, `removing`: the command goes out. `waiting`: DISABLED, requests and sessions come to their end.
 *   `finishing`: STOPPED, the last requests come to their end.
 * - `drained`: as far as can be known there. `left`: what was drained has gone by itself.
 * - `interfered`: somebody enabled it again. `refused`: the balancer did not take a command. `unreachable`: it fell silent,
 *   or never answered. `timed-out`. `given-up`: the drain was told to end, or ended elsewhere.
 * - `not-there`: this balancer knows nothing of what is drained.
 */
export type DrainState = keyof typeof DRAIN_STEPS;

/**
 * What can happen to it.
 * - `answered`: the command was taken. `clear`: nothing is left to wait for. `gone`: the balancer knows it no more.
 */
export type DrainTrigger =
  | 'answered'
  | 'clear'
  | 'gone'
  | 'enabled-again'
  | 'refused'
  | 'silent'
  | 'time-over'
  | 'told-to-end';

/** What can end any state that is not an end itself. */
const ENDS = {
  gone: 'left',
  'enabled-again': 'interfered',
  refused: 'refused',
  silent: 'unreachable',
  'time-over': 'timed-out',
  'told-to-end': 'given-up',
} as const;

/** The drain at one balancer, as a table. A pair that is missing changes nothing. */
export const DRAIN_STEPS = {
  disabling: { answered: 'waiting', ...ENDS },
  waiting: { clear: 'stopping', ...ENDS },
  stopping: { answered: 'finishing', ...ENDS },
  finishing: { clear: 'removing', ...ENDS },
  // Without `--remove` there is nothing to send, and it is answered at once.
  removing: { answered: 'drained', ...ENDS },
  drained: {},
  left: {},
  interfered: {},
  refused: {},
  unreachable: {},
  'timed-out': {},
  'given-up': {},
  'not-there': {},
} as const satisfies Record<string, Partial<Record<DrainTrigger, string>>>;

export function nextState(state: DrainState, trigger: DrainTrigger): DrainState {
  const steps: Partial<Record<DrainTrigger, DrainState>> = DRAIN_STEPS[state];
  return steps[trigger] ?? state;
}

/** Whether nothing happens any more. */
export function isOver(state: DrainState): boolean {
  return Object.keys(DRAIN_STEPS[state]).length === 0;
}

/** For people, after the name of the balancer. */
export const STATE_WORDS: Readonly<Record<DrainState, string>> = {
  disabling: 'disabling',
  waiting: 'disabled, waiting',
  stopping: 'stopping',
  finishing: 'stopped, waiting for the last requests',
  removing: 'removing',
  drained: 'drained',
  left: 'drained: it has left by itself',
  interfered: 'somebody enabled it again',
  refused: 'refused',
  unreachable: 'not reachable',
  'timed-out': 'timed out',
  'given-up': 'given up',
  'not-there': 'does not know it',
};
