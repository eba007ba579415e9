import { withoutBrackets } from '../core/address.ts';
import type { NodeRecord } from '../core/cluster/records.ts';
import type { ConnectionTarget } from './socket-wire.ts';

/** Which nodes requests can be carried to, and where those listen. */

/** Types of CONFIG that the exchange speaks; an upgrade makes a ws node of any http node. */
const SERVED_TYPES: ReadonlySet<string> = new Set(['http', 'ws']);

/** Whether this balancer can carry requests to such a node. Others register and are shown, but are in error. */
export function isServed(node: NodeRecord): boolean {
  return SERVED_TYPES.has(node.type) && isPort(Number(node.port));
}

/** Why `isServed` says no, for the log. */
export function notServed(node: NodeRecord): string {
  if (!isPort(Number(node.port))) return `port '${node.port}' is not a TCP port`;
  return `nodes of type ${node.type} cannot be served yet, only ${[...SERVED_TYPES].join(' and ')}`;
}

/** Where to connect to for a node; the brackets of IPv6 are INFO's, not the resolver's. */
export function connectionTarget(node: NodeRecord): ConnectionTarget {
  return { host: withoutBrackets(node.host), port: Number(node.port) };
}

/** httpd takes any text for a port (reference §2.1), and so does its dialect. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
