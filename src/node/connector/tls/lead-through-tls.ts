import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TlsFaults } from '../../faults/traffic/tls-faults.ts';
import { linger } from '../endings.ts';
import { KEEP_IDLE_MS } from '../http-front.ts';
import type { ConnectorTls } from '../types.ts';
import { tlsEndOf } from './tls-end.ts';

/** First byte of a record of the handshake (RFC 8446 §5.1). No request of HTTP begins with it. */
const HANDSHAKE_RECORD = 22;

/** What Tomcat says, too, to those who speak HTTP where it expects TLS. */
const PLAIN_PAGE = 'This port speaks TLS.\n';
const PLAIN_ANSWER = `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${PLAIN_PAGE.length}\r\nConnection: close\r\n\r\n${PLAIN_PAGE}`;

/**
 * Leads a connection through the handshake of TLS; who does not come through is cut off.
 *
 * @param faults what strikes on the way; undefined: nothing
 * @param serve takes over what is inside
 */
export function leadThroughTls(
  socket: Socket,
  tls: ConnectorTls,
  faults: TlsFaults | undefined,
  serve: (secure: TLSSocket) => void,
): void {
  const giveUp = (): void => {
    socket.destroy();
  };
  socket.setTimeout(KEEP_IDLE_MS, giveUp);
  // Who ends its side before a handshake wants nothing.
  socket.once('end', giveUp);
  const handshake = (): void => {
    if (socket.destroyed) return;
    tlsEndOf(tls, faults?.face() ?? 'usual').handshake(socket, {
      onFailed: giveUp,
      onSecure(secure) {
        secure.on('error', () => secure.destroy());
        socket.off('timeout', giveUp);
        socket.setTimeout(0);
        if (faults?.closesBehindHandshake() === true) {
          linger(secure);
          return;
        }
        serve(secure);
      },
    });
  };
  socket.once('data', (first) => {
    socket.pause();
    if (first[0] !== HANDSHAKE_RECORD || faults?.speaksPlain() === true) {
      socket.write(PLAIN_ANSWER);
      linger(socket);
      return;
    }
    socket.unshift(first);
    if (faults === undefined) handshake();
    else void faults.silence().then(handshake);
  });
}
