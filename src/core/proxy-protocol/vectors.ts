import { isUtf8 } from 'node:buffer';
import { crc32c } from './crc32c.ts';
import type { ProxiedTls, ProxyViolation, VectorFields } from './types.ts';
import { PROXY_VIOLATION } from './violations.ts';
import { CHECKSUM_BYTES, TLS_FLAG, TLS_HEAD_BYTES, TLS_TEXTS, VECTOR, VECTOR_HEAD_BYTES } from './wire.ts';

/** RFC 6066 §3 with RFC 1035 §2.3.4: the longest host name. */
const MAX_AUTHORITY_BYTES = 255;
/** RFC 7301 §3.1: the length of a protocol name is one byte. */
const MAX_ALPN_BYTES = 255;
const MAX_UNIQUE_ID_BYTES = 128;

const CONTROL = /[\u0000-\u001f\u007f]/;
const PRINTABLE_ASCII = /^[\u0020-\u007e]*$/;

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** What may stand once; other types may mean anything and be repeated. */
const ONCE: ReadonlySet<number> = new Set(Object.values(VECTOR));

/**
 * Reads the vectors of a whole version 2 header (§2.2, `pp2_tlv`). Unknown ones are skipped. One that is known and stands
 * twice is refused, for no two receivers would agree on which of them counts.
 *
 * @param header all of it, for the checksum is of all of it
 * @param start where the vectors begin
 */
export function readVectors(header: Buffer, start: number): VectorFields | ProxyViolation {
  const vectors = split(header, start, header.length);
  if (!(vectors instanceof Map)) return vectors;
  const fields: Mutable<VectorFields> = { tls: false };
  for (const [type, [from, to]] of vectors) {
    const text = header.toString('latin1', from, to);
    switch (type) {
      case VECTOR.checksum: {
        const bad = judgeChecksum(header, from, to);
        if (bad !== null) return bad;
        break;
      }
      case VECTOR.authority:
        if (text.length > MAX_AUTHORITY_BYTES || !isPrintableUtf8(header.subarray(from, to))) {
          return PROXY_VIOLATION.authority;
        }
        // Senders that know no name may say so by an empty one.
        if (text !== '') fields.authority = text;
        break;
      case VECTOR.alpn:
        if (text === '' || text.length > MAX_ALPN_BYTES) return PROXY_VIOLATION.alpn;
        fields.alpn = text;
        break;
      case VECTOR.uniqueId:
        if (text.length > MAX_UNIQUE_ID_BYTES) return PROXY_VIOLATION.uniqueId;
        fields.uniqueId = text;
        break;
      case VECTOR.namespace:
        if (!PRINTABLE_ASCII.test(text)) return PROXY_VIOLATION.namespace;
        fields.namespace = text;
        break;
      case VECTOR.tls: {
        const session = readTls(header, from, to);
        if ('code' in session) return session;
        fields.tls = ((header[from] as number) & TLS_FLAG.tls) !== 0;
        fields.tlsSession = session;
        break;
      }
    }
  }
  return fields;
}

/** Bounds of the values by type; of those that may be repeated, the last ones. */
function split(header: Buffer, start: number, end: number): Map<number, readonly [number, number]> | ProxyViolation {
  const found = new Map<number, readonly [number, number]>();
  let at = start;
  while (at < end) {
    if (end - at < VECTOR_HEAD_BYTES) return PROXY_VIOLATION.vector;
    const type = header[at] as number;
    const from = at + VECTOR_HEAD_BYTES;
    const to = from + header.readUInt16BE(at + 1);
    if (to > end) return PROXY_VIOLATION.vector;
    if (found.has(type) && ONCE.has(type)) return PROXY_VIOLATION.vectorRepeated;
    found.set(type, [from, to]);
    at = to;
  }
  return found;
}

/** §2.2.3: the sum is of the whole header with zeros in place of the sum. */
function judgeChecksum(header: Buffer, from: number, to: number): ProxyViolation | null {
  if (to - from !== CHECKSUM_BYTES) return PROXY_VIOLATION.checksumLength;
  const zeroed = Buffer.from(header).fill(0, from, to);
  return crc32c(zeroed) === header.readUInt32BE(from) ? null : PROXY_VIOLATION.checksum;
}

function readTls(header: Buffer, from: number, to: number): ProxiedTls | ProxyViolation {
  if (to - from < TLS_HEAD_BYTES) return PROXY_VIOLATION.tls;
  const vectors = split(header, from + TLS_HEAD_BYTES, to);
  if (!(vectors instanceof Map)) return vectors;
  const flags = header[from] as number;
  const clientCertificate = certificateOf(flags);
  // HAProxy writes the 0 of "verified" also when there was no certificate to verify.
  const verified = (flags & TLS_FLAG.tls) !== 0 && clientCertificate !== 'none' && header.readUInt32BE(from + 1) === 0;
  const session: Mutable<ProxiedTls> = { clientCertificate, verified };
  for (const [name, type] of TLS_TEXTS) {
    const bounds = vectors.get(type);
    if (bounds === undefined) continue;
    const text = header.subarray(...bounds);
    // A common name is UTF-8 (§2.2.6), and the client chose it: nothing unprintable may come from there into a log.
    if (name === 'commonName' ? !isPrintableUtf8(text) : !PRINTABLE_ASCII.test(text.toString('latin1'))) {
      return PROXY_VIOLATION.tls;
    }
    session[name] = text.toString('latin1');
  }
  return session;
}

function certificateOf(flags: number): ProxiedTls['clientCertificate'] {
  if ((flags & TLS_FLAG.certificateOnConnection) !== 0) return 'connection';
  return (flags & TLS_FLAG.certificateInSession) !== 0 ? 'session' : 'none';
}

function isPrintableUtf8(bytes: Buffer): boolean {
  return isUtf8(bytes) && !CONTROL.test(bytes.toString('latin1'));
}
