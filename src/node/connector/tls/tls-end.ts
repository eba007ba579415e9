import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { McmpError } from '../../../core/errors.ts';
import type { TlsArrival } from '../arrival.ts';
import { socketBelow } from '../endings.ts';
import type { CertificateAndKey, ConnectorTls } from '../types.ts';

/** A balancer that has connected has so long for its handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** What became of a handshake. */
export interface HandshakeHandler {
  onSecure(socket: TLSSocket): void;
  onFailed(): void;
}

/** The server's end of TLS with one certificate, for the connections of any number of nodes. */
export interface TlsEnd {
  handshake(socket: Socket, handler: HandshakeHandler): void;
}

/** TLS 1.2 and 1.3; or what was before, which the libraries of today refuse unless told to be careless. */
const VERSIONS = {
  modern: { minVersion: 'TLSv1.2' },
  obsolete: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
} as const;

/**
 * @param ca of client certificates, PEM; with it balancers have to show one
 * @throws McmpError `MCMP_BAD_CERTIFICATE` when OpenSSL does not take them
 */
export function createTlsEnd(
  { cert, key }: CertificateAndKey,
  ca: string | undefined,
  versions: keyof typeof VERSIONS,
): TlsEnd {
  const options = {
    cert,
    key,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    ...VERSIONS[versions],
    ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
  };
  const server = createServerOrSayWhy(options);
  const waiting = new WeakMap<Socket, HandshakeHandler>();
  const take = (socket: TLSSocket): HandshakeHandler | undefined => {
    const below = socketBelow(socket);
    const handler = below === undefined ? undefined : waiting.get(below);
    if (below !== undefined) waiting.delete(below);
    return handler;
  };
  server.on('secureConnection', (socket) => {
    const handler = take(socket);
    if (handler === undefined) socket.destroy();
    else handler.onSecure(socket);
  });
  server.on('tlsClientError', (_error, socket) => take(socket)?.onFailed());
  return {
    handshake(socket, handler) {
      waiting.set(socket, handler);
      // The documented way to give a server a connection that somebody else accepted.
      server.emit('connection', socket);
    },
  };
}

function createServerOrSayWhy(options: Parameters<typeof createServer>[0]): ReturnType<typeof createServer> {
  try {
    return createServer(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new McmpError('usage', 'MCMP_BAD_CERTIFICATE', `the certificate of the node cannot be used for TLS: ${why}`, {
      cause: error,
      hint: 'Certificate and key have to be PEM and belong together: openssl x509 -noout -text -in FILE shows one.',
    });
  }
}

/** What certificate, and which versions, a connection meets. */
export type TlsFace = 'usual' | 'expired' | 'wrong-host' | 'obsolete';

const ends = new WeakMap<ConnectorTls, Map<TlsFace, TlsEnd>>();

/** The end for a face, made when it is first needed: nodes with the same settings share it, as it is not small. */
export function tlsEndOf(tls: ConnectorTls, face: TlsFace): TlsEnd {
  const made = ends.get(tls) ?? new Map<TlsFace, TlsEnd>();
  ends.set(tls, made);
  let end = made.get(face);
  if (end === undefined) {
    const isFalse = face === 'expired' || face === 'wrong-host';
    const shown = isFalse ? (tls.falseCertificate?.(face) ?? tls) : tls;
    end = createTlsEnd(shown, tls.ca, face === 'obsolete' ? 'obsolete' : 'modern');
    made.set(face, end);
  }
  return end;
}

/** What is known of a connection that is encrypted. */
export function describeTls(socket: TLSSocket): TlsArrival {
  const { servername, alpnProtocol } = socket;
  const certificate = socket.getPeerX509Certificate();
  return {
    kind: 'tls',
    version: socket.getProtocol(),
    cipher: socket.getCipher().name,
    serverName: typeof servername === 'string' && servername !== '' ? servername : null,
    alpn: typeof alpnProtocol === 'string' ? alpnProtocol : null,
    clientSubject: certificate === undefined ? null : certificate.subject.replaceAll('\n', ', '),
  };
}
