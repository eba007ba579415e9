import type { BalancerCase } from '../trial.ts';
import { ROUTING_CASES } from './routing.ts';
import { STATUS_CASES } from './status.ts';

/** Every case of the balancer direction, in the order of the reference's checklist. */
export const BALANCER_CASES: readonly BalancerCase[] = [...STATUS_CASES, ...ROUTING_CASES];
