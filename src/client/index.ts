/**
 * The client side of MCMP, for a balancer of any brand: one command and its answer, or all that INFO and DUMP tell. What
 * `mcmp send` and `mcmp explain` add for people (reading what was typed, showing what was answered) stands beside it.
 */
export type { HttpAnswer, Pair } from './answer.ts';
export type { Brand } from './brand.ts';
export { type ClusterReading, createMcmpClient, type McmpAnswer, type McmpClient } from './client.ts';
export type { McmpClientOptions, SendOptions } from './connection.ts';
export type { Decoded } from './decode.ts';
export type { McmpClientTls } from './sockets.ts';
export type { ClusterView } from './view.ts';
