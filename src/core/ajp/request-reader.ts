import { PacketCursor } from './packet-cursor.ts';
import { PacketHold, type PacketRules } from './packet-hold.ts';
import { AJP_MAGIC_TO_NODE, AJP_PACKET, PACKET_HEAD_BYTES } from './packets.ts';
import { readForwardRequest } from './read-request.ts';
import { type AjpForwardRequest, type AjpLimits, DEFAULT_MAX_HEADERS } from './types.ts';
import { AJP_VIOLATION, type AjpViolation } from './violations.ts';
import { wrongMagic } from './wrong-magic.ts';

/** What a balancer sends. */
export interface AjpRequestHandler {
  /**
   * The head of a request. A balancer may send the next one before this one is answered; answers go out in the same order.
   * @param contentLength of its body, of which the first packet comes unasked when there is a byte of it; -1: the request has
   *   no Content-Length, so that only an answer to GET_BODY_CHUNK says whether there is a body
   */
  onForwardRequest(request: AjpForwardRequest, contentLength: number): void;
  /** A run of the body, in the buffer that was given to `read`; never empty. */
  onBody(buffer: Buffer, from: number, to: number): void;
  /**
   * A packet of the body is complete and the body is not: who wants more of it asks with GET_BODY_CHUNK and `expectBody`. Also
   * for an empty packet behind the end of the body, when it was asked for.
   */
  onBodyPacketEnd(): void;
  /** The body is complete: all of its Content-Length came, or an empty packet. Once a request at most. */
  onBodyEnd(): void;
  onCping(): void;
  onShutdown(): void;
}

/** Head, type. */
const SHORTEST = PACKET_HEAD_BYTES + 1;
/** Head, length of the data. */
const BEFORE_DATA = PACKET_HEAD_BYTES + 2;

/**
 * Reads what a balancer sends on one connection, through buffers of any size (reference §6.5). Packets of a body have no type:
 * which packets are such the reader knows from Content-Length and from `expectBody`.
 */
export class AjpRequestReader {
  /** Why the connection must be closed; nothing is read any more. */
  violation: AjpViolation | null = null;

