import { APP_MUTANTS } from './app.ts';
import { CONFIG_MUTANTS } from './config.ts';
import { DUMP_MUTANTS, INFO_MUTANTS } from './info.ts';
import type { Mutant } from './mutant.ts';
import { STATE_MUTANTS } from './state.ts';
import { PING_MUTANTS, STATUS_MUTANTS, VERSION_MUTANTS } from './status.ts';
import { WIRE_MUTANTS } from './wire.ts';

/** Every mutant of the balancer, by topic. */
export const BALANCER_MUTANTS: readonly Mutant[] = [
  ...WIRE_MUTANTS,
  ...CONFIG_MUTANTS,
  ...APP_MUTANTS,
  ...STATUS_MUTANTS,
  ...PING_MUTANTS,
  ...VERSION_MUTANTS,
  ...INFO_MUTANTS,
  ...DUMP_MUTANTS,
  ...STATE_MUTANTS,
];
