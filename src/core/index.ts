/**
 * The core as a library: the protocol, the cluster machine, and routing. Nothing here opens a socket, reads a file or looks
 * at a clock.
 */
export { type Address, canonicalHost, formatAddress, isLoopbackHost, parseAddress } from './address.ts';
export { apply, needOf } from './cluster/apply.ts';
export type { ClusterEvent } from './cluster/events.ts';
export { CONTEXT_TRANSITIONS, NODE_TRANSITIONS, type NodeState, nodeStateOf } from './cluster/lifecycle.ts';
export * from './cluster/records.ts';
export {
  type AliasRow,
  aliasesOf,
  balancersOf,
  type ClusterState,
  contextsOf,
  createCluster,
  findNode,
  nodesOf,
} from './cluster/state.ts';
export type * from './cluster/types.ts';
export { clusterDocument, dumpView, infoView } from './cluster/views.ts';
export { McmpError, UsageError } from './errors.ts';
export { MEDIA_TYPES } from './mcmp/accept.ts';
export { decodeBody, encodeBody, encodeValue } from './mcmp/body.ts';
export { bytesOf, textOf } from './mcmp/bytes.ts';
export { COMMANDS, isWildcardTarget, methodOf } from './mcmp/commands.ts';
export {
  DIALECTS,
  type Dialect,
  type DialectName,
  HTTPD2_DIALECT,
  MCMP_DIALECT,
  PROTOCOL_VERSION,
} from './mcmp/dialect.ts';
export { type ClusterDocument, type DocumentNode, printDocument, readDocument } from './mcmp/document.ts';
export { type DumpReading, type DumpView, printDump, readDump } from './mcmp/dump.ts';
export { CommandError, ERRORS, type McmpErrorCode } from './mcmp/errors.ts';
export { FIELDS, type FieldName, type FieldRow, fieldRow, fieldsOf, findField } from './mcmp/fields.ts';
export { httpAnswer, type PrintedAnswer } from './mcmp/http-answer.ts';
export { type InfoReading, type InfoView, printInfo, readInfo } from './mcmp/info.ts';
export { messageLimit, type ParseOptions, parseCommand } from './mcmp/parse.ts';
export { type ReplyReading, readReply } from './mcmp/reply.ts';
export type * from './mcmp/types.ts';
export { readVersion } from './mcmp/version.ts';
export { type PrintedCommand, printCommand } from './mcmp/write.ts';
export * from './routing/index.ts';
