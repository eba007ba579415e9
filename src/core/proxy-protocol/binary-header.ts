import { addressOfBytes } from './addresses.ts';
import { type ProxiedPeer, type ProxyViolation, unnamedPeer } from './types.ts';
import { readVectors } from './vectors.ts';
import { PROXY_VIOLATION } from './violations.ts';
import {
  ADDRESS_BYTES,
  COMMAND,
  FAMILY,
  FIXED_BYTES,
  MAX_BLOCK_BYTES,
  SIGNATURE,
  TRANSPORT,
  VERSION_NIBBLE,
} from './wire.ts';

const VERSION_AT = 12;
const FAMILY_AT = 13;
const LENGTH_AT = 14;

/**
 * Judges one byte of the fixed part of a version 2 header.
 *
 * @param fixed the fixed part as far as it was read, this byte included
 * @param at where the byte stands in it
 */
export function judgeFixedByte(fixed: Buffer, at: number): ProxyViolation | null {
  const byte = fixed[at] as number;
  if (at < SIGNATURE.length) return byte === SIGNATURE[at] ? null : PROXY_VIOLATION.missing;
  if (at === VERSION_AT) {
    if ((byte & 0xf0) !== VERSION_NIBBLE) return PROXY_VIOLATION.version;
    return (byte & 0x0f) > COMMAND.proxy ? PROXY_VIOLATION.command : null;
  }
  if (at === FAMILY_AT) {
    // §2.2 on LOCAL: discard the protocol block including the family, which is ignored.
    if (isLocal(fixed)) return null;
    return byte >> 4 > FAMILY.unix || (byte & 0x0f) > TRANSPORT.datagram ? PROXY_VIOLATION.binaryFamily : null;
  }
  if (at === LENGTH_AT) return byte << 8 > MAX_BLOCK_BYTES ? PROXY_VIOLATION.tooLong : null;
  const length = blockBytes(fixed);
  if (length > MAX_BLOCK_BYTES) return PROXY_VIOLATION.tooLong;
  return length < addressBytes(fixed) ? PROXY_VIOLATION.tooShort : null;
}

/** @returns how many bytes follow the fixed part */
export function blockBytes(fixed: Buffer): number {
  return fixed.readUInt16BE(LENGTH_AT);
}

/** @param header all of it; `judgeFixedByte` let its fixed part through */
export function readBinaryHeader(header: Buffer): ProxiedPeer | ProxyViolation {
  if (isLocal(header)) return unnamedPeer('local');
  const bytes = addressBytes(header);
  // Without a family nobody knows where addresses end and vectors begin, so all of it is skipped.
  if (bytes === 0) return unnamedPeer('proxy');
  const fields = readVectors(header, FIXED_BYTES + bytes);
  if ('code' in fields) return fields;
  const family = (header[FAMILY_AT] as number) >> 4;
  const stream = ((header[FAMILY_AT] as number) & 0x0f) === TRANSPORT.stream;
  if (!stream || family === FAMILY.unix) return unnamedPeer('proxy', fields);
  const size = family === FAMILY.ipv4 ? 4 : 16;
  const ports = FIXED_BYTES + 2 * size;
  return {
    command: 'proxy',
    sourceAddress: addressOfBytes(header.subarray(FIXED_BYTES, FIXED_BYTES + size)),
    sourcePort: header.readUInt16BE(ports),
    destinationAddress: addressOfBytes(header.subarray(FIXED_BYTES + size, ports)),
    destinationPort: header.readUInt16BE(ports + 2),
    ...fields,
  };
}

function isLocal(fixed: Buffer): boolean {
  return ((fixed[VERSION_AT] as number) & 0x0f) === COMMAND.local;
}

/** How many bytes the addresses take; 0 where nothing is known about them. */
function addressBytes(fixed: Buffer): number {
  const byte = fixed[FAMILY_AT] as number;
  if (isLocal(fixed) || (byte & 0x0f) === TRANSPORT.unspecified) return 0;
  return ADDRESS_BYTES.get(byte >> 4) ?? 0;
}
