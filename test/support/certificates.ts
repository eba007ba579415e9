import { generateKeyPairSync } from 'node:crypto';
import { commonName, keyIdentifierOf, writeCertificate } from '../../src/certs/certificate.ts';
import { type Authority, type Credentials, createAuthority } from '../../src/certs/index.ts';
import { keyPemOf, pemOf } from '../../src/certs/pem.ts';

export interface TestCertificates {
  readonly authority: Authority;
  /** PEM of the authority, for `ca`. */
  readonly ca: string;
  /** For `localhost`, 127.0.0.1 and ::1. */
  readonly server: Credentials;
  readonly client: Credentials;
  readonly expired: Credentials;
  readonly notYetValid: Credentials;
  /** Valid for `elsewhere.example` only. */
  readonly wrongHost: Credentials;
  /** For the same hosts as `server`, signed by itself. */
  readonly selfSigned: Credentials;
  /** What an authority signed of which nobody has heard. */
  readonly unknown: { readonly ca: string; readonly server: Credentials; readonly client: Credentials };
}

export const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];

const DAY_MS = 86_400_000;

/** As the options of `node:tls` call them. */
export function identityOf({ certPem, keyPem }: Credentials): { readonly cert: string; readonly key: string } {
  return { cert: certPem, key: keyPem };
}

let made: TestCertificates | undefined;

/** Certificates for tests of TLS: made when they are first asked for, the same ones for the whole process. */
export function testCertificates(): TestCertificates {
  made ??= makeCertificates();
  return made;
}

function makeCertificates(): TestCertificates {
  const now = Date.now();
  const authority = createAuthority({ name: 'test authority' });
  const other = createAuthority({ name: 'unknown authority' });
  const server = { name: 'localhost', hosts: LOOPBACK_HOSTS, use: 'server' } as const;
  const client = { name: 'node1', hosts: [], use: 'client' } as const;
  return {
    authority,
    ca: authority.certPem,
    server: authority.issue(server),
    client: authority.issue(client),
    expired: authority.issue({
      ...server,
      notBefore: new Date(now - 20 * DAY_MS),
      notAfter: new Date(now - 10 * DAY_MS),
    }),
    notYetValid: authority.issue({
      ...server,
      notBefore: new Date(now + 10 * DAY_MS),
      notAfter: new Date(now + 20 * DAY_MS),
    }),
    wrongHost: authority.issue({ ...server, name: 'elsewhere.example', hosts: ['elsewhere.example'] }),
    selfSigned: selfSigned('localhost', LOOPBACK_HOSTS),
    unknown: { ca: other.certPem, server: other.issue(server), client: other.issue(client) },
  };
}

function selfSigned(name: string, hosts: readonly string[]): Credentials {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = commonName(name);
  const notBefore = new Date(Date.now() - DAY_MS);
  const notAfter = new Date(Date.now() + DAY_MS);
  const signer = { name: subject, key: privateKey, keyIdentifier: keyIdentifierOf(publicKey) };
  const certificate = writeCertificate({ subject, publicKey, notBefore, notAfter, hosts, use: 'server' }, signer);
  return { certPem: pemOf(certificate), keyPem: keyPemOf(privateKey) };
}
