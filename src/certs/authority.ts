import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate } from '@peculiar/asn1-x509';
import { type CertificateUse, commonName, keyIdentifierOf, type Signer, writeCertificate } from './certificate.ts';
import { derOf, keyPemOf, pemOf, privateKeyOf } from './pem.ts';

/** EC is P-256, RSA has 2048 bits. */
export type KeyKind = 'ec' | 'rsa';

/** A certificate and its key, PEM. */
export interface Credentials {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface LeafOptions {
  /** Common name. */
  readonly name: string;
  /** Names and addresses of a server. */
  readonly hosts: readonly string[];
  readonly use: CertificateUse;
  /** Default: an hour ago, for clocks that are late. */
  readonly notBefore?: Date;
  /** Default: in 365 days, and never later than the authority. */
  readonly notAfter?: Date;
  /** Default: ec. */
  readonly key?: KeyKind;
}

/** A certificate authority for trying things out: it signs leaves, and has no list of what it revoked. */
export interface Authority extends Credentials {
  readonly notAfter: Date;
  issue(leaf: LeafOptions): Credentials;
}

export interface AuthorityOptions {
  /** Common name. */
  readonly name: string;
  /** For how long it is valid; default ten years. */
  readonly days?: number;
  /** Default: ec. */
  readonly key?: KeyKind;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const LEAF_DAYS = 365;
const AUTHORITY_DAYS = 3650;
const RSA_BITS = 2048;

/** Makes an authority with a new key, whose certificate it signs itself. */
export function createAuthority({ name, days = AUTHORITY_DAYS, key = 'ec' }: AuthorityOptions): Authority {
  const { publicKey, privateKey } = generateKeys(key);
  const subject = commonName(name);
  const signer: Signer = { name: subject, key: privateKey, keyIdentifier: keyIdentifierOf(publicKey) };
  const notAfter = daysFromNow(days);
  const plan = { subject, publicKey, notBefore: anHourAgo(), notAfter, hosts: [], use: 'authority' } as const;
  return authority(signer, { certPem: pemOf(writeCertificate(plan, signer)), keyPem: keyPemOf(privateKey) }, notAfter);
}

/**
 * An authority that was made before.
 *
 * @throws Error when these are not a certificate and its key of EC or RSA in PEM
 */
export function openAuthority({ certPem, keyPem }: Credentials): Authority {
  const { tbsCertificate } = AsnConvert.parse(derOf(certPem), Certificate);
  const key = privateKeyOf(keyPem);
  if (!new X509Certificate(certPem).checkPrivateKey(key)) throw new Error('the key is that of another certificate');
  const signer = { name: tbsCertificate.subject, key, keyIdentifier: keyIdentifierOf(createPublicKey(key)) };
  return authority(signer, { certPem, keyPem }, tbsCertificate.validity.notAfter.getTime());
}

function authority(signer: Signer, own: Credentials, end: Date): Authority {
  return {
    ...own,
    notAfter: end,
    issue({ name, hosts, use, notBefore = anHourAgo(), notAfter, key = 'ec' }) {
      const { publicKey, privateKey } = generateKeys(key);
      const latest = notAfter ?? new Date(Math.min(daysFromNow(LEAF_DAYS).getTime(), end.getTime()));
      const plan = { subject: commonName(name), publicKey, notBefore, notAfter: latest, hosts, use };
      return { certPem: pemOf(writeCertificate(plan, signer)), keyPem: keyPemOf(privateKey) };
    },
  };
}

function generateKeys(kind: KeyKind): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return kind === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: RSA_BITS })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function anHourAgo(): Date {
  return new Date(Date.now() - HOUR_MS);
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MS);
}
