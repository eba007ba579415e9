import { isIPv6 } from 'node:net';
import { plainAddress } from '../access.ts';
import { canonicalHost, withoutBrackets } from '../address.ts';

/** `::ffff:192.0.2.1` in the spelling of URLs. */
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * One spelling for every address, the one that sockets, access rules and logs use: IPv6 in its shortest form (RFC 5952),
 * and what is an IPv4 address inside as IPv4, so that nobody gets around a rule for IPv4 by mapping it into IPv6.
 *
 * @param text a valid IPv4 or IPv6 address without a zone
 */
export function oneSpelling(text: string): string {
  if (!text.includes(':')) return text;
  const shortest = withoutBrackets(canonicalHost(text) ?? text);
  const mapped = MAPPED.exec(shortest);
  if (mapped === null) return plainAddress(shortest);
  const [, high = '', low = ''] = mapped;
  const both = Number.parseInt(high, 16) * 0x10000 + Number.parseInt(low, 16);
  return [both >>> 24, (both >>> 16) & 0xff, (both >>> 8) & 0xff, both & 0xff].join('.');
}

/** @param bytes four of them for IPv4, or sixteen for IPv6 */
export function addressOfBytes(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  return oneSpelling(groups.join(':'));
}

/** @param text a valid IPv4 address, as `isIPv4` takes it */
export function bytesOfIPv4(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

/** @param text a valid IPv6 address without a zone, or an IPv4 address, which is mapped into IPv6 (RFC 4291 §2.5.5.2) */
export function bytesOfIPv6(text: string): Buffer {
  const bytes = Buffer.alloc(16);
  if (!isIPv6(text)) {
    bytes.writeUInt16BE(0xffff, 10);
    bytesOfIPv4(text).copy(bytes, 12);
    return bytes;
  }
  const [before = '', after] = withoutBrackets(canonicalHost(text) ?? text).split('::');
  const head = groupsOf(before);
  const tail = groupsOf(after ?? '');
  for (const [index, group] of head.entries()) bytes.writeUInt16BE(group, 2 * index);
  for (const [index, group] of tail.entries()) bytes.writeUInt16BE(group, 16 - 2 * (tail.length - index));
  return bytes;
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
