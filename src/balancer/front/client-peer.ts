import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { plainAddress } from '../../core/access.ts';

/** Who is at the other end of a client connection, and how it came. */
export interface ClientPeer {
  /** IP address without port; behind a proxy that tells by the PROXY protocol, the one it tells. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The address it came to. */
  readonly localAddress: string;
  readonly localPort: number;
  /** What the client speaks; a stream of HTTP/2 is a connection of its own here. */
  readonly httpVersion: '1.1' | '2';
  /** Null: not encrypted. */
  readonly tls: PeerTls | null;
}

/** What is known of an encrypted connection. */
export interface PeerTls {
  /** `TLSv1.3` */
  readonly version: string;
  /** Name by OpenSSL, such as `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string;
  /** Of the cipher, in bits. */
  readonly keyBits: number;
  /** Lower-case hex; empty where there is none. */
  readonly sessionId: string;
  /** The name the client asked for (SNI); empty: none. */
  readonly serverName: string;
  /** What the client showed, if it was asked and an authority of ours signed it. */
  readonly certificate: X509Certificate | null;
}

/** Whom a certificate names. */
export interface CertificateName {
  /** For people: the common name, or the whole name where there is none. */
  readonly name: string;
  /** The same in each certificate that the same authority issues to the same subject. */
  readonly identity: string;
}

/** Whom the certificate of a peer names; undefined: it showed none. */
export function certificateNameOf({ tls }: ClientPeer): CertificateName | undefined {
  const certificate = tls?.certificate ?? null;
  if (certificate === null) return undefined;
  const { issuer, subjectAltName = '' } = certificate;
  // Certificates of workloads often have alternative names only; Node.js then has no subject, whatever its types say.
  const subject: string = certificate.subject ?? '';
  const whole = subject === '' ? subjectAltName : subject;
  const name = /^CN=(.+)$/m.exec(subject)?.[1] ?? whole.replaceAll('\n', ', ');
  return { name, identity: JSON.stringify([whole, issuer]) };
}

/** The peer of a connection that is not encrypted. */
export function peerOf(socket: Socket): ClientPeer {
  return {
    remoteAddress: plainAddress(socket.remoteAddress ?? ''),
    remotePort: socket.remotePort ?? 0,
    localAddress: plainAddress(socket.localAddress ?? ''),
    localPort: socket.localPort ?? 0,
    httpVersion: '1.1',
    tls: null,
  };
}

/** @param certificate what the client showed, and may be believed; undefined: nothing */
export function peerTlsOf(socket: TLSSocket, certificate: X509Certificate | undefined): PeerTls {
  const { name } = socket.getCipher();
  return {
    version: socket.getProtocol() ?? '',
    cipher: name,
    keyBits: keyBitsOf(name),
    // Sessions are kept in tickets, by the client: those have no id.
    sessionId: '',
    serverName: typeof socket.servername === 'string' ? socket.servername : '',
    certificate: certificate ?? null,
  };
}

/** Only ciphers with 128 or 256 bits are offered (`tls-end.ts`). */
export function keyBitsOf(cipher: string): number {
  return /AES_?128/.test(cipher) ? 128 : 256;
}
