import { createHash, randomBytes } from 'node:crypto';

/** RFC 6455 §1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A value for Sec-WebSocket-Key: 16 random bytes (RFC 6455 §4.1). */
export function newWebsocketKey(): string {
  return randomBytes(16).toString('base64');
}

/** What a server has to answer to such a key (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
}
