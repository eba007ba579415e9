import type { Socket } from 'node:net';
import { KEEP_IDLE_MS } from './http-front.ts';

/** What a balancer is answered that asks whether the node is alive; methods as a servlet container says them. */
export const PING_HEADERS = {
  Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'Content-Length': '0',
} as const;

const ANSWER = `HTTP/1.1 200 OK\r\n${Object.entries(PING_HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')}Connection: close\r\n\r\n`;
/** Longer than the pings of all balancers. */
const MOST_PING_BYTES = 512;

/**
 * Answers a connection that brings one ping and nothing else, as those of balancers do at each STATUS (reference §5.3), and
 * gives every other one on as it came. A large fleet that idles does little but this: HTTP's objects for it were the larger
 * part of what it cost.
 */
export function answerPings(socket: Socket, serve: () => void): void {
  const giveUp = (): void => {
    socket.destroy();
  };
  socket.setTimeout(KEEP_IDLE_MS, giveUp);
  socket.once('data', (first) => {
    if (isLonePing(first)) {
      socket.end(ANSWER, 'latin1');
      return;
    }
    socket.off('timeout', giveUp);
    socket.unshift(first);
    serve();
  });
}

/** A whole `OPTIONS *`, without a body, behind which the balancer wants the connection closed. */
function isLonePing(bytes: Buffer): boolean {
  if (bytes.length > MOST_PING_BYTES) return false;
  const text = bytes.toString('latin1');
  if (!/^OPTIONS \* HTTP\/1\.[01]\r\n/.test(text) || text.indexOf('\r\n\r\n') !== text.length - 4) return false;
  if (/\n(?:content-length|transfer-encoding|expect|upgrade)[ \t]*:/i.test(text)) return false;
  // Of HTTP/1.0 without more words that is what it means; whoever says anything unusual gets the strict reader.
  return /^[^\r\n]+ HTTP\/1\.0\r\n(?!.*\nconnection:)/is.test(text) || /\r\nConnection: close\r\n/i.test(text);
}
