/**
 * The protocol: commands and their fields, messages and replies, INFO and DUMP, each written and read. Dialects are tables
 * of the points in which implementations differ.
 */
export { MEDIA_TYPES } from './accept.ts';
export { type AnswerReader, type AnswerVerdict, createAnswerReader, type ReadAnswer } from './answer-reader.ts';
export { decodeBody, encodeBody, encodeValue } from './body.ts';
export { bytesOf, textOf } from './bytes.ts';
export { COMMANDS, isWildcardTarget, methodOf } from './commands.ts';
export {
  DIALECTS,
  type Dialect,
  type DialectName,
  HTTPD2_DIALECT,
  MCMP_DIALECT,
} from './dialect.ts';
export { type ClusterDocument, type DocumentNode, printDocument, readDocument } from './document.ts';
export { type DumpReading, type DumpView, printDump, readDump } from './dump.ts';
export { CommandError, ERRORS, type McmpErrorCode } from './errors.ts';
export { FIELDS, type FieldName, type FieldRow, fieldRow, fieldsOf, findField } from './fields.ts';
export { httpAnswer, type PrintedAnswer } from './http-answer.ts';
export { type InfoReading, type InfoView, printInfo, readInfo } from './info.ts';
export { messageLimit, type ParseOptions, parseCommand } from './parse.ts';
export { PROTOCOL_VERSION } from './release.ts';
export { type ReplyReading, readReply } from './reply.ts';
export type * from './types.ts';
export { readVersion } from './version.ts';
export { type PrintedCommand, printCommand } from './write.ts';
