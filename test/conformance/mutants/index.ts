import type { Mutant } from './mutant.ts';
import { STATUS_MUTANTS } from './status.ts';

/** Every mutant of the balancer, by topic. */
export const BALANCER_MUTANTS: readonly Mutant[] = [...STATUS_MUTANTS];
