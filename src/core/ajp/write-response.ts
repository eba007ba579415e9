import { RESPONSE_HEADER_SHELF } from './header-codes.ts';
import { packetWriter } from './packet-writer.ts';
import { AJP_MAGIC_FROM_NODE, AJP_PACKET } from './packets.ts';
import { VALUE_TEXT } from './texts.ts';
import type { AjpHeader } from './types.ts';

/**
 * Writes a SEND_HEADERS.
 * @param status 100 to 599
 * @param reason a byte string; may be empty
 * @param packetBytes the most bytes of a packet
 * @returns the whole packet, or null when it is larger
 * @throws RangeError when a field cannot be written as it is
 */
export function writeSendHeaders(
  status: number,
  reason: string,
  headers: readonly AjpHeader[],
  packetBytes: number,
): Buffer | null {
  if (!Number.isInteger(status) || status < 100 || status > 599) throw new RangeError(`${status} is no status.`);
  const packet = packetWriter(packetBytes);
  packet.begin(AJP_MAGIC_FROM_NODE, AJP_PACKET.sendHeaders);
  packet.integer(status);
  packet.text(reason, VALUE_TEXT, 'The reason phrase');
  packet.integer(headers.length);
  for (const [name, value] of headers) packet.header(RESPONSE_HEADER_SHELF, name, value);
  return packet.end();
}
