/**
 * HTTP/1.1 bytes (RFC 9110, RFC 9112), without sockets: strict readers for heads and chunked bodies, and writers that pass
 * a head on with as few bytes changed as a proxy may.
 */
export { type ChunkScanner, createChunkScanner } from './chunk-scanner.ts';
export { type ClientIdentity, describeClient } from './client-identity.ts';
export { withoutCookie } from './cookies.ts';
export { headerValue } from './find-header.ts';
export { checkPartialHead, findHeadEnd, skipLeadingCrlf } from './head-end.ts';
export { isValidHost } from './host.ts';
export { createRequestHead, parseRequestHead } from './request-head.ts';
export { bodyOfResponse, createResponseHead, parseResponseHead, type ResponseBody } from './response-head.ts';
export { headerSafe, responseHead, simpleResponse } from './simple-response.ts';
export { type TargetParts, targetForNode, targetPath, targetWithoutSession } from './target.ts';
export {
  HEADER,
  type HeaderKind,
  type HeaderLines,
  type HeadLimits,
  type HttpViolation,
  type RequestHead,
  type ResponseHead,
} from './types.ts';
export { VIOLATION } from './violations.ts';
export { createRequestWriteOptions, type RequestWriteOptions, writeRequestHead } from './write-request.ts';
export { createResponseWriteOptions, type ResponseWriteOptions, writeResponseHead } from './write-response.ts';
