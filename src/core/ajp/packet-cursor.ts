import { HEADER_CODE_MARK } from './header-codes.ts';
import { NULL_TEXT, SHORT_TEXT, type TextClass, TOKEN_TEXT, VALUE_TEXT } from './texts.ts';
import { AJP_VIOLATION, type AjpViolation } from './violations.ts';

/**
 * Reads the fields of one packet that is there as a whole, never beyond its end. After a violation every field is empty, so
 * the caller looks at it once, when it has read everything.
 */
export class PacketCursor {
  violation: AjpViolation | null = null;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  /** The packet as one string, of which the fields are parts: cheaper than a string made for each. */
  #text = '';
  #textFrom = 0;

  /** Sets on the bytes from `from` to `end`. */
  begin(buffer: Buffer, from: number, end: number): void {
    this.violation = null;
    this.#bytes = buffer;
    this.#at = from;
    this.#end = end;
    this.#text = buffer.toString('latin1', from, end);
    this.#textFrom = from;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  refuse(violation: AjpViolation): void {
    this.violation ??= violation;
    this.#at = this.#end;
  }

  byte(): number {
    if (this.#at < this.#end) return this.#bytes[this.#at++] as number;
    this.refuse(AJP_VIOLATION.packetEnd);
    return 0;
  }

  integer(): number {
    const value = this.peekInteger();
    this.#at += 2;
    return value;
  }

  /** A byte that is 0 or 1. */
  flag(): boolean {
    const value = this.byte();
    if (value > 1) this.refuse(AJP_VIOLATION.flag);
    return value === 1;
  }

  peekInteger(): number {
    if (this.#at + 2 <= this.#end) {
      return ((this.#bytes[this.#at] as number) << 8) | (this.#bytes[this.#at + 1] as number);
    }
    this.refuse(AJP_VIOLATION.packetEnd);
    return 0;
  }

  /** The byte so many behind the next one; -1 behind the end. */
  peekByte(distance: number): number {
    const at = this.#at + distance;
    return at < this.#end ? (this.#bytes[at] as number) : -1;
  }

  /**
   * @param allowed which bytes the string may have
   * @param otherwise what it is when it has others
   * @returns null for the string that is none
   */
  nullableText(allowed: TextClass, otherwise: AjpViolation): string | null {
    const length = this.integer();
    if (length === NULL_TEXT && this.violation === null) return null;
    const from = this.#at;
    const end = from + length;
    if (end >= this.#end) {
      this.refuse(AJP_VIOLATION.packetEnd);
      return '';
    }
    if (this.#bytes[end] !== 0) {
      this.refuse(AJP_VIOLATION.textEnd);
      return '';
    }
    const text = this.#text.slice(from - this.#textFrom, end - this.#textFrom);
    if (length < SHORT_TEXT ? !this.#allows(allowed, from, end) : allowed.refused.test(text)) {
      this.refuse(otherwise);
      return '';
    }
    this.#at = end + 1;
    return text;
  }

  #allows(allowed: TextClass, from: number, end: number): boolean {
    for (let i = from; i < end; i++) if (allowed.allows[this.#bytes[i] as number] !== 1) return false;
    return true;
  }

  /** As `nullableText`; no string reads as an empty one. */
  text(allowed: TextClass, otherwise: AjpViolation): string {
    return this.nullableText(allowed, otherwise) ?? '';
  }

  /** @param names of the codes from 1 up */
  headerName(names: readonly string[]): string {
    if (this.peekInteger() >> 8 === HEADER_CODE_MARK) {
      const name = names[(this.integer() & 0xff) - 1];
      if (name === undefined) this.refuse(AJP_VIOLATION.headerCode);
      return name ?? '';
    }
    const name = this.text(TOKEN_TEXT, AJP_VIOLATION.headerName);
    if (name === '') this.refuse(AJP_VIOLATION.headerName);
    return name;
  }

  headerValue(): string {
    return this.text(VALUE_TEXT, AJP_VIOLATION.headerValue);
  }

  /** Ends the packet: nothing may be left. @returns whether it was read without violation */
  finish(): boolean {
    if (!this.isAtEnd) this.refuse(AJP_VIOLATION.packetRest);
    return this.violation === null;
  }
}
