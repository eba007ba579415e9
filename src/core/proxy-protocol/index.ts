/**
 * The PROXY protocol of HAProxy (proxy-protocol.txt, to which the § signs of this folder point), versions 1 and 2, without
 * sockets: what a TCP proxy in front writes at the beginning of a connection so that the server behind learns who connects.
 */
export { createProxyHeaderReader, type ProxyHeaderReader, type ProxyHeaderReading } from './reader.ts';
export type { ProxiedPeer, ProxiedTls, ProxyViolation } from './types.ts';
export { PROXY_VIOLATION } from './violations.ts';
export { writeProxyHeader, writeProxyLine } from './writer.ts';
