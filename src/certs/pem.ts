import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** Writes a certificate as text (RFC 7468). */
export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** PKCS#8, unencrypted. */
export function keyPemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @throws Error when it holds no certificate */
export function derOf(certPem: string): Buffer {
  return new X509Certificate(certPem).raw;
}

/** @throws Error when it holds no key, an encrypted one, or one that is neither EC nor RSA */
export function privateKeyOf(keyPem: string): KeyObject {
  const key = createPrivateKey(keyPem);
  if (key.asymmetricKeyType === 'ec' || key.asymmetricKeyType === 'rsa') return key;
  throw new Error(`a key of ${key.asymmetricKeyType ?? 'an unknown kind'}, where EC or RSA was expected`);
}
