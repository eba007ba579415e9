import { AJP_RESPONSE_HEADERS } from './header-codes.ts';
import { PacketCursor } from './packet-cursor.ts';
import { PacketHold, type PacketRules } from './packet-hold.ts';
import { AJP_MAGIC_FROM_NODE, AJP_PACKET, PACKET_HEAD_BYTES } from './packets.ts';
import { VALUE_TEXT } from './texts.ts';
import { type AjpLimits, DEFAULT_MAX_HEADERS } from './types.ts';
import { AJP_VIOLATION, type AjpViolation } from './violations.ts';
import { wrongMagic } from './wrong-magic.ts';

/** What a node's answer consists of. */
export interface AjpResponseHandler {
  /**
   * @param reason as the node wrote it; Tomcat writes the number of the status
   * @param headers name, value, name, value; in the node's order
   */
  onHead(status: number, reason: string, headers: string[]): void;
  /** A run of the body, in the buffer that was given to `read`; never empty. */
  onData(buffer: Buffer, from: number, to: number): void;
  /** What came so far shall reach the client now. */
  onFlush(): void;
  /** @param reuse whether the node takes another request on this connection */
  onEnd(reuse: boolean): void;
  /** The node waits for a packet with at most so many bytes of the request's body; an empty one ends the body. */
  onBodyWanted(most: number): void;
  onPong(): void;
}

/** Nothing was asked, so nothing may come. */
const NOTHING = 0;
const PONG = 1;
const HEAD = 2;
const BODY = 3;

/** Inside a SEND_BODY_CHUNK: where the next byte belongs. */
const NEXT_PACKET = 0;
const DATA = 1;
const TAIL = 2;

/** Head, type: what the shortest packet of a node has. */
const SHORTEST = PACKET_HEAD_BYTES + 1;
/** Head, type, length of the data. */
const BEFORE_DATA = SHORTEST + 2;

/**
 * Reads what a node sends on one connection, through buffers of any size (reference §6.5). A new reader expects an answer;
 * `reset` expects the next one, `expectPong` a CPONG alone. Whatever else comes is a violation: a packet that nobody asked for
 * could be meant for another client (the class of CVE-2024-6162).
 */
export class AjpResponseReader {
  /** Why the connection must be closed; nothing is read any more. */
  violation: AjpViolation | null = null;