  readonly #packetBytes: number;
  readonly #maxHeaders: number;
  readonly #hold: PacketHold;
  readonly #rules: PacketRules<AjpRequestHandler> = {
    needed: (bytes, from, count) => {
      const needed = this.#needed(bytes, from, count);
      return this.violation === null ? needed : -1;
    },
    take: (bytes, from, end, handler) => this.#take(bytes, from, end, handler),
  };
  readonly #cursor = new PacketCursor();
  /** Packets of the body that are to come before the next packet with a type. */
  #bodyPackets = 0;
  /** Of the data of the packet that is being read. */
  #left = 0;
  /** Of the whole body; Infinity when nobody said. */
  #bodyLeft = 0;
  #bodyEnded = true;
  #stopped = false;

  constructor(limits: AjpLimits) {
    this.#packetBytes = limits.packetBytes;
    this.#maxHeaders = limits.maxHeaders ?? DEFAULT_MAX_HEADERS;
    this.#hold = new PacketHold(limits.packetBytes);
  }

  /** A GET_BODY_CHUNK was sent: the packet that answers it is one of the body. */
  expectBody(): void {
    this.#bodyPackets++;
  }

  /** `read` shall come back behind this packet; for a handler that wants what follows later, or never. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * Reads on, to the end, to a violation, or until it is stopped.
   * @returns offset behind what was read
   */
  read(buffer: Buffer, from: number, end: number, handler: AjpRequestHandler): number {
    let at = from;
    this.#stopped = false;
    while (at < end && this.violation === null && !this.#stopped) {
      if (this.#left > 0) {
        const to = Math.min(end, at + this.#left);
        this.#left -= to - at;
        this.#bodyLeft -= to - at;
        handler.onBody(buffer, at, to);
        at = to;
        if (this.#left === 0) this.#endBodyPacket(handler);
      } else {
        at = this.#hold.read(this.#rules, buffer, at, end, handler);
      }
    }
    return at;
  }

  /** Of a packet, or of what stands before its data; refuses what can never become one. */
  #needed(bytes: Buffer, from: number, count: number): number {
    if (count < 2) return PACKET_HEAD_BYTES;
    const first = bytes[from] as number;
    const second = bytes[from + 1] as number;
    if (((first << 8) | second) !== AJP_MAGIC_TO_NODE) {
      this.violation = wrongMagic(first, second);
      return 0;
    }
    if (count < PACKET_HEAD_BYTES) return PACKET_HEAD_BYTES;
    const length = bytes.readUInt16BE(from + 2);
    if (PACKET_HEAD_BYTES + length > this.#packetBytes) this.violation = AJP_VIOLATION.packetTooLong;
    if (this.#bodyPackets > 0) {
      if (length === 1) this.violation = AJP_VIOLATION.packetLength;
      return length === 0 ? PACKET_HEAD_BYTES : BEFORE_DATA;
    }
    if (length === 0) this.violation = AJP_VIOLATION.unexpected;
    if (count < SHORTEST) return SHORTEST;
    this.violation ??= unfit(bytes[from + PACKET_HEAD_BYTES] as number, length);
    return PACKET_HEAD_BYTES + length;
  }

  #take(bytes: Buffer, from: number, end: number, handler: AjpRequestHandler): void {
    if (this.#bodyPackets > 0) {
      this.#takeBody(bytes, from, end, handler);
      return;
    }
    switch (bytes[from + PACKET_HEAD_BYTES]) {
      case AJP_PACKET.forwardRequest:
        this.#takeRequest(bytes, from + SHORTEST, end, handler);
        break;
      case AJP_PACKET.cping:
        handler.onCping();
        break;
      default:
        handler.onShutdown();
    }
  }

  #takeRequest(bytes: Buffer, from: number, end: number, handler: AjpRequestHandler): void {
    this.#cursor.begin(bytes, from, end);
    const read = readForwardRequest(this.#cursor, this.#maxHeaders);
    if (read === null) {
      this.violation = this.#cursor.violation;
      return;
    }
    const { request, contentLength } = read;
    this.#bodyEnded = false;
    this.#bodyLeft = contentLength === -1 ? Number.POSITIVE_INFINITY : contentLength;
    this.#bodyPackets = contentLength > 0 ? 1 : 0;
    handler.onForwardRequest(request, contentLength);
  }

  #takeBody(bytes: Buffer, from: number, end: number, handler: AjpRequestHandler): void {
    const payload = bytes.readUInt16BE(from + 2);
    const length = payload === 0 ? 0 : bytes.readUInt16BE(end - 2);
    if (payload !== 0 && payload !== length + 2) {
      this.violation = AJP_VIOLATION.chunkLength;
    } else if (length > 0 && (this.#bodyEnded || length > this.#bodyLeft)) {
      this.violation = AJP_VIOLATION.bodyTooLong;
    } else if (length > 0) {
      this.#left = length;
    } else {
      this.#bodyPackets--;
      // Who asks once more behind the last byte, as servlet containers do, waits for the answer.
      if (this.#bodyEnded) handler.onBodyPacketEnd();
      else this.#endBody(handler);
    }
  }

  #endBodyPacket(handler: AjpRequestHandler): void {
    this.#bodyPackets--;
    if (this.#bodyLeft === 0) this.#endBody(handler);
    else handler.onBodyPacketEnd();
  }

  #endBody(handler: AjpRequestHandler): void {
    if (this.#bodyEnded) return;
    this.#bodyEnded = true;
    handler.onBodyEnd();
  }
}

/** Whether a balancer sends packets of this type with a payload of this length. */
function unfit(type: number, length: number): AjpViolation | null {
  switch (type) {
    case AJP_PACKET.forwardRequest:
      return null;
    case AJP_PACKET.cping:
    case AJP_PACKET.shutdown:
      return length === 1 ? null : AJP_VIOLATION.packetLength;
    default:
      return AJP_VIOLATION.packetType;
  }
}
