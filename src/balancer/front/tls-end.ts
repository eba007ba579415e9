import { constants, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type TLSSocket } from 'node:tls';
import { McmpError } from '../../core/errors.ts';
import type { CertificateAndKey } from '../options.ts';
import { chooseByName } from './certificate-names.ts';

/**
 * What Node.js offers by itself, without what is obsolete: key exchange without forward secrecy, CBC, SHA-1 and finite fields.
 * Every client of the last ten years has one of these, Java 8 included (RFC 9325 §4.2).
 */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** A client that renegotiates makes the server work again and again for nothing (RFC 9325 §3.5); compression tells secrets. */
const OPTIONS = constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION;

export interface TlsEndSettings {
  /** The first one is for clients that name no host, or one that no certificate is for. */
  readonly certificates: readonly [CertificateAndKey, ...CertificateAndKey[]];
  /** Authorities of client certificates, PEM; empty: none is asked for. */
  readonly clientCa: string;
  /** What is spoken, as ALPN calls it, the favourite first. */
  readonly protocols: readonly string[];
}

/** Told once what became of a handshake. */
export interface HandshakeHandler {
  onSecure(socket: TLSSocket): void;
  /** @param error with `code` */
  onFailed(error: Error): void;
}

/** The server's end of TLS, with certain certificates: connections are led through it one by one. */
export interface TlsEnd {
  /** Whether each client has to show a certificate. */
  readonly asksForCertificate: boolean;
  /** Until when its certificates are valid, in milliseconds since the epoch. */
  readonly expiries: readonly { readonly files: string; readonly atMs: number }[];
  /** Whether clients that ask for these two names, or none, are shown the same certificate. */
  isOneCertificate(name: string, other: string): boolean;
  /** @param socket with bytes that were read from it already put back */
  handshake(socket: Socket, handler: HandshakeHandler): void;
}

/**
 * Makes the server's end of TLS 1.2 and 1.3. Session tickets are encrypted with keys that each end has for itself: a session
 * is resumed at no other one, and at none that was made anew because a certificate or an authority has changed.
 *
 * @throws McmpError when OpenSSL does not take a certificate, a key or an authority
 */
export function createTlsEnd({ certificates, clientCa, protocols }: TlsEndSettings): TlsEnd {
  const asksForCertificate = clientCa !== '';
  const contexts = certificates.map((certificate) => ({
    cert: certificate.cert,
    context: contextOf(certificate, clientCa),
  }));
  const [first] = certificates;
  const byName = chooseByName(contexts.map(({ cert, context }) => [cert, context]));
  /** As OpenSSL does when it is told of none. */
  const chosen = (name: string): SecureContext | undefined => byName(name) ?? contexts[0]?.context;
  const server = createServer({
    ...settingsOf(first, clientCa),
    ALPNProtocols: [...protocols],
    requestCert: asksForCertificate,
    // Who shows a certificate of an unknown authority gets to read why it was refused: OpenSSL would just hang up.
    rejectUnauthorized: false,
    ...(contexts.length === 1
      ? {}
      : {
          SNICallback: (name: string, told: (error: Error | null, context?: SecureContext) => void) =>
            told(null, byName(name)),
        }),
  });
  const waiting = new WeakMap<object, HandshakeHandler>();
  /** The socket below one of TLS. Not in the documentation of Node.js, but there since its first releases. */
  const take = (socket: TLSSocket): HandshakeHandler | undefined => {
    const below: unknown = Reflect.get(socket, '_parent');
    if (typeof below !== 'object' || below === null) return undefined;
    const handler = waiting.get(below);
    waiting.delete(below);
    return handler;
  };
  server.on('secureConnection', (socket) => {
    const handler = take(socket);
    if (handler === undefined) socket.destroy();
    else {
      socket.allowHalfOpen = true;
      handler.onSecure(socket);
    }
  });
  server.on('tlsClientError', (error, socket) => take(socket)?.onFailed(error));
  return {
    asksForCertificate,
    expiries: certificates.map(({ cert, files }) => ({ files, atMs: Date.parse(new X509Certificate(cert).validTo) })),
    isOneCertificate: (name, other) => certificates.length === 1 || chosen(name) === chosen(other),
    handshake(socket, handler) {
      waiting.set(socket, handler);
      // Who says no more before the handshake is done, is gone.
      socket.allowHalfOpen = false;
      // The documented way to give a server a connection that somebody else accepted.
      server.emit('connection', socket);
    },
  };
}

function settingsOf({ cert, key }: CertificateAndKey, clientCa: string) {
  return {
    cert,
    key,
    ...(clientCa === '' ? {} : { ca: clientCa }),
    minVersion: 'TLSv1.2' as const,
    ciphers: CIPHERS,
    honorCipherOrder: true,
    secureOptions: OPTIONS,
  };
}

function contextOf(certificate: CertificateAndKey, clientCa: string): SecureContext {
  try {
    return createSecureContext(settingsOf(certificate, clientCa));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new McmpError('usage', 'MCMP_BAD_CERTIFICATE', `${certificate.files} cannot be used for TLS: ${why}`, {
      cause: error,
      hint: 'Look at the certificate with: openssl x509 -noout -text -in FILE',
    });
  }
}
