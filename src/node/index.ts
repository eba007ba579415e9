/**
 * The node side of MCMP: a connector with an application behind it, and a registrar for each balancer (reference §9).
 */
export { type Clock, systemClock } from './clock.ts';
export { createFaultBoard, type FaultBoardOptions } from './faults/board.ts';
export { parseFault } from './faults/grammar.ts';
export type { FaultBoard, FaultSpec } from './faults/types.ts';
export { openLoad } from './load/open-load.ts';
export { parseLoad } from './load/parse-load.ts';
export type { LoadMeter, LoadSpec } from './load/types.ts';
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
export { type FleetHooks, type FleetOptions, startFleet } from './simulator/fleet.ts';
export { startSimulatedNode } from './simulator/simulated-node.ts';
export type { Fleet, NodeCondition, SimulatedNode, SimulatedNodeOptions } from './simulator/types.ts';
export type { Manners, Outgoing } from './wire/types.ts';
