import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UsageError } from '../core/errors.ts';

/** What is not wrong enough to stop for, but will bother somebody. */
export interface CertificateWarning {
  readonly message: string;
  readonly hint: string;
}

/** A certificate with its chain, and its key, that belong together. */
export interface CertificateFiles {
  /** PEM: the certificate first, then its chain. */
  readonly cert: string;
  /** PEM, not encrypted. */
  readonly key: string;
  /** The files, as the user named them, for messages. */
  readonly files: string;
  readonly warnings: readonly CertificateWarning[];
}

export interface AuthorityFile {
  /** PEM, one certificate or several. */
  readonly ca: string;
  readonly warnings: readonly CertificateWarning[];
}

interface PemBlock {
  /** What stands behind BEGIN. */
  readonly label: string;
  readonly text: string;
}

const DAY_MS = 86_400_000;
/** Who renews by hand needs so long to notice. */
const SOON_DAYS = 14;
const CODE = 'MCMP_BAD_CERTIFICATE';

/**
 * Reads a certificate and its key, and checks that a server or client can use them: before any port is opened, and before a
 * running program lets go of those that it has.
 *
 * @param nowMs milliseconds since the epoch
 * @throws UsageError that names the file, and what to do
 */
export function readCertificate(certFile: string, keyFile: string, nowMs = Date.now()): CertificateFiles {
  const certText = readText(certFile);
  const keyText = certFile === keyFile ? certText : readText(keyFile);
  const chain = certificatesIn(certFile, certText, 'The certificate is named first, then the key: CERT,KEY');
  const key = keyIn(keyFile, keyText);
  const place = chain.findIndex((certificate) => certificate.checkPrivateKey(key.object));
  if (place < 0) {
    throw new UsageError(`the key ${keyFile} is not that of the certificate ${certFile}`, {
      code: CODE,
      hint: `They belong together when these two print the same: openssl x509 -noout -pubkey -in ${certFile}  and  openssl pkey -pubout -in ${keyFile}`,
    });
  }
  if (place > 0) {
    throw new UsageError(
      `${certFile} begins with another certificate than that of the key, which is number ${place + 1}`,
      {
        code: CODE,
        hint: 'Put the certificate of the server first, then the one that signed it, and so on; the root may be left out.',
      },
    );
  }
  const [leaf] = chain;
  return {
    cert: chain.map((certificate) => certificate.toString()).join(''),
    key: key.text,
    files: `${certFile},${keyFile}`,
    warnings: [...(leaf === undefined ? [] : timeWarnings(certFile, leaf, nowMs)), ...orderWarnings(certFile, chain)],
  };
}

/**
 * Reads authorities whose certificates are believed.
 *
 * @param nowMs milliseconds since the epoch
 * @throws UsageError that names the file, and what to do
 */
export function readAuthorities(file: string, nowMs = Date.now()): AuthorityFile {
  const authorities = certificatesIn(
    file,
    readText(file),
    'Name the certificate of the authority. Its key signs new certificates, and is not needed here.',
  );
  return {
    ca: authorities.map((certificate) => certificate.toString()).join(''),
    warnings: authorities.flatMap((certificate) => [
      ...timeWarnings(file, certificate, nowMs),
      ...(certificate.ca
        ? []
        : [
            {
              message: `${file}: ${nameOf(certificate)} is the certificate of no authority`,
              hint: 'Name the file of the authority that signs the certificates (CA), not one of those that it signed.',
            },
          ]),
    ]),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const [why, hint] =
      code === 'ENOENT'
        ? ['there is no such file', 'For trying out: mcmp certs dev DIR makes an authority, certificates and keys.']
        : code === 'EACCES'
          ? [
              'this user may not read it',
              'Let the user that runs this program read it, and nobody else: chown, chmod 600',
            ]
          : [error instanceof Error ? error.message : String(error), 'Name a file in PEM, as: openssl x509 -in FILE'];
    throw new UsageError(`cannot read ${file}: ${why}`, { code: CODE, hint, cause: error });
  }
}

