import type { Mutant } from './mutant.ts';

/** Flags of a balancer whose health checks come quickly, and what is said of it. */
export const QUICK: Required<Pick<Mutant, 'flags' | 'features'>> = {
  flags: [
    ...['--ping-interval', '200ms', '--recalc-interval', '500ms'],
    ...['--broken-node-timeout', '1500ms', '--wait-before-remove', '500ms'],
  ],
  features: [
    ['quick-health', ''],
    ['patience', ''],
  ],
};
