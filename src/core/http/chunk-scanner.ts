import { BYTE_CLASS, CR, HEX, LF, TOKEN, VALUE } from './grammar.ts';
import { createHeaderLines, readHeaderLines } from './header-lines.ts';
import { FORBIDDEN_TRAILERS } from './header-names.ts';
import { sweep } from './sweep.ts';
import type { HeadLimits, HttpViolation } from './types.ts';
import { HEADER } from './types.ts';
import { VIOLATION } from './violations.ts';

/** Size and extensions of one chunk, with CRLF. */
const MAX_LINE_BYTES = 256;
/** Leading zeros count: no reader agrees with all others about a longer number. */
const MAX_SIZE_DIGITS = 16;
/** What chunk lines may cost above 16 bytes a chunk and twice the data, before it is an attack (as CVE-2023-39326). */
const MAX_EXCESS_BYTES = 16 * 1024;

const DEFAULT_TRAILER_LIMITS: HeadLimits = { maxHeadBytes: 8 * 1024, maxHeaderLines: 64 };

const SEMICOLON = 59;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;

const SIZE = 0;
const LINE_LF = 1;
const EXTENSION_NAME = 2;
const EXTENSION_VALUE = 3;
const EXTENSION_TOKEN = 4;
const QUOTED = 5;
const QUOTED_ESCAPE = 6;
const AFTER_QUOTED = 7;
const DATA = 8;
const DATA_CR = 9;
const DATA_LF = 10;
const TRAILER_START = 11;
const TRAILER_LINE = 12;
const TRAILER_LF = 13;
const END_LF = 14;
const ENDED = 15;

/**
 * Follows a chunked body (RFC 9112 §7.1) through buffers of any size, so that a proxy knows where it ends while it passes
 * the bytes on as they are. Strict: sizes are plain hexadecimal digits; extensions follow the grammar without the "bad white
 * space" that senders must not write; every line ends with CRLF; what may not stand in a trailer section is refused.
 */
export class ChunkScanner {
  /** The last byte of the body was seen. */
  done = false;
  /** Why the body is refused; nothing is consumed any more. */
  violation: HttpViolation | null = null;
  /** The trailer lines with their line ends, without the empty line; complete when `done`. */
  trailerText = '';
  /** Bytes of data so far, without framing. */
  dataBytes = 0;

  readonly #limits: HeadLimits;
  #state = SIZE;
  /** Of the chunk: its size while the line is read, then what is left of it. */
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  #excessBytes = 0;
  #nameLength = 0;

  constructor(trailerLimits: HeadLimits) {
    this.#limits = trailerLimits;
  }

  /** Makes ready for the next body. */
  reset(): void {
    this.done = false;
    this.violation = null;
    this.trailerText = '';
    this.dataBytes = 0;
    this.#state = SIZE;
    this.#excessBytes = 0;
    this.#beginLine();
  }

  /**
   * Reads on.
   *
   * @param onData called with the bounds of every run of data in `buffer`
   * @returns how many bytes belong to the body: all of them unless the body ended (`done`) or is broken (`violation`)
   */
  scan(buffer: Uint8Array, start: number, end: number, onData?: (from: number, to: number) => void): number {
    let pos = start;
    while (pos < end && this.#state !== ENDED) {
      if (this.#state === DATA) {
        const to = Math.min(end, pos + this.#size);
        this.#size -= to - pos;
        this.dataBytes += to - pos;
        if (this.#size === 0) this.#state = DATA_CR;
        onData?.(pos, to);
        pos = to;
      } else if (this.#state === TRAILER_LINE) {
        pos = this.#readTrailerBytes(buffer, pos, end);
      } else {
        const bad = this.#readByte(buffer[pos] as number);
        if (bad !== null) return this.#refuse(bad, pos - start);
        pos++;
      }
      if (this.violation !== null) return pos - start;
    }
    return pos - start;
  }

  #readByte(byte: number): HttpViolation | null {
    switch (this.#state) {
      case SIZE:
        return this.#readSize(byte);
      case LINE_LF:
        return byte === LF ? this.#endLine() : VIOLATION.chunkSize;
      case DATA_CR:
        if (byte !== CR) return VIOLATION.chunkEnd;
        this.#state = DATA_LF;
        return null;
      case DATA_LF:
        if (byte !== LF) return VIOLATION.chunkEnd;
        this.#state = SIZE;
        this.#beginLine();
        return null;
      case TRAILER_START:
        this.#state = byte === CR ? END_LF : TRAILER_LINE;
        return byte === CR ? null : this.#keepTrailer(String.fromCharCode(byte));
      case TRAILER_LF:
        if (byte !== LF) return VIOLATION.bareCr;
        this.#state = TRAILER_START;
        return this.#keepTrailer('\n');
      case END_LF:
        if (byte !== LF) return VIOLATION.bareCr;
        return this.#endBody();
      default:
        return this.#readExtension(byte);
    }
  }

  #beginLine(): void {
    this.#size = 0;
    this.#digits = 0;
    this.#lineBytes = 0;
  }

