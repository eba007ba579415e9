import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** Certificates for tests, made on the spot: just enough of X.509 (RFC 5280) in DER, ECDSA with P-256. */

export interface Identity {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const BOOLEAN = 0x01;
const TRUE = Buffer.from([0xff]);
/** First byte of a bit string: no bits are unused. */
const ALL_BITS = Buffer.from([0]);

const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const SUBJECT_ALT_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function oid(hex: string): Buffer {
  return der(OBJECT_ID, Buffer.from(hex, 'hex'));
}

function nameOf(commonName: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, oid(COMMON_NAME), der(UTF8_STRING, Buffer.from(commonName)))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return der(SEQUENCE, oid(id), ...(critical ? [der(BOOLEAN, TRUE)] : []), der(OCTET_STRING, value));
}

function time(date: string): Buffer {
  return der(GENERALIZED_TIME, Buffer.from(date));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

interface Authority {
  readonly name: string;
  readonly key: KeyObject;
}

function certificate(subject: string, publicKey: KeyObject, issuer: Authority, isAuthority: boolean): string {
  const algorithm = der(SEQUENCE, oid(ECDSA_WITH_SHA256));
  const constraints = der(SEQUENCE, ...(isAuthority ? [der(BOOLEAN, TRUE)] : []));
  const names = der(SEQUENCE, der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = der(
    SEQUENCE,
    extension(BASIC_CONSTRAINTS, true, constraints),
    extension(SUBJECT_ALT_NAME, false, names),
  );
  const content = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    // Positive: its first bit is 0.
    der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    nameOf(issuer.name),
    der(SEQUENCE, time('20200101000000Z'), time('20991231235959Z')),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  return pem(der(SEQUENCE, content, algorithm, der(BIT_STRING, ALL_BITS, sign('sha256', content, issuer.key))));
}

/** A certificate authority, and a certificate from it for each name; valid for `localhost` and 127.0.0.1. */
export function certify(...names: readonly string[]): {
  readonly ca: string;
  readonly identities: readonly Identity[];
} {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = { name: `authority of ${names.join()}`, key: root.privateKey };
  const identities = names.map((name) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { cert: certificate(name, publicKey, authority, false), key };
  });
  return { ca: certificate(authority.name, root.publicKey, authority, true), identities };
}
