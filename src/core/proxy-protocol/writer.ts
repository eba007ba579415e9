import { isIP, isIPv4 } from 'node:net';
import { bytesOfIPv4, bytesOfIPv6, oneSpelling } from './addresses.ts';
import { crc32c } from './crc32c.ts';
import type { ProxiedPeer, ProxiedTls } from './types.ts';
import {
  CHECKSUM_BYTES,
  COMMAND,
  FAMILY,
  FIXED_BYTES,
  MAX_BLOCK_BYTES,
  SIGNATURE,
  TLS_FLAG,
  TLS_HEAD_BYTES,
  TLS_TEXTS,
  TRANSPORT,
  UNIX_ADDRESS_BYTES,
  VECTOR,
  VECTOR_HEAD_BYTES,
  VERSION_NIBBLE,
} from './wire.ts';

/** X509_V_ERR_UNSPECIFIED of OpenSSL: not verified, for no reason in particular. */
const NOT_VERIFIED = 1;
const BARE_SESSION: ProxiedTls = { clientCertificate: 'none', verified: false };

/**
 * Writes the line of version 1 (§2.1). It has room for addresses and ports only; a peer without them becomes UNKNOWN.
 *
 * @throws RangeError when an address is none, or a port is not one of 0 to 65535
 */
export function writeProxyLine(peer: ProxiedPeer): Buffer {
  const addresses = addressesOf(peer);
  if (addresses === null) return Buffer.from('PROXY UNKNOWN\r\n', 'latin1');
  const { source, destination, family } = addresses;
  const mapped = (address: string) => (family === 6 && isIPv4(address) ? `::ffff:${address}` : address);
  const places = `${mapped(source)} ${mapped(destination)} ${peer.sourcePort} ${peer.destinationPort}`;
  return Buffer.from(`PROXY TCP${family} ${places}\r\n`, 'latin1');
}

/**
 * Writes the binary header of version 2 (§2.2) with a vector for each field that the peer has.
 *
 * @param withChecksum whether to add a CRC32c of the header (§2.2.3)
 * @throws RangeError when an address is none, a port is not one of 0 to 65535, or the fields are longer than a reader takes
 */
export function writeProxyHeader(peer: ProxiedPeer, withChecksum = false): Buffer {
  if (peer.command === 'local') return frame(COMMAND.local, FAMILY.unspecified, TRANSPORT.unspecified, Buffer.alloc(0));
  const addresses = addressesOf(peer);
  const vectors = vectorsOf(peer);
  if (addresses === null && vectors.length === 0 && !withChecksum) {
    return frame(COMMAND.proxy, FAMILY.unspecified, TRANSPORT.unspecified, Buffer.alloc(0));
  }
  // Without addresses the family is UNIX with empty paths: behind an unspecified one nobody would find the vectors.
  const block = addresses === null ? Buffer.alloc(UNIX_ADDRESS_BYTES) : addressBlock(peer, addresses);
  const family = addresses === null ? FAMILY.unix : addresses.family === 4 ? FAMILY.ipv4 : FAMILY.ipv6;
  const parts = [block, ...vectors];
  if (withChecksum) parts.push(vector(VECTOR.checksum, Buffer.alloc(CHECKSUM_BYTES)));
  const header = frame(COMMAND.proxy, family, TRANSPORT.stream, Buffer.concat(parts));
  if (withChecksum) header.writeUInt32BE(crc32c(header), header.length - CHECKSUM_BYTES);
  return header;
}

interface Addresses {
  readonly source: string;
  readonly destination: string;
  readonly family: 4 | 6;
}

function addressesOf(peer: ProxiedPeer): Addresses | null {
  if (peer.command === 'local' || peer.sourceAddress === '') return null;
  for (const address of [peer.sourceAddress, peer.destinationAddress]) {
    if (isIP(address) === 0) throw new RangeError(`'${address}' is not an IP address`);
  }
  for (const port of [peer.sourcePort, peer.destinationPort]) {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`${port} is not a port`);
  }
  const source = oneSpelling(peer.sourceAddress);
  const destination = oneSpelling(peer.destinationAddress);
  return { source, destination, family: isIPv4(source) && isIPv4(destination) ? 4 : 6 };
}

function addressBlock(peer: ProxiedPeer, { source, destination, family }: Addresses): Buffer {
  const bytesOf = family === 4 ? bytesOfIPv4 : bytesOfIPv6;
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(peer.sourcePort, 0);
  ports.writeUInt16BE(peer.destinationPort, 2);
  return Buffer.concat([bytesOf(source), bytesOf(destination), ports]);
}

function vectorsOf(peer: ProxiedPeer): Buffer[] {
  const texts = [
    [VECTOR.alpn, peer.alpn],
    [VECTOR.authority, peer.authority],
    [VECTOR.uniqueId, peer.uniqueId],
    [VECTOR.namespace, peer.namespace],
  ] as const;
  const vectors = texts.flatMap(([type, text]) => (text === undefined ? [] : [textVector(type, text)]));
  if (!peer.tls && peer.tlsSession === undefined) return vectors;
  return [...vectors, tlsVector(peer.tlsSession ?? BARE_SESSION, peer.tls)];
}

function tlsVector(session: ProxiedTls, tls: boolean): Buffer {
  const head = Buffer.alloc(TLS_HEAD_BYTES);
  head[0] =
    (tls ? TLS_FLAG.tls : 0) |
    (session.clientCertificate === 'connection' ? TLS_FLAG.certificateOnConnection : 0) |
    (session.clientCertificate === 'session' ? TLS_FLAG.certificateInSession : 0);
  head.writeUInt32BE(session.verified ? 0 : NOT_VERIFIED, 1);
  const texts = TLS_TEXTS.flatMap(([name, type]) => {
    const text = session[name];
    return text === undefined ? [] : [textVector(type, text)];
  });
  return vector(VECTOR.tls, Buffer.concat([head, ...texts]));
}

function textVector(type: number, text: string): Buffer {
  return vector(type, Buffer.from(text, 'latin1'));
}

function vector(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(VECTOR_HEAD_BYTES);
  head[0] = type;
  head.writeUInt16BE(value.length, 1);
  return Buffer.concat([head, value]);
}

function frame(command: number, family: number, transport: number, block: Buffer): Buffer {
  if (block.length > MAX_BLOCK_BYTES) throw new RangeError(`a PROXY header of ${block.length} bytes is too long`);
  const fixed = Buffer.alloc(FIXED_BYTES);
  SIGNATURE.copy(fixed);
  fixed[12] = VERSION_NIBBLE | command;
  fixed[13] = (family << 4) | transport;
  fixed.writeUInt16BE(block.length, 14);
  return Buffer.concat([fixed, block]);
}
