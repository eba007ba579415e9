/**
 * The node side of MCMP: a connector with an application behind it, and a registrar for each balancer (reference §9).
 */
export { type Clock, systemClock } from './clock.ts';
export { createNode } from './registrar/create-node.ts';
export type { LifeState } from './registrar/life-cycle.ts';
export type {
  ConfigParameters,
  ConnectorAddress,
  ContextOptions,
  ContextWish,
  CreateNodeOptions,
  LoadSource,
  McmpNode,
  NodeContextView,
  NodeEvent,
  Registration,
  Tamper,
} from './registrar/types.ts';
export { type NodeOptions, type RegistrarEvent, type RunningNode, startNode } from './simulator/start-node.ts';
export type { Manners, Outgoing } from './wire/types.ts';
