import { APP_MUTANTS } from './app.ts';
import { DUMP_MUTANTS, INFO_MUTANTS } from './info.ts';
import type { Mutant } from './mutant.ts';
import { STATE_MUTANTS } from './state.ts';
import { PING_MUTANTS, STATUS_MUTANTS, VERSION_MUTANTS } from './status.ts';

/** Every mutant of the balancer, by topic. */
export const BALANCER_MUTANTS: readonly Mutant[] = [
  ...APP_MUTANTS,
  ...STATUS_MUTANTS,
  ...PING_MUTANTS,
  ...VERSION_MUTANTS,
  ...INFO_MUTANTS,
  ...DUMP_MUTANTS,
  ...STATE_MUTANTS,
];
