import { formatAddress } from '../../core/address.ts';
import type { BalancerOptions, CertificateAndKey } from '../options.ts';
import type { Encrypted } from './bindings.ts';
import { createTlsEnd, type TlsEnd } from './tls-end.ts';

/** What clients of web traffic are offered by ALPN, and nodes; the favourite first. */
const WEB_PROTOCOLS = ['h2', 'http/1.1'];
const MCMP_PROTOCOLS = ['http/1.1'];

/** The server's ends of TLS of one balancer, until certificates are read again. */
export type Encryption = ReadonlyMap<string, TlsEnd>;

/**
 * Makes all ends of TLS that a balancer needs, or none.
 *
 * @throws McmpError when a certificate, a key or an authority will not do
 */
export function createEncryption({ listenTls, mcmpTls }: BalancerOptions): Encryption {
  const web = new Map<string, [CertificateAndKey, ...CertificateAndKey[]]>();
  for (const { address, certificate } of listenTls) {
    const key = keyOf(address === null ? { by: 'listen' } : { by: 'own', address: formatAddress(address) });
    const there = web.get(key);
    if (there === undefined) web.set(key, [certificate]);
    else there.push(certificate);
  }
  const ends = new Map<string, TlsEnd>();
  for (const [key, certificates] of web) {
    ends.set(key, createTlsEnd({ certificates, clientCa: '', protocols: WEB_PROTOCOLS }));
  }
  if (mcmpTls !== null) {
    const { certificate, clientCa } = mcmpTls;
    ends.set(keyOf({ by: 'mcmp' }), createTlsEnd({ certificates: [certificate], clientCa, protocols: MCMP_PROTOCOLS }));
  }
  return ends;
}

/** The end of TLS that connections of a listener are led through; undefined: its certificates were taken away meanwhile. */
export function endFor(encryption: Encryption, encrypted: Encrypted): TlsEnd | undefined {
  return encryption.get(keyOf(encrypted));
}

function keyOf(encrypted: Encrypted): string {
  return encrypted.by === 'own' ? encrypted.address : encrypted.by;
}

/** Whether the same addresses speak TLS, be it with other certificates. */
export function sameEncryption(one: BalancerOptions, other: BalancerOptions): boolean {
  const addressesOf = ({ listenTls }: BalancerOptions): string[] =>
    listenTls.map(({ address }) => (address === null ? '' : formatAddress(address)));
  const [these, those] = [new Set(addressesOf(one)), new Set(addressesOf(other))];
  return (
    these.size === those.size &&
    [...these].every((address) => those.has(address)) &&
    (one.mcmpTls === null) === (other.mcmpTls === null)
  );
}
