import type { CertificateAndKey, ListenTls, McmpTls } from '../../src/balancer/options.ts';
import type { Credentials } from '../../src/certs/index.ts';

/** As the options of a balancer hold a certificate. @param files names that messages call it by */
export function pairOf({ certPem, keyPem }: Credentials, files = 'test.pem,test.key'): CertificateAndKey {
  return { cert: certPem, key: keyPem, files };
}

/** All addresses for web traffic speak TLS; the first certificate is the default. */
export function listenTls(...certificates: readonly Credentials[]): ListenTls[] {
  return certificates.map((certificate, index) => ({
    address: null,
    certificate: pairOf(certificate, `test${index}.pem,test${index}.key`),
  }));
}

/** @param clientCa who has to have signed the certificates of peers; empty: they need none */
export function mcmpTls(certificate: Credentials, clientCa = ''): McmpTls {
  return { certificate: pairOf(certificate), clientCa };
}
