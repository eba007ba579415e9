import { createHash } from 'node:crypto';

/** What the digest covers: the very text of three header lines. The address is not among them (reference §7.3). */
export interface DigestedFields {
  readonly date: string;
  readonly sequence: string;
  readonly server: string;
}

const NO_KEY_SALT = Buffer.alloc(16);

/**
 * Digest of a datagram, as 32 lower-case hex digits: MD5 over a salt and three header values; the salt is the MD5 of the
 * key, or sixteen zero bytes (reference §7.3). MD5 is what the protocol asks for; it hides nothing and proves little.
 * @param key the security key; a string is taken as UTF-8
 */
export function advertiseDigest(fields: DigestedFields, key: string | Buffer | undefined): string {
  const salt = key === undefined ? NO_KEY_SALT : createHash('md5').update(key).digest();
  return createHash('md5')
    .update(salt)
    .update(fields.date, 'latin1')
    .update(fields.sequence, 'latin1')
    .update(fields.server, 'latin1')
    .digest('hex');
}

/** The bytes that a Java listener makes of a key: every character beyond ASCII becomes a question mark (reference §7.3). */
export function javaKeyBytes(key: string): Buffer {
  return Buffer.from(key.replace(/[^\u0000-\u007e]/g, '?'), 'latin1');
}
