import { withoutBrackets } from '../core/address.ts';
import type { NodeRecord } from '../core/cluster/records.ts';
import { CONNECTOR_TYPES, type ConnectorTypeRow } from '../core/mcmp/connector-types.ts';

/** Which nodes requests can be carried to, what those speak, and where they listen. */

/** Whether this balancer can carry requests to such a node. Others register and are shown, but are in error. */
export function isServed(node: NodeRecord): boolean {
  return CONNECTOR_TYPES.has(node.type) && isPort(Number(node.port));
}

/** Why `isServed` says no, for the log. */
export function notServed(node: NodeRecord): string {
  if (!isPort(Number(node.port))) return `port '${node.port}' is not a TCP port`;
  return `nodes of type ${node.type} cannot be served, only those of type ${[...CONNECTOR_TYPES.keys()].join(', ')}`;
}

/** What a node speaks. */
export function protocolOf(node: NodeRecord): ConnectorTypeRow['speaks'] {
  return CONNECTOR_TYPES.get(node.type)?.speaks ?? 'http';
}

/** Where a node listens; the brackets of IPv6 are INFO's, not the resolver's. */
export function addressOf(node: NodeRecord): { readonly host: string; readonly port: number } {
  return { host: withoutBrackets(node.host), port: Number(node.port) };
}

/** httpd takes any text for a port (reference §2.1), and so does its dialect. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