  #readSize(byte: number): HttpViolation | null {
    this.#lineBytes++;
    if (((BYTE_CLASS[byte] as number) & HEX) !== 0) {
      if (++this.#digits > MAX_SIZE_DIGITS) return VIOLATION.chunkSizeTooLarge;
      this.#size = this.#size * 16 + (byte <= 57 ? byte - 48 : (byte | 32) - 87);
      return Number.isSafeInteger(this.#size) ? null : VIOLATION.chunkSizeTooLarge;
    }
    return this.#digits === 0 ? VIOLATION.chunkSize : this.#afterValue(byte, VIOLATION.chunkSize);
  }

  /** What may follow a size, an extension's name, or its value. */
  #afterValue(byte: number, otherwise: HttpViolation): HttpViolation | null {
    if (byte === CR) this.#state = LINE_LF;
    else if (byte === SEMICOLON) {
      this.#state = EXTENSION_NAME;
      this.#nameLength = 0;
    } else return byte === LF ? VIOLATION.bareLf : otherwise;
    return null;
  }

  #readExtension(byte: number): HttpViolation | null {
    if (++this.#lineBytes > MAX_LINE_BYTES - 1) return VIOLATION.chunkLineTooLong;
    const byteClass = BYTE_CLASS[byte] as number;
    const isToken = (byteClass & TOKEN) !== 0;
    switch (this.#state) {
      case EXTENSION_NAME:
        if (isToken) this.#nameLength++;
        else if (this.#nameLength === 0) return byte === LF ? VIOLATION.bareLf : VIOLATION.chunkExtension;
        else if (byte === EQUALS) this.#state = EXTENSION_VALUE;
        else return this.#afterValue(byte, VIOLATION.chunkExtension);
        return null;
      case EXTENSION_VALUE:
        if (!isToken && byte !== QUOTE) return byte === LF ? VIOLATION.bareLf : VIOLATION.chunkExtension;
        this.#state = isToken ? EXTENSION_TOKEN : QUOTED;
        return null;
      case QUOTED:
        if (byte === QUOTE) this.#state = AFTER_QUOTED;
        else if (byte === BACKSLASH) this.#state = QUOTED_ESCAPE;
        else if ((byteClass & VALUE) === 0) return byte === LF ? VIOLATION.bareLf : VIOLATION.chunkExtension;
        return null;
      case QUOTED_ESCAPE:
        this.#state = QUOTED;
        return (byteClass & VALUE) === 0 ? VIOLATION.chunkExtension : null;
      default:
        if (isToken && this.#state === EXTENSION_TOKEN) return null;
        return this.#afterValue(byte, VIOLATION.chunkExtension);
    }
  }

  #endLine(): HttpViolation | null {
    this.#excessBytes = Math.max(0, this.#excessBytes + this.#lineBytes - 16 - 2 * this.#size);
    if (this.#excessBytes > MAX_EXCESS_BYTES) return VIOLATION.chunkOverhead;
    this.#state = this.#size === 0 ? TRAILER_START : DATA;
    return null;
  }

  /** Takes the rest of a trailer line, as far as it has come. */
  #readTrailerBytes(buffer: Uint8Array, from: number, end: number): number {
    let pos = from;
    while (pos < end && buffer[pos] !== CR && buffer[pos] !== LF) pos++;
    const ends = pos < end;
    if (ends && buffer[pos] === LF) {
      this.#refuse(VIOLATION.bareLf, 0);
      return pos;
    }
    if (ends) {
      pos++;
      this.#state = TRAILER_LF;
    }
    const tooLong = this.trailerText.length + (pos - from) > this.#limits.maxHeadBytes;
    const bad = tooLong ? VIOLATION.trailerTooLong : this.#keepTrailer(latin1(buffer, from, pos));
    if (bad !== null) this.#refuse(bad, 0);
    return pos;
  }

  #keepTrailer(text: string): HttpViolation | null {
    this.trailerText += text;
    return this.trailerText.length > this.#limits.maxHeadBytes ? VIOLATION.trailerTooLong : null;
  }

  #endBody(): HttpViolation | null {
    const bad = this.trailerText === '' ? null : checkTrailers(this.trailerText, this.#limits);
    if (bad !== null) return bad;
    this.#state = ENDED;
    this.done = true;
    return null;
  }

  #refuse(violation: HttpViolation, consumed: number): number {
    this.violation = violation;
    this.#state = ENDED;
    return consumed;
  }
}

/**
 * A scanner for chunked bodies, to be used for one body after the other.
 *
 * @param trailerLimits of the trailer section
 */
export function createChunkScanner(trailerLimits: HeadLimits = DEFAULT_TRAILER_LIMITS): ChunkScanner {
  return new ChunkScanner(trailerLimits);
}

function latin1(buffer: Uint8Array, from: number, to: number): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset + from, to - from).toString('latin1');
}

/**
 * Trailer lines follow the grammar of header lines, and none may be one that frames, routes, authenticates or describes the
 * message (RFC 9110 §6.5.1): a reader that merges trailers into the headers would believe it.
 */
function checkTrailers(trailerText: string, limits: HeadLimits): HttpViolation | null {
  const text = `${trailerText}\r\n`;
  const lines = createHeaderLines();
  sweep(text, text.length);
  const bad = readHeaderLines(0, text.length, lines, limits.maxHeaderLines);
  if (bad !== null) return bad;
  for (let i = 0; i < lines.count; i++) {
    const name = text.slice(lines.offsets[i * 4] as number, lines.offsets[i * 4 + 1] as number);
    if (lines.kinds[i] !== HEADER.other || FORBIDDEN_TRAILERS.has(name.toLowerCase()))
      return VIOLATION.trailerForbidden;
  }
  return null;
}
