/**
 * The node side of MCMP (reference §9). `createNode` registers a server of this program, `startSidecar` an application that
 * runs elsewhere, `startFleet` and `startSimulatedNode` are nodes to test balancers with: each has an application of its own,
 * loads, and faults that can be switched.
 */
export { type Clock, systemClock } from './clock.ts';
export type { AjpConnectorOptions, CertificateAndKey } from './connector/types.ts';
export { createFaultBoard, type FaultBoardOptions } from './faults/board.ts';
export { parseFault } from './faults/grammar.ts';
export type { FaultName } from './faults/table.ts';
export type { ActiveFault, FaultBoard, FaultSpec, Strike } from './faults/types.ts';
export { openLoad } from './load/open-load.ts';
export { parseLoad } from './load/parse-load.ts';
export type { LoadMeter, LoadSpec, LoadSurroundings } from './load/types.ts';
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
export type { Health } from './sidecar/probe-verdict.ts';
export { type SidecarSurroundings, startSidecar } from './sidecar/sidecar.ts';
export { parseStatusRange, type StatusRange } from './sidecar/status-range.ts';
export type {
  ApplicationView,
  OnSick,
  ProbeSettings,
  Sidecar,
  SidecarEvent,
  SidecarOptions,
} from './sidecar/types.ts';
export type { UpstreamType } from './sidecar/upstream.ts';
export { type FleetHooks, type FleetOptions, type FleetProgress, startFleet } from './simulator/fleet.ts';
export type { NodeTls } from './simulator/node-tls.ts';
export { startSimulatedNode } from './simulator/simulated-node.ts';
export type { Fleet, NodeCondition, SimulatedNode, SimulatedNodeOptions } from './simulator/types.ts';
export type { Manners, Outgoing } from './wire/types.ts';
