/**
 * The core as a library: the protocol, the cluster machine, and routing. Nothing here opens a socket, reads a file or looks
 * at a clock.
 */
export { type Address, canonicalHost, formatAddress, isLoopbackHost, parseAddress } from './address.ts';
export * from './advertise/index.ts';
export * from './cluster/index.ts';
export { McmpError, UsageError } from './errors.ts';
export * from './mcmp/index.ts';
export * from './routing/index.ts';
