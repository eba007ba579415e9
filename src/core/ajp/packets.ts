/**
 * Packets of AJP/1.3 (reference §6.5): two bytes that say which side speaks, the length of the payload, the payload. All
 * numbers are big-endian. What the payload is says its first byte, but for packets with a request's body.
 */

/** First two bytes of what the balancer sends. */
export const AJP_MAGIC_TO_NODE = 0x1234;
/** First two bytes of what the node sends: `AB`. */
export const AJP_MAGIC_FROM_NODE = 0x4142;

/** Types of packets, the one table of both readers and both writers. 1 and 8 are of older versions and never sent now. */
export const AJP_PACKET = {
  forwardRequest: 2,
  sendBodyChunk: 3,
  sendHeaders: 4,
  endResponse: 5,
  getBodyChunk: 6,
  shutdown: 7,
  cpong: 9,
  cping: 10,
} as const;

/** Magic and length. */
export const PACKET_HEAD_BYTES = 4;
/** Bytes of a packet, its head included, that every node takes when nobody configured it. */
export const DEFAULT_PACKET_BYTES = 8192;
/** The largest packet that can be configured anywhere. */
export const MOST_PACKET_BYTES = 65536;

/** Head of a packet and length of the data: what stands before the data of a body packet. */
const BODY_HEAD_BYTES = 6;
/** Head, type and length before the data of a SEND_BODY_CHUNK, and one 00 behind it. */
const CHUNK_FRAME_BYTES = 8;

/** "Are you there?", answered by `CPONG` at once, before a request or between two. */
export const CPING = Buffer.from([0x12, 0x34, 0, 1, AJP_PACKET.cping]);
export const CPONG = Buffer.from([0x41, 0x42, 0, 1, AJP_PACKET.cpong]);
/** No (more) body: the answer to a GET_BODY_CHUNK when there is nothing left to send. */
export const EMPTY_BODY_PACKET = Buffer.from([0x12, 0x34, 0, 2, 0, 0]);
/** What follows the data of a SEND_BODY_CHUNK. */
export const SEND_BODY_CHUNK_TAIL = Buffer.from([0]);
/** A SEND_BODY_CHUNK without data: what was sent so far shall reach the client now. */
export const FLUSH_PACKET = Buffer.from([0x41, 0x42, 0, 4, AJP_PACKET.sendBodyChunk, 0, 0, 0]);
/** The end of an answer, behind which the connection can be used again. */
export const END_RESPONSE_REUSE = Buffer.from([0x41, 0x42, 0, 2, AJP_PACKET.endResponse, 1]);
/** The end of an answer and of the connection. */
export const END_RESPONSE_CLOSE = Buffer.from([0x41, 0x42, 0, 2, AJP_PACKET.endResponse, 0]);

/** How many bytes of a request's body one packet carries at most: 8186 of 8192. @param packetBytes size of a packet */
export function mostBodyBytes(packetBytes: number): number {
  return packetBytes - BODY_HEAD_BYTES;
}

/** How many bytes of an answer's body one packet carries at most: 8184 of 8192. @param packetBytes size of a packet */
export function mostChunkBytes(packetBytes: number): number {
  return packetBytes - CHUNK_FRAME_BYTES;
}

/**
 * What stands before the data in a packet with a part of a request's body.
 * @param length of the data, in bytes; 0 ends the body
 * @throws RangeError when no packet can be so long
 */
export function bodyPacketHead(length: number): Buffer {
  checkLength(length, mostBodyBytes(MOST_PACKET_BYTES));
  return head(0x12, 0x34, [...uint16(length + 2), ...uint16(length)]);
}

/**
 * What stands before the data in a packet with a part of an answer's body; behind the data goes `SEND_BODY_CHUNK_TAIL`.
 * @param length of the data, in bytes; 0 asks for a flush
 * @throws RangeError when no packet can be so long
 */
export function sendBodyChunkHead(length: number): Buffer {
  checkLength(length, mostChunkBytes(MOST_PACKET_BYTES));
  return head(0x41, 0x42, [...uint16(length + 4), AJP_PACKET.sendBodyChunk, ...uint16(length)]);
}

/**
 * Asks for more of the request's body.
 * @param length the most bytes that are wanted
 * @throws RangeError when no packet can carry so many
 */
export function getBodyChunk(length: number): Buffer {
  checkLength(length, mostBodyBytes(MOST_PACKET_BYTES));
  return head(0x41, 0x42, [0, 3, AJP_PACKET.getBodyChunk, ...uint16(length)]);
}

function head(first: number, second: number, rest: readonly number[]): Buffer {
  return Buffer.from([first, second, ...rest]);
}

function uint16(value: number): [number, number] {
  return [value >> 8, value & 0xff];
}

function checkLength(length: number, most: number): void {
  if (!Number.isInteger(length) || length < 0 || length > most) {
    throw new RangeError(`An AJP packet carries 0 to ${most} bytes of a body, not ${length}.`);
  }
}
