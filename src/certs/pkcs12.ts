import { createHmac, createPrivateKey, hash, randomBytes } from 'node:crypto';
import {
  type BaseBlock,
  BmpString,
  Constructed,
  fromBER,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Sequence,
  Set as SetOf,
} from 'asn1js';
import { derOf } from './pem.ts';

/**
 * Key stores and trust stores as Java reads them: PKCS#12 (RFC 7292). Keys are encrypted with AES-256 (PBES2) and the whole
 * is sealed with an HMAC of SHA-256, which Java reads from 8u301 and OpenSSL from 1.1 on. Certificates stand there openly.
 */

const DATA = '1.2.840.113549.1.7.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERT_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const SHA256 = '2.16.840.1.101.3.4.2.1';
/** Java takes a certificate without a key for trusted only when this attribute says for what. */
const JAVA_TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1';
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';

const ITERATIONS = 2048;
const SALT_BYTES = 16;
const SHA256_BYTES = 32;
const SHA256_BLOCK_BYTES = 64;
/** What a derived key is for (RFC 7292 §B.3). */
const MAC_KEY = 3;

export interface KeyEntry {
  /** What Java calls the alias. */
  readonly alias: string;
  readonly keyPem: string;
  /** The certificate of the key first, then those that signed it. */
  readonly chainPem: readonly string[];
}

/** A key with its certificates: what a Java program is. */
export function writeKeyStore({ alias, keyPem, chainPem }: KeyEntry, password: string): Buffer {
  const encrypted = createPrivateKey(keyPem).export({
    type: 'pkcs8',
    format: 'der',
    cipher: 'aes-256-cbc',
    passphrase: password,
  });
  const chain = chainPem.map(derOf);
  const [own = Buffer.alloc(0)] = chain;
  const keyId = attribute(LOCAL_KEY_ID, octets(hash('sha256', own, 'buffer')));
  const name = attribute(FRIENDLY_NAME, new BmpString({ value: alias }));
  const certificates = chain.map((der, index) => certificateBag(der, index === 0 ? [name, keyId] : []));
  return seal([bag(SHROUDED_KEY_BAG, fromBER(bytesOf(encrypted)).result, [name, keyId]), ...certificates], password);
}

/** Certificates alone: whom a Java program trusts. */
export function writeTrustStore(alias: string, certPem: string, password: string): Buffer {
  const name = attribute(FRIENDLY_NAME, new BmpString({ value: alias }));
  const trusted = attribute(JAVA_TRUSTED_KEY_USAGE, oid(ANY_EXTENDED_KEY_USAGE));
  return seal([certificateBag(derOf(certPem), [name, trusted])], password);
}

/** PFX (RFC 7292 §4) around the bags. */
function seal(bags: readonly BaseBlock[], password: string): Buffer {
  const safes = derBytes(sequence(dataOf(derBytes(sequence(...bags)))));
  const salt = randomBytes(SALT_BYTES);
  const mac = createHmac('sha256', macKey(password, salt)).update(safes).digest();
  const digest = sequence(sequence(oid(SHA256), new Null()), octets(mac));
  return derBytes(
    sequence(
      new Integer({ value: 3 }),
      dataOf(safes),
      sequence(digest, octets(salt), new Integer({ value: ITERATIONS })),
    ),
  );
}

/** The key of the MAC (RFC 7292 §B.2), which is one block of the hash long, so that its step 6C is never needed. */
function macKey(password: string, salt: Buffer): Buffer {
  // The password is big-endian UTF-16 with a zero at the end (§B.1).
  const secret = Buffer.from(`${password}\0`, 'utf16le').swap16();
  let key = Buffer.concat([
    Buffer.alloc(SHA256_BLOCK_BYTES, MAC_KEY),
    repeated(salt, SHA256_BLOCK_BYTES),
    repeated(secret, Math.ceil(secret.length / SHA256_BLOCK_BYTES) * SHA256_BLOCK_BYTES),
  ]);
  for (let round = 0; round < ITERATIONS; round += 1) key = hash('sha256', key, 'buffer');
  return key.subarray(0, SHA256_BYTES);
}

function repeated(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

function certificateBag(der: Buffer, attributes: readonly BaseBlock[]): BaseBlock {
  return bag(CERT_BAG, sequence(oid(X509_CERTIFICATE), explicit(octets(der))), attributes);
}

function bag(type: string, value: BaseBlock, attributes: readonly BaseBlock[]): BaseBlock {
  const described = attributes.length === 0 ? [] : [new SetOf({ value: [...attributes] })];
  return sequence(oid(type), explicit(value), ...described);
}

function attribute(type: string, value: BaseBlock): BaseBlock {
  return sequence(oid(type), new SetOf({ value: [value] }));
}

/** ContentInfo of nothing but bytes (RFC 5652 §4). */
function dataOf(content: Buffer): BaseBlock {
  return sequence(oid(DATA), explicit(octets(content)));
}

function sequence(...value: BaseBlock[]): Sequence {
  return new Sequence({ value });
}

function oid(value: string): ObjectIdentifier {
  return new ObjectIdentifier({ value });
}

function octets(bytes: Buffer): OctetString {
  return new OctetString({ valueHex: bytesOf(bytes) });
}

/** `[0] EXPLICIT` */
function explicit(value: BaseBlock): Constructed {
  return new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [value] });
}

function bytesOf(buffer: Buffer): ArrayBuffer {
  return Uint8Array.from(buffer).buffer;
}

function derBytes(block: BaseBlock): Buffer {
  return Buffer.from(block.toBER());
}
