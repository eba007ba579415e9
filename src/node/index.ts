/**
 * The node side of MCMP: a connector with an application behind it, and a registrar for each balancer (reference §9).
 */
export { type Clock, systemClock } from './clock.ts';
export type { LifeState } from './life-cycle.ts';
export { type NodeOptions, type RunningNode, startNode } from './node.ts';
export type { RegistrarEvent } from './registrar.ts';
