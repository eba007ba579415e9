import type { RequestHead } from '../../core/http/index.ts';

/**
 * Whether a client needs a node that switches protocols, which AJP has no words for. Other offers, such as h2c, can be declined
 * by saying nothing (RFC 9110 §7.8).
 */
export function wantsTunnel(head: RequestHead): boolean {
  return head.upgrade !== '' && /(?:^|,)[ \t]*websocket[ \t]*(?:,|$)/i.test(head.upgrade);
}
