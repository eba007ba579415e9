/**
 * `mcmp` as a library: the core, the balancer, a node, a client for any MCMP balancer, and discovery by multicast.
 */
export {
  type BalancerDiscovery,
  type DiscoverHooks,
  type DiscoverOptions,
  discoverBalancers,
} from './advertise/index.ts';
export { type Balancer, type BalancerOptions, DEFAULT_OPTIONS, startBalancer } from './balancer/index.ts';
/** How a balancer treats a node; `NodeCondition` is how a simulated one is. */
export type { NodeCondition as ViewCondition } from './client/index.ts';
export * from './client/index.ts';
export * from './core/index.ts';
export type { NodeCondition } from './node/index.ts';
export * from './node/index.ts';
export { createLog, LOG_LEVELS, type Log, type LogFields, type LogLevel, type LogSettings } from './observe/index.ts';
