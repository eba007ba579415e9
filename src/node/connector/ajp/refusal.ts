import { STATUS_CODES } from 'node:http';
import {
  AJP_VIOLATION,
  type AjpViolation,
  END_RESPONSE_CLOSE,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
  writeSendHeaders,
} from '../../../core/ajp/index.ts';
import type { AjpRefusal } from './admission.ts';

/** As Tomcat says it: a page, and an end behind which the connection is closed. @throws RangeError for a packet too small */
export function refusalPackets({ status, why }: AjpRefusal, packetBytes: number): Buffer {
  const page = Buffer.from(`${status}: ${why}\n`);
  const headers = [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(page.length)],
  ] as const;
  const head = writeSendHeaders(status, STATUS_CODES[status] ?? '', headers, packetBytes);
  if (head === null) throw new RangeError(`no answer fits packets of ${packetBytes} bytes`);
  return Buffer.concat([head, sendBodyChunkHead(page.length), page, SEND_BODY_CHUNK_TAIL, END_RESPONSE_CLOSE]);
}

/** What is not even a packet of AJP, or none that may come then: nobody would understand an answer. */
const SILENTLY: ReadonlySet<AjpViolation> = new Set([
  AJP_VIOLATION.http,
  AJP_VIOLATION.tls,
  AJP_VIOLATION.magic,
  AJP_VIOLATION.packetType,
  AJP_VIOLATION.unexpected,
  AJP_VIOLATION.packetLength,
]);

/**
 * How a violation between two requests is answered.
 * @returns undefined: the connection is closed without a word
 */
export function refusalOf(violation: AjpViolation): AjpRefusal | undefined {
  if (SILENTLY.has(violation)) return undefined;
  // A method that nobody knows is an error inside of Tomcat.
  return { status: violation === AJP_VIOLATION.method ? 500 : 400, why: `${violation.code}: ${violation.message}` };
}
