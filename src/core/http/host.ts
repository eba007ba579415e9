import { allIn, BYTE_CLASS, COLON, DIGIT, HEX, NAME } from './grammar.ts';

/** Longest name of DNS in its text form (RFC 1035 §2.3.4). */
const MAX_NAME_LENGTH = 253;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const DOT = 46;

/**
 * Whether the text is a host with an optional port: a name of letters, digits, `-`, `_` and single dots, an IPv4 address, or
 * an IPv6 address in brackets; a port of 1 to 5 digits up to 65535. RFC 3986 §3.2.2 would also allow percent-encoding,
 * sub-delimiters, an empty name and an empty port; none names a host that exists, and every one has been used to get past
 * somebody's host check (CVE-2025-12543).
 */
export function isValidHost(text: string, start: number, end: number): boolean {
  if (start >= end) return false;
  if (text.charCodeAt(start) === OPEN_BRACKET) {
    let close = start + 1;
    while (close < end && text.charCodeAt(close) !== CLOSE_BRACKET) close++;
    return close < end && isIpv6(text.slice(start + 1, close)) && isPortOrNothing(text, close + 1, end);
  }
  let pos = start;
  let afterDot = true;
  for (; pos < end; pos++) {
    const byte = text.charCodeAt(pos);
    if (byte === COLON) break;
    if (((BYTE_CLASS[byte] as number) & NAME) === 0) return false;
    if (byte === DOT && afterDot) return false;
    afterDot = byte === DOT;
  }
  const length = pos - start;
  return length > 0 && length <= MAX_NAME_LENGTH && isPortOrNothing(text, pos, end);
}

function isPortOrNothing(text: string, start: number, end: number): boolean {
  if (start === end) return true;
  if (text.charCodeAt(start) !== COLON) return false;
  const digits = end - start - 1;
  if (digits < 1 || digits > 5 || !allIn(DIGIT, text, start + 1, end)) return false;
  return Number(text.slice(start + 1, end)) <= 65535;
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
      if (group.length < 1 || group.length > 4 || !allIn(HEX, group, 0, group.length)) return false;
      width += 1;
    }
  }
  return halves.length === 2 ? width < 8 : width === 8;
}

function isIpv4(address: string): boolean {
  const parts = address.split('.');
  return (
    parts.length === 4 &&
    parts.every(
      (part) => part.length > 0 && part.length <= 3 && allIn(DIGIT, part, 0, part.length) && Number(part) < 256,
    )
  );
}

/** Host and port in a form that can be compared: lower case, without the port that the scheme implies. */
export function canonicalHost(host: string, scheme: 'http' | 'https'): string {
  const lower = host.toLowerCase();
  const implied = scheme === 'http' ? ':80' : ':443';
  return lower.endsWith(implied) ? lower.slice(0, -implied.length) : lower;
}