  readonly #packetBytes: number;
  readonly #maxHeaders: number;
  readonly #hold: PacketHold;
  readonly #rules: PacketRules<AjpResponseHandler> = {
    needed: (bytes, from, count) => {
      const needed = this.#needed(bytes, from, count);
      return this.violation === null ? needed : -1;
    },
    take: (bytes, from, end, handler) => this.#take(bytes, from, end, handler),
  };
  readonly #cursor = new PacketCursor();
  #expected = HEAD;
  #within = NEXT_PACKET;
  /** Of the data of a SEND_BODY_CHUNK. */
  #left = 0;
  #hasTail = false;
  /** An END_RESPONSE was read; the handler may have called `reset` since. */
  #stops = false;

  constructor(limits: AjpLimits) {
    this.#packetBytes = limits.packetBytes;
    this.#maxHeaders = limits.maxHeaders ?? DEFAULT_MAX_HEADERS;
    this.#hold = new PacketHold(limits.packetBytes);
  }

  /**
   * A request was sent: an answer is expected, from its first byte. Whatever was being read is forgotten, so the connection
   * must be another one, or one on which `read` came to the end of the answer and left nothing.
   */
  reset(): void {
    this.violation = null;
    this.#expected = HEAD;
    this.#within = NEXT_PACKET;
    this.#hold.count = 0;
  }

  /**
   * A CPING was sent: one CPONG is expected, and nothing behind it until `reset`. When the request was sent right behind the
   * CPING, `onPong` is the place to call `reset`.
   */
  expectPong(): void {
    this.reset();
    this.#expected = PONG;
  }

  /**
   * Reads on. Stops behind END_RESPONSE, behind a CPONG after which nothing is expected, and at a violation.
   *
   * @returns offset behind what was read. Bytes that are left behind an END_RESPONSE were not asked for: the connection must
   *   not be used again.
   */
  read(buffer: Buffer, from: number, end: number, handler: AjpResponseHandler): number {
    let at = from;
    this.#stops = false;
    if (this.#expected === NOTHING && at < end) return this.#refuse(AJP_VIOLATION.unexpected, at);
    while (at < end && this.violation === null) {
      if (this.#within === DATA) {
        const to = Math.min(end, at + this.#left);
        this.#left -= to - at;
        if (this.#left === 0) this.#within = this.#hasTail ? TAIL : NEXT_PACKET;
        handler.onData(buffer, at, to);
        at = to;
      } else if (this.#within === TAIL) {
        if (buffer[at] !== 0) return this.#refuse(AJP_VIOLATION.chunkLength, at);
        this.#within = NEXT_PACKET;
        at++;
      } else {
        at = this.#hold.read(this.#rules, buffer, at, end, handler);
        if (this.#stops || this.#expected === NOTHING) return at;
      }
    }
    return at;
  }

  /** Of a packet, or of what stands before its data; refuses what can never become one. */
  #needed(bytes: Buffer, from: number, count: number): number {
    if (count < 2) return SHORTEST;
    const first = bytes[from] as number;
    const second = bytes[from + 1] as number;
    if (((first << 8) | second) !== AJP_MAGIC_FROM_NODE) {
      this.violation = wrongMagic(first, second);
      return 0;
    }
    if (count < PACKET_HEAD_BYTES) return SHORTEST;
    const length = bytes.readUInt16BE(from + 2);
    if (length === 0) this.violation = AJP_VIOLATION.packetLength;
    else if (PACKET_HEAD_BYTES + length > this.#packetBytes) this.violation = AJP_VIOLATION.packetTooLong;
    if (count < SHORTEST) return SHORTEST;
    const type = bytes[from + PACKET_HEAD_BYTES] as number;
    this.violation ??= this.#unfit(type, length);
    return type === AJP_PACKET.sendBodyChunk ? BEFORE_DATA : PACKET_HEAD_BYTES + length;
  }

  /** Whether a packet of this type may come now, with a payload of this length. */
  #unfit(type: number, length: number): AjpViolation | null {
    let isExpected: boolean;
    let isRightLength: boolean;
    switch (type) {
      case AJP_PACKET.sendHeaders:
        isExpected = this.#expected === HEAD;
        // Type, status, reason, count.
        isRightLength = length >= 7;
        break;
      case AJP_PACKET.sendBodyChunk:
        isExpected = this.#expected === BODY;
        isRightLength = length >= 3;
        break;
      case AJP_PACKET.endResponse:
        isExpected = this.#expected === BODY;
        isRightLength = length === 2;
        break;
      case AJP_PACKET.getBodyChunk:
        isExpected = this.#expected === HEAD || this.#expected === BODY;
        isRightLength = length === 3;
        break;
      case AJP_PACKET.cpong:
        isExpected = this.#expected === PONG;
        isRightLength = length === 1;
        break;
      default:
        return AJP_VIOLATION.packetType;
    }
    if (!isExpected) return AJP_VIOLATION.unexpected;
    return isRightLength ? null : AJP_VIOLATION.packetLength;
  }

  #take(bytes: Buffer, from: number, end: number, handler: AjpResponseHandler): void {
    const payload = from + PACKET_HEAD_BYTES;
    switch (bytes[payload]) {
      case AJP_PACKET.sendHeaders:
        this.#takeHead(bytes, payload + 1, end, handler);
        break;
      case AJP_PACKET.sendBodyChunk:
        this.#beginData(bytes.readUInt16BE(from + 2), bytes.readUInt16BE(payload + 1), handler);
        break;
      case AJP_PACKET.endResponse:
        this.#expected = NOTHING;
        this.#stops = true;
        // Whatever is not a clear yes is a no.
        handler.onEnd(bytes[payload + 1] === 1);
        break;
      case AJP_PACKET.getBodyChunk:
        handler.onBodyWanted(bytes.readUInt16BE(payload + 1));
        break;
      default:
        this.#expected = NOTHING;
        handler.onPong();
    }
  }

  /** Nodes end the data with one 00, which httpd counts on; a packet without it is read too. */
  #beginData(payloadLength: number, length: number, handler: AjpResponseHandler): void {
    const rest = payloadLength - 3 - length;
    if (rest !== 0 && rest !== 1) {
      this.violation = AJP_VIOLATION.chunkLength;
      return;
    }
    this.#left = length;
    this.#hasTail = rest === 1;
    if (length > 0) this.#within = DATA;
    else {
      this.#within = this.#hasTail ? TAIL : NEXT_PACKET;
      handler.onFlush();
    }
  }

  #takeHead(bytes: Buffer, from: number, end: number, handler: AjpResponseHandler): void {
    const cursor = this.#cursor;
    cursor.begin(bytes, from, end);
    const status = cursor.integer();
    if (status < 100 || status > 599) cursor.refuse(AJP_VIOLATION.status);
    const reason = cursor.text(VALUE_TEXT, AJP_VIOLATION.reason);
    const count = cursor.integer();
    if (count > this.#maxHeaders) cursor.refuse(AJP_VIOLATION.tooManyHeaders);
    const headers: string[] = [];
    for (let i = 0; i < count && cursor.violation === null; i++) {
      headers.push(cursor.headerName(AJP_RESPONSE_HEADERS), cursor.headerValue());
    }
    if (!cursor.finish()) {
      this.violation = cursor.violation;
      return;
    }
    this.#expected = BODY;
    handler.onHead(status, reason, headers);
  }

  #refuse(violation: AjpViolation, at: number): number {
    this.violation = violation;
    return at;
  }
}
