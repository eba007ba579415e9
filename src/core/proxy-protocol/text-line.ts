import { isIPv4, isIPv6 } from 'node:net';
import { oneSpelling } from './addresses.ts';
import { type ProxiedPeer, type ProxyViolation, unnamedPeer } from './types.ts';
import { PROXY_VIOLATION } from './violations.ts';

/** With CRLF: `PROXY UNKNOWN`, two addresses and two ports at their longest (§2.1). */
export const MAX_LINE_BYTES = 107;

const CR = 13;
const LF = 10;
const SPACE = 32;

/** What a line of version 1 can begin with; where one of them ends, anything may follow that the family allows. */
const BEGINNINGS = ['PROXY TCP4 ', 'PROXY TCP6 ', 'PROXY UNKNOWN'] as const;
const KEYWORD = 'PROXY ';
const UNKNOWN = 'PROXY UNKNOWN';
const ADDRESS_CHARACTERS = /^[0-9A-Fa-f:. ]$/;
/** No leading zeros (§2.1). */
const PORT = /^(?:0|[1-9][0-9]{0,4})$/;

/**
 * Judges the next byte of a line of version 1.
 *
 * @param line all bytes before it; none of them was refused, and the line has not ended
 * @returns `'end'` when the byte ends the line, null when the line goes on
 */
export function judgeLineByte(line: string, byte: number): ProxyViolation | 'end' | null {
  if (line.endsWith('\r')) return byte === LF ? 'end' : PROXY_VIOLATION.lineEnd;
  // The longest line has its CR as the last byte but one.
  if (line.length >= MAX_LINE_BYTES - (byte === CR ? 1 : 2)) return PROXY_VIOLATION.lineTooLong;
  const more = line + String.fromCharCode(byte);
  if (BEGINNINGS.some((beginning) => beginning.startsWith(more))) return null;
  if (line.startsWith(UNKNOWN)) return judgeIgnored(line, byte);
  if (line.length < KEYWORD.length) return PROXY_VIOLATION.missing;
  if (!BEGINNINGS.some((beginning) => line.startsWith(beginning))) return PROXY_VIOLATION.family;
  if (byte === CR) return null;
  if (byte === LF) return PROXY_VIOLATION.lineEnd;
  return ADDRESS_CHARACTERS.test(String.fromCharCode(byte)) ? null : PROXY_VIOLATION.character;
}

/** Behind UNKNOWN anything is ignored up to CRLF, but it is UNKNOWN only when the word ends there. */
function judgeIgnored(line: string, byte: number): ProxyViolation | null {
  if (byte === LF) return PROXY_VIOLATION.lineEnd;
  return line.length > UNKNOWN.length || byte === CR || byte === SPACE ? null : PROXY_VIOLATION.family;
}

/** @param line a line that `judgeLineByte` let through, without its CRLF */
export function readLine(line: string): ProxiedPeer | ProxyViolation {
  if (line.startsWith(UNKNOWN)) return unnamedPeer('proxy');
  const words = line.split(' ');
  if (words.length !== 6) return PROXY_VIOLATION.lineShape;
  const [, family = '', source = '', destination = '', sourcePort = '', destinationPort = ''] = words;
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  if (!isAddress(source) || !isAddress(destination)) return PROXY_VIOLATION.address;
  if (!isPort(sourcePort) || !isPort(destinationPort)) return PROXY_VIOLATION.port;
  return {
    command: 'proxy',
    sourceAddress: oneSpelling(source),
    sourcePort: Number(sourcePort),
    destinationAddress: oneSpelling(destination),
    destinationPort: Number(destinationPort),
    tls: false,
  };
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= 65_535;
}
