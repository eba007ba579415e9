/** Numbers of the binary header (version 2), §2.2 of the specification. */

/** `\r\n\r\n\0\r\nQUIT\n`: no HTTP, SMTP or TLS connection begins so. */
export const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** Signature, version and command, family and transport, length. */
export const FIXED_BYTES = 16;
export const VERSION_NIBBLE = 0x20;

/**
 * Bytes of addresses and vectors that are read; the field could announce 64 KiB, of a peer that has not said yet who it is.
 * A client's certificate travels as its common name only, and the specification means all of it to fit into 536 bytes.
 */
export const MAX_BLOCK_BYTES = 4096;

export const COMMAND = { local: 0, proxy: 1 } as const;
export const FAMILY = { unspecified: 0, ipv4: 1, ipv6: 2, unix: 3 } as const;
export const TRANSPORT = { unspecified: 0, stream: 1, datagram: 2 } as const;

/** Two paths, padded with zeros. */
export const UNIX_ADDRESS_BYTES = 216;
/** Bytes of both addresses and both ports by family. */
export const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [FAMILY.ipv4, 12],
  [FAMILY.ipv6, 36],
  [FAMILY.unix, UNIX_ADDRESS_BYTES],
]);

/** Types of vectors (TLV). All others are skipped. */
export const VECTOR = {
  alpn: 0x01,
  authority: 0x02,
  checksum: 0x03,
  uniqueId: 0x05,
  tls: 0x20,
  tlsVersion: 0x21,
  tlsCommonName: 0x22,
  tlsCipher: 0x23,
  tlsSignatureAlgorithm: 0x24,
  tlsKeyAlgorithm: 0x25,
  namespace: 0x30,
} as const;
/** Type and length of a vector. */
export const VECTOR_HEAD_BYTES = 3;
/** Flags and result of the verification, before the vectors inside the vector of TLS. */
export const TLS_HEAD_BYTES = 5;
export const CHECKSUM_BYTES = 4;

/** Flags of the vector of TLS. */
export const TLS_FLAG = { tls: 0x01, certificateOnConnection: 0x02, certificateInSession: 0x04 } as const;

/** Texts inside the vector of TLS, by the field of `ProxiedTls` that they become. */
export const TLS_TEXTS = [
  ['version', VECTOR.tlsVersion],
  ['cipher', VECTOR.tlsCipher],
  ['signatureAlgorithm', VECTOR.tlsSignatureAlgorithm],
  ['keyAlgorithm', VECTOR.tlsKeyAlgorithm],
  ['commonName', VECTOR.tlsCommonName],
] as const;
