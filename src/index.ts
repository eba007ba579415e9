/**
 * `mcmp` as a library: everything of the core, the balancer, and a client for any MCMP balancer.
 */
export { type Balancer, type BalancerOptions, startBalancer } from './balancer/index.ts';
export * from './core/index.ts';
export { LOG_LEVELS, type Log, type LogFields, type LogLevel } from './observe/types.ts';
