/**
 * AJP/1.3 bytes, both directions, without sockets (reference §6.5): a balancer writes requests and reads answers, a node reads
 * requests and writes answers. Texts are byte strings. Readers take buffers cut anywhere, hold one packet at most and are
 * strict; what a peer did wrong is a row of `AJP_VIOLATION`. Writers cut nothing off: what cannot be written is a RangeError,
 * what does not fit the packet is null.
 */
export { AJP_ATTRIBUTE, type AjpAttribute, type AjpAttributeName } from './attributes.ts';
export { AJP_REQUEST_HEADERS, AJP_RESPONSE_HEADERS } from './header-codes.ts';
export { AJP_METHODS } from './methods.ts';
export {
  AJP_MAGIC_FROM_NODE,
  AJP_MAGIC_TO_NODE,
  AJP_PACKET,
  bodyPacketHead,
  CPING,
  CPONG,
  DEFAULT_PACKET_BYTES,
  EMPTY_BODY_PACKET,
  END_RESPONSE_CLOSE,
  END_RESPONSE_REUSE,
  FLUSH_PACKET,
  getBodyChunk,
  MOST_PACKET_BYTES,
  mostBodyBytes,
  mostChunkBytes,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
} from './packets.ts';
export { type AjpRequestHandler, AjpRequestReader } from './request-reader.ts';
export { type AjpResponseHandler, AjpResponseReader } from './response-reader.ts';
export type { AjpForwardRequest, AjpHeader, AjpLimits } from './types.ts';
export { AJP_VIOLATION, type AjpViolation } from './violations.ts';
export { ForwardRequestWriter, writeForwardRequest } from './write-request.ts';
export { writeSendHeaders } from './write-response.ts';
