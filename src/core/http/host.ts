import { allIn, BYTE_CLASS, COLON, DIGIT, HEX, NAME } from './grammar.ts';

/** Longest name of DNS in its text form (RFC 1035 §2.3.4). */
const MAX_NAME_LENGTH = 253;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const DOT = 46;
const ZERO = 48;

/**
 * Whether the text is a host with an optional port: a name of letters, digits, `-`, `_` and single dots, an IPv4 address, or
 * an IPv6 address in brackets; a port of 1 to 5 digits up to 65535. RFC 3986 §3.2.2 would also allow percent-encoding,
 * sub-delimiters, an empty name and an empty port; none names a host that exists, and every one has been used to get past
 * somebody's host check (CVE-2025-12543).
 */
export function isValidHost(host: string): boolean {
  const bytes = Buffer.from(host, 'utf8');
  return isHostAt(bytes, 0, bytes.length);
}

/** The same for bytes of a head. */
export function isHostAt(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] === OPEN_BRACKET && start < end) return isBracketedAt(bytes, start, end);
  let pos = start;
  let afterDot = true;
  for (; pos < end; pos++) {
    const byte = bytes[pos] as number;
    if (byte === COLON) break;
    if (((BYTE_CLASS[byte] as number) & NAME) === 0) return false;
    if (byte === DOT && afterDot) return false;
    afterDot = byte === DOT;
  }
  const length = pos - start;
  return length > 0 && length <= MAX_NAME_LENGTH && isPortOrNothing(bytes, pos, end);
}

function isBracketedAt(bytes: Uint8Array, start: number, end: number): boolean {
  const close = bytes.indexOf(CLOSE_BRACKET, start);
  if (close === -1 || close >= end || close > start + 46) return false;
  return isIpv6(String.fromCharCode(...bytes.subarray(start + 1, close))) && isPortOrNothing(bytes, close + 1, end);
}

function isPortOrNothing(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  if (bytes[start] !== COLON) return false;
  const digits = end - start - 1;
  if (digits < 1 || digits > 5) return false;
  let port = 0;
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i] as number;
    if (((BYTE_CLASS[byte] as number) & DIGIT) === 0) return false;
    port = port * 10 + byte - ZERO;
  }
  return port <= 65535;
}

/** An IPv6 address in text form, without zone (RFC 4291 §2.2). */
function isIpv6(address: string): boolean {
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  let width = 0;
  for (const [index, group] of groups.entries()) {
    const isLast = index === groups.length - 1 && !address.endsWith('::');
    if (isLast && group.includes('.')) {
      if (!isIpv4(group)) return false;
      width += 2;
    } else {
      if (group.length < 1 || group.length > 4 || !allIn(HEX, group)) return false;
      width += 1;
    }
  }
  return halves.length === 2 ? width < 8 : width === 8;
}

function isIpv4(address: string): boolean {
  const parts = address.split('.');
  return (
    parts.length === 4 &&
    parts.every((part) => part.length > 0 && part.length <= 3 && allIn(DIGIT, part) && Number(part) < 256)
  );
}

/** Host and port in a form that can be compared: lower case, without the port that the scheme implies. */
export function canonicalHost(host: string, scheme: 'http' | 'https'): string {
  const lower = host.toLowerCase();
  const implied = scheme === 'http' ? ':80' : ':443';
  return lower.endsWith(implied) ? lower.slice(0, -implied.length) : lower;
}
