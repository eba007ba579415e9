/**
 * The node side of MCMP: a connector with an application behind it, and a registrar for each balancer (reference §9).
 */
export { type Clock, systemClock } from './clock.ts';
export type { LifeState } from './registrar/life-cycle.ts';
export type { RegistrarEvent } from './registrar/registrar.ts';
export { type NodeOptions, type RunningNode, startNode } from './simulator/start-node.ts';