/** @param hintForKey what to do when a key stands in the file instead */
function certificatesIn(file: string, text: string, hintForKey: string): readonly X509Certificate[] {
  const blocks = blocksOf(text);
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE');
  if (certificates.length === 0) {
    const holdsKey = blocks.some(({ label }) => label.endsWith('PRIVATE KEY'));
    throw new UsageError(`${file} holds no certificate in PEM${holdsKey ? ', but a private key' : ''}`, {
      code: CODE,
      hint: holdsKey
        ? hintForKey
        : isDer(text)
          ? `It looks like DER. Convert it: openssl x509 -inform der -in ${file} -out cert.pem; a PKCS#12 store: openssl pkcs12 -in ${file} -nodes -out all.pem`
          : 'PEM begins with -----BEGIN CERTIFICATE-----',
    });
  }
  return certificates.map((block, index) => {
    try {
      return new X509Certificate(block.text);
    } catch (error) {
      const which = certificates.length === 1 ? 'the certificate' : `certificate number ${index + 1}`;
      throw new UsageError(`${file}: ${which} is damaged: ${wordsOf(error)}`, {
        code: CODE,
        hint: 'Was the file cut off, or changed by an editor? Copy it again from where it was made.',
        cause: error,
      });
    }
  });
}

function keyIn(file: string, text: string): { readonly text: string; readonly object: KeyObject } {
  const blocks = blocksOf(text);
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) {
    const holdsCertificate = blocks.some(({ label }) => label.endsWith('CERTIFICATE'));
    throw new UsageError(`${file} holds no private key in PEM${holdsCertificate ? ', but a certificate' : ''}`, {
      code: CODE,
      hint: holdsCertificate
        ? 'The certificate is named first, then the key: CERT,KEY'
        : isDer(text)
          ? `It looks like DER. Convert it: openssl pkey -inform der -in ${file} -out key.pem`
          : 'PEM begins with -----BEGIN PRIVATE KEY-----',
    });
  }
  if (block.label.startsWith('ENCRYPTED') || /^Proc-Type: 4,ENCRYPTED/m.test(block.text)) {
    throw new UsageError(`the key ${file} is encrypted with a passphrase, which nobody is there to type`, {
      code: CODE,
      hint: `Decrypt it into a file that only this program's user may read: (umask 077; openssl pkey -in ${file} -out plain.key)`,
    });
  }
  try {
    return { text: block.text, object: createPrivateKey(block.text) };
  } catch (error) {
    throw new UsageError(`${file}: the key is damaged: ${wordsOf(error)}`, {
      code: CODE,
      hint: `See what OpenSSL says of it: openssl pkey -noout -in ${file}`,
      cause: error,
    });
  }
}

function blocksOf(text: string): readonly PemBlock[] {
  const found = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g);
  return Array.from(found, ([block, label = '']) => ({ label, text: `${block}\n` }));
}

/** A SEQUENCE, with which everything in DER begins that can be meant. */
function isDer(text: string): boolean {
  return text.startsWith('0') && text.charCodeAt(1) >= 0x80;
}

function timeWarnings(file: string, certificate: X509Certificate, nowMs: number): readonly CertificateWarning[] {
  const { validFrom, validTo } = certificate;
  const name = `${file}: the certificate ${nameOf(certificate)}`;
  const leftDays = (Date.parse(validTo) - nowMs) / DAY_MS;
  if (leftDays < 0) {
    const hint = 'Others refuse it. Put a new one into the file; a running mcmp serve takes it at SIGHUP.';
    return [{ message: `${name} expired at ${isoOf(validTo)}`, hint }];
  }
  if (Date.parse(validFrom) > nowMs) {
    const hint = 'Others refuse it until then. Is the clock of this machine right?';
    return [{ message: `${name} is not valid before ${isoOf(validFrom)}`, hint }];
  }
  if (leftDays < SOON_DAYS) {
    const hint = 'Put a new one into the file; a running mcmp serve takes it at SIGHUP.';
    return [{ message: `${name} expires soon, at ${isoOf(validTo)}`, hint }];
  }
  return [];
}

/** What does not lead from one certificate to the next is sent to every client, and of no use to any. */
function orderWarnings(file: string, chain: readonly X509Certificate[]): readonly CertificateWarning[] {
  for (const [index, certificate] of chain.entries()) {
    const next = chain[index + 1];
    if (next === undefined || certificate.checkIssued(next)) continue;
    return [
      {
        message: `${file}: certificate number ${index + 2} (${nameOf(next)}) did not sign the one before it (${nameOf(certificate)})`,
        hint: 'Put the certificate of the server first, then the one that signed it, and so on.',
      },
    ];
  }
  return [];
}

function nameOf({ subject, subjectAltName = '' }: X509Certificate): string {
  return subject === undefined || subject === '' ? subjectAltName : subject.replaceAll('\n', ', ');
}

function isoOf(date: string): string {
  return new Date(date).toISOString().replace('.000Z', 'Z');
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
