import { withoutBrackets } from '../core/address.ts';
import type { NodeRecord } from '../core/cluster/records.ts';

/** Which nodes requests can be carried to, what those speak, and where they listen. */

/** How the nodes of a type of CONFIG are spoken to. */
interface Transport {
  readonly protocol: 'http' | 'ajp';
  readonly tls: boolean;
}

/** Those that the exchange speaks; an upgrade makes a ws node of any http node, and a wss node of any https node. */
const TRANSPORTS: ReadonlyMap<string, Transport> = new Map<string, Transport>([
  ['http', { protocol: 'http', tls: false }],
  ['ws', { protocol: 'http', tls: false }],
  ['https', { protocol: 'http', tls: true }],
  ['wss', { protocol: 'http', tls: true }],
  ['ajp', { protocol: 'ajp', tls: false }],
]);

/** Whether this balancer can carry requests to such a node. Others register and are shown, but are in error. */
export function isServed(node: NodeRecord): boolean {
  return TRANSPORTS.has(node.type) && isPort(Number(node.port));
}

/** Why `isServed` says no, for the log. */
export function notServed(node: NodeRecord): string {
  if (!isPort(Number(node.port))) return `port '${node.port}' is not a TCP port`;
  return `nodes of type ${node.type} cannot be served, only those of type ${[...TRANSPORTS.keys()].join(', ')}`;
}

/** What a node speaks. */
export function protocolOf(node: NodeRecord): Transport['protocol'] {
  return TRANSPORTS.get(node.type)?.protocol ?? 'http';
}

/** Whether connections to nodes of a type, which is also the scheme of their URLs, are encrypted. */
export function isEncrypted(type: string): boolean {
  return TRANSPORTS.get(type)?.tls === true;
}

/** Where a node listens; the brackets of IPv6 are INFO's, not the resolver's. */
export function addressOf(node: NodeRecord): { readonly host: string; readonly port: number } {
  return { host: withoutBrackets(node.host), port: Number(node.port) };
}

/** httpd takes any text for a port (reference §2.1), and so does its dialect. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
