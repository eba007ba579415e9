import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import { withoutBrackets } from '../core/address.ts';
import type { HandshakeError } from './tls-failures.ts';

export interface McmpClientTls {
  /** PEM. */
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Take any certificate. */
  readonly insecure?: boolean;
}

/**
 * Opens a socket to the balancer at `base`; the callback is called once.
 * @param localAddress address of this machine to come from; left out: the system's choice
 */
export function openSocket(
  base: URL,
  tls: McmpClientTls,
  callback: (error: Error | null, socket: Socket) => void,
  localAddress?: string,
): Socket {
  const secure = base.protocol === 'https:';
  const host = withoutBrackets(base.hostname);
  const port = base.port === '' ? (secure ? 443 : 80) : Number(base.port);
  const from = localAddress === undefined ? {} : { localAddress };
  const socket = secure
    ? connectTls({
        host,
        port,
        ...from,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(tls.cert === undefined ? {} : { cert: tls.cert }),
        ...(tls.key === undefined ? {} : { key: tls.key }),
        rejectUnauthorized: tls.insecure !== true,
        // RFC 8996, whatever Node.js is told by its own options.
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['http/1.1'],
      })
    : connectTcp({ host, port, ...from });
  socket.setNoDelay(true);
  const failed = (error: HandshakeError): void => {
    // Known to the socket only, and only now: getPeerCertificate is empty until then, and null afterwards.
    if (socket instanceof TLSSocket) error.certificateShown = socket.getPeerCertificate()?.raw !== undefined;
    callback(error, socket);
  };
  const closed = (): void => failed(new Error('closed while connecting'));
  socket.once('error', failed);
  socket.once('close', closed);
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    socket.off('error', failed);
    socket.off('close', closed);
    callback(null, socket);
  });
  return socket;
}

export interface Connector {
  readonly connect: buildConnector.connector;
  /** Ends an attempt that is under way. */
  readonly drop: () => void;
  /**
   * Why an exchange on the last socket failed. With TLS 1.3 a balancer refuses a client when the handshake is over for the
   * client (RFC 8446 §4.4.2.4): its alert and the end arrive together, and undici reports the end.
   */
  readonly reasonOf: (error: unknown) => unknown;
}

/**
 * undici's way to open sockets, with one thing added: `drop` ends an attempt that is under way. undici itself looks at an
 * aborted request only when the socket is there, and would wait for an address that swallows packets.
 */
export function createConnector(base: URL, tls: McmpClientTls): Connector {
  let connecting: Socket | undefined;
  let said: Error | undefined;
  return {
    reasonOf: (error) => said ?? error,
    connect: (_, callback) => {
      let settled = false;
      said = undefined;
      connecting = openSocket(base, tls, (error, socket) => {
        if (settled) return;
        settled = true;
        connecting = undefined;
        if (error !== null) {
          callback(error, null);
          return;
        }
        socket.once('error', (reason) => {
          said = reason;
        });
        callback(null, socket);
      });
    },
    drop: () => connecting?.destroy(),
  };
}
