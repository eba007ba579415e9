import { hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

/** What a certificate is for: to be called, to call, or both, as a node that calls its balancer and is called by it. */
export type CertificateUse = 'server' | 'client' | 'both';

export interface CertificatePlan {
  readonly subject: Name;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Names and addresses for which it is valid. */
  readonly hosts: readonly string[];
  readonly use: CertificateUse | 'authority';
}

/** Who signs: a private key, and what stands about it in its own certificate. */
export interface Signer {
  readonly name: Name;
  readonly key: KeyObject;
  readonly keyIdentifier: ArrayBuffer;
}

const COMMON_NAME = '2.5.4.3';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
const NULL = Uint8Array.of(5, 0).buffer;

const SERIAL_BYTES = 16;
const KEY_IDENTIFIER_BYTES = 20;

const PURPOSES = {
  server: [id_kp_serverAuth],
  client: [id_kp_clientAuth],
  both: [id_kp_serverAuth, id_kp_clientAuth],
} as const;

/** A distinguished name of nothing but a common name. */
export function commonName(text: string): Name {
  const attribute = new AttributeTypeAndValue({ type: COMMON_NAME, value: new AttributeValue({ utf8String: text }) });
  return new Name([new RelativeDistinguishedName([attribute])]);
}

/** Names a key by the first 160 bits of a SHA-256 of it (RFC 7093 §2, method 1). */
export function keyIdentifierOf(publicKey: KeyObject): ArrayBuffer {
  const { subjectPublicKey } = publicKeyInfo(publicKey);
  const digest = hash('sha256', new Uint8Array(subjectPublicKey), 'buffer');
  return Uint8Array.from(digest.subarray(0, KEY_IDENTIFIER_BYTES)).buffer;
}

/**
 * Writes a certificate (RFC 5280 §4) and signs it with SHA-256.
 *
 * @param signer with a key of EC or RSA
 * @returns DER
 */
export function writeCertificate(plan: CertificatePlan, signer: Signer): Buffer {
  const signatureAlgorithm =
    signer.key.asymmetricKeyType === 'rsa'
      ? new AlgorithmIdentifier({ algorithm: SHA256_WITH_RSA, parameters: NULL })
      : new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 });
  const content = new TBSCertificate({
    version: Version.v3,
    serialNumber: randomSerial(),
    signature: signatureAlgorithm,
    issuer: signer.name,
    validity: new Validity({ notBefore: wholeSeconds(plan.notBefore), notAfter: wholeSeconds(plan.notAfter) }),
    subject: plan.subject,
    subjectPublicKeyInfo: publicKeyInfo(plan.publicKey),
    extensions: new Extensions([...extensionsOf(plan, signer)]),
  });
  const signed = sign('sha256', new Uint8Array(AsnConvert.serialize(content)), signer.key);
  const certificate = new Certificate({
    tbsCertificate: content,
    signatureAlgorithm,
    signatureValue: Uint8Array.from(signed).buffer,
  });
  return Buffer.from(AsnConvert.serialize(certificate));
}

function publicKeyInfo(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(key.export({ type: 'spki', format: 'der' }), SubjectPublicKeyInfo);
}

/** Positive, of one length, and never to be guessed or met twice (RFC 5280 §4.1.2.2). */
function randomSerial(): ArrayBuffer {
  const bytes = Uint8Array.from(randomBytes(SERIAL_BYTES));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.buffer;
}

/** Times in certificates have no fractions (RFC 5280 §4.1.2.5). */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

function* extensionsOf(plan: CertificatePlan, signer: Signer): Generator<Extension> {
  const { use } = plan;
  if (use === 'authority') {
    yield extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true, pathLenConstraint: 0 }));
    yield extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign));
  } else {
    yield extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: false }));
    yield extension(id_ce_keyUsage, true, new KeyUsage(leafUsage(plan.publicKey)));
    yield extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([...PURPOSES[use]]));
    yield extension(
      id_ce_authorityKeyIdentifier,
      false,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(signer.keyIdentifier) }),
    );
  }
  yield extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdentifierOf(plan.publicKey)));
  if (plan.hosts.length > 0) {
    const names = plan.hosts.map((host) => new GeneralName(isIP(host) === 0 ? { dNSName: host } : { iPAddress: host }));
    yield extension(id_ce_subjectAltName, false, new SubjectAlternativeName(names));
  }
}

/** With a cipher of TLS 1.2 without forward secrecy the client encrypts to an RSA key; an EC key only ever signs. */
function leafUsage(publicKey: KeyObject): number {
  const { digitalSignature, keyEncipherment } = KeyUsageFlags;
  return publicKey.asymmetricKeyType === 'rsa' ? digitalSignature | keyEncipherment : digitalSignature;
}

function extension(extnID: string, critical: boolean, value: object): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}
