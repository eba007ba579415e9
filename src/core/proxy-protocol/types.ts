/** Broken grammar or a broken limit in a PROXY header. One row each in `violations.ts`. */
export interface ProxyViolation {
  /** Stable: `PROXY_…`. */
  readonly code: `PROXY_${string}`;
  /** What is wrong, one sentence, nothing of the peer's bytes in it. */
  readonly message: string;
}

/** What the proxy in front says about the TLS session that it ended (§2.2.6). Its strings are byte strings, as sent. */
export interface ProxiedTls {
  readonly version?: string;
  readonly cipher?: string;
  /** What the certificate that the proxy presented is signed with. */
  readonly signatureAlgorithm?: string;
  readonly keyAlgorithm?: string;
  /** Whether the client showed a certificate: on this connection, at an earlier one of the same session, or never. */
  readonly clientCertificate: 'connection' | 'session' | 'none';
  /** There is a certificate of the client and the proxy verified it. */
  readonly verified: boolean;
  /** Common name of the client's certificate; worth nothing unless `verified`. */
  readonly commonName?: string;
}

/** Who stands at the other side of the proxy in front, as its header says. Strings are byte strings. */
export interface ProxiedPeer {
  /** `local`: the proxy itself connected, as for its health checks, so that the real peer is the one that counts (§2.2). */
  readonly command: 'proxy' | 'local';
  /**
   * IPv4 or IPv6 in its shortest form, an IPv4 address mapped into IPv6 as IPv4. Empty: the header names none that a TCP
   * client could have (`local`, UNKNOWN, UNSPEC, UNIX, datagrams), and the real addresses of the connection stay in force.
   */
  readonly sourceAddress: string;
  /** 0 without an address. */
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
  /** The client came to the proxy over TLS. Never true of version 1, which cannot say it. */
  readonly tls: boolean;
  /** Present whenever the header has a vector of TLS, which may say that there is none. */
  readonly tlsSession?: ProxiedTls;
  /** The host name that the client asked for: SNI with TLS. Valid UTF-8 without control characters. */
  readonly authority?: string;
  /** The protocol negotiated by ALPN, such as `h2`. */
  readonly alpn?: string;
  /** Opaque, at most 128 bytes: names the connection in the logs of every proxy on the way. */
  readonly uniqueId?: string;
  /** Name of the network namespace in which the proxy accepted the connection. ASCII. */
  readonly namespace?: string;
}

/** What the optional vectors of a version 2 header say. */
export type VectorFields = Pick<ProxiedPeer, 'tls' | 'tlsSession' | 'authority' | 'alpn' | 'uniqueId' | 'namespace'>;

/** A peer of whom the header says nothing. */
export function unnamedPeer(command: ProxiedPeer['command'], fields: VectorFields = { tls: false }): ProxiedPeer {
  return { command, sourceAddress: '', sourcePort: 0, destinationAddress: '', destinationPort: 0, ...fields };
}
