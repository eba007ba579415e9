import { createProxyHeaderReader, type ProxiedPeer } from '../../../src/core/proxy-protocol/index.ts';

/** What became of bytes: the code of a violation, `ok` for a whole header, `more` when it has not ended. */
export interface Outcome {
  readonly code: string;
  readonly peer: ProxiedPeer | null;
  /** Bytes of the header. */
  readonly length: number;
  /** What stands behind the header. */
  readonly rest: string;
  /** How many bytes were given before there was a verdict; all of them without one. */
  readonly given: number;
}

/** Reads a header as a connection would that receives the bytes in pieces of the given size. */
export function drive(bytes: Buffer, pieceBytes = Math.max(1, bytes.length)): Outcome {
  const reader = createProxyHeaderReader();
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const given = Math.min(at + pieceBytes, bytes.length);
    const reading = reader.read(bytes.subarray(at, given));
    if (reading.state === 'broken') return { code: reading.violation.code, peer: null, length: 0, rest: '', given };
    if (reading.state === 'done') {
      const rest = Buffer.concat([reading.rest, bytes.subarray(given)]).toString('latin1');
      return { code: 'ok', peer: reading.peer, length: reading.length, rest, given };
    }
  }
  return { code: 'more', peer: null, length: 0, rest: '', given: bytes.length };
}

/** Bytes written as hexadecimal digits, with any white space between them. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replace(/\s/g, ''), 'hex');
}

export const SIGNATURE = '0d0a0d0a000d0a515549540a';

/** A header of version 2 with a length that fits, as hexadecimal digits. */
export function binary(commandByte: string, familyByte: string, block: string): Buffer {
  const length = hex(block).length.toString(16).padStart(4, '0');
  return hex(`${SIGNATURE} ${commandByte} ${familyByte} ${length} ${block}`);
}

/** A vector with a length that fits. */
export function vector(type: string, value: string): string {
  return `${type} ${hex(value).length.toString(16).padStart(4, '0')} ${value}`;
}

export function ascii(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}
