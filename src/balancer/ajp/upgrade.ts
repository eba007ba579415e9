import type { NodeRecord } from '../../core/cluster/records.ts';
import type { RequestHead } from '../../core/http/index.ts';
import { protocolOf } from '../transports.ts';

/**
 * Whether a client needs a node that switches protocols and this one cannot, for AJP has no words for it. Other offers than
 * WebSocket, such as h2c, can be declined by saying nothing (RFC 9110 §7.8).
 */
export function cannotSwitch(node: NodeRecord, head: RequestHead): boolean {
  return head.upgrade !== '' && protocolOf(node) === 'ajp' && /(?:^|,)[ \t]*websocket[ \t]*(?:,|$)/i.test(head.upgrade);
}
