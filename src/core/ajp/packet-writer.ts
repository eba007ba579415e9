import { HEADER_CODE_MARK, type HeaderShelf, headerCode } from './header-codes.ts';
import { MOST_PACKET_BYTES, PACKET_HEAD_BYTES } from './packets.ts';
import { MOST_TEXT_BYTES, NULL_TEXT, SHORT_TEXT, type TextClass, TOKEN_TEXT, VALUE_TEXT } from './texts.ts';

/**
 * Writes the fields of one packet after the other into memory that is used again for the next. What no field can hold throws
 * a RangeError; what does not fit the packet is found out at its end, so that nothing is ever cut off.
 */
export class PacketWriter {
  readonly #bytes: Buffer;
  readonly #limit: number;
  #at = 0;
  #isFull = false;

  /** @param packetBytes the most bytes of a packet, its head included @throws RangeError when no peer could take it */
  constructor(packetBytes: number) {
    if (!Number.isInteger(packetBytes) || packetBytes < 16 || packetBytes > MOST_PACKET_BYTES) {
      throw new RangeError(`An AJP packet has 16 to ${MOST_PACKET_BYTES} bytes, not ${packetBytes}.`);
    }
    this.#bytes = Buffer.allocUnsafeSlow(packetBytes);
    // The payload's length has 16 bits, so the largest packet has no more than 65535 bytes behind its head.
    this.#limit = Math.min(packetBytes, PACKET_HEAD_BYTES + 0xffff);
  }

  /** Begins a packet; what was written before is forgotten. */
  begin(magic: number, type: number): void {
    this.#at = 0;
    this.#isFull = false;
    this.integer(magic);
    // The length, when it is known.
    this.integer(0);
    this.byte(type);
  }

  byte(value: number): void {
    if (this.#takes(1)) this.#bytes[this.#at++] = value;
  }

  /** @throws RangeError beyond 16 bits */
  integer(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff) {
      throw new RangeError(`An AJP number is one of 0 to 65535, not ${value}.`);
    }
    if (!this.#takes(2)) return;
    this.#bytes[this.#at++] = value >> 8;
    this.#bytes[this.#at++] = value & 0xff;
  }

  /** @returns where a number stands that is known only later, for `setInteger` */
  reserveInteger(): number {
    this.integer(0);
    return this.#at - 2;
  }

  setInteger(at: number, value: number): void {
    if (!this.#isFull) this.#bytes.writeUInt16BE(value, at);
  }

  nullText(): void {
    this.integer(NULL_TEXT);
  }

  /**
   * @param text a byte string
   * @param allowed which bytes it may have
   * @param what it is, for the error
   * @throws RangeError when it has others, or more than 65534
   */
  text(text: string, allowed: TextClass, what: string): void {
    const length = text.length;
    if (length > MOST_TEXT_BYTES) throw new RangeError(`${what} is longer than an AJP string can be.`);
    if (!this.#takes(length + 3)) return;
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = length >> 8;
    bytes[at++] = length & 0xff;
    if (length < SHORT_TEXT) {
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        if (allowed.allows[code] !== 1) throw new RangeError(`${what} has a byte that it may not have.`);
        bytes[at++] = code;
      }
    } else {
      if (allowed.refused.test(text)) throw new RangeError(`${what} has a byte that it may not have.`);
      at += bytes.write(text, at, 'latin1');
    }
    bytes[at++] = 0;
    this.#at = at;
  }

  /**
   * One header, its name as a code where there is one.
   * @throws RangeError for a name that is no token or a value with control characters
   */
  header(shelf: HeaderShelf, name: string, value: string): void {
    const code = headerCode(shelf, name);
    if (code !== 0) {
      this.integer((HEADER_CODE_MARK << 8) | code);
    } else {
      if (name === '') throw new RangeError('A header name is empty.');
      if (name.length >= HEADER_CODE_MARK << 8) throw new RangeError('A header name is too long.');
      this.text(name, TOKEN_TEXT, 'A header name');
    }
    this.text(value, VALUE_TEXT, 'A header value');
  }

  /** @returns the whole packet, a copy that stays as it is; null when it did not fit */
  end(): Buffer | null {
    if (this.#isFull) return null;
    this.#bytes.writeUInt16BE(this.#at - PACKET_HEAD_BYTES, 2);
    const packet = Buffer.allocUnsafe(this.#at);
    this.#bytes.copy(packet, 0, 0, this.#at);
    return packet;
  }

  #takes(count: number): boolean {
    if (this.#at + count > this.#limit) this.#isFull = true;
    return !this.#isFull;
  }
}

let lastUsed: { readonly packetBytes: number; readonly writer: PacketWriter } | null = null;

/**
 * A writer for one packet that is begun and ended at once; the next one gets the same. Its memory never leaves it: `end` gives
 * out copies.
 * @param packetBytes the most bytes of a packet @throws RangeError when it is no size of a packet
 */
export function packetWriter(packetBytes: number): PacketWriter {
  if (lastUsed?.packetBytes !== packetBytes) lastUsed = { packetBytes, writer: new PacketWriter(packetBytes) };
  return lastUsed.writer;
}
