import type { LeafOptions } from '../../certs/index.ts';
import { withoutBrackets } from '../../core/address.ts';
import type { CertificateAndKey, ConnectorTls } from '../connector/types.ts';

/** What nodes of type `https` and `wss` show, and want to see; PEM. */
export interface NodeTls {
  /** Without one it is issued, for the host of the node and the names of this machine that lead to itself. */
  readonly certificate?: CertificateAndKey;
  /**
   * Who issues certificates that were not given, and the wrong ones that faults show. Default: an authority that is made for
   * this purpose and that nobody knows, so that balancers believe its certificates only when told to believe any.
   */
  readonly authority?: CertificateAndKey;
  /** Authorities of the balancers' certificates; with it balancers have to show one. */
  readonly ca?: string;
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];
const WRONG_HOST = 'wrong.host.invalid';
const DAY_MS = 86_400_000;

/**
 * Has the certificates issued that are needed.
 *
 * @param host of the node
 * @param withFaults whether wrong ones may be needed, too
 * @throws Error when the authority is no certificate with its key
 */
export async function connectorTls(tls: NodeTls, host: string, withFaults: boolean): Promise<ConnectorTls> {
  const { certificate, ca } = tls;
  const wanted = ca === undefined ? {} : { ca };
  if (certificate !== undefined && !withFaults) return { ...certificate, ...wanted };
  // It takes its time to load.
  const { createAuthority, openAuthority } = await import('../../certs/index.ts');
  const authority =
    tls.authority === undefined
      ? createAuthority({ name: 'mcmp node-sim' })
      : openAuthority({ certPem: tls.authority.cert, keyPem: tls.authority.key });
  const hosts = [...new Set([withoutBrackets(host), ...LOOPBACK_NAMES])];
  const leaf = { name: 'mcmp node-sim', hosts, use: 'server' } as const;
  const issue = (changes: Partial<LeafOptions>): CertificateAndKey => {
    const { certPem, keyPem } = authority.issue({ ...leaf, ...changes });
    return { cert: certPem, key: keyPem };
  };
  return {
    ...(certificate ?? issue({})),
    ...wanted,
    falseCertificate: (kind) =>
      kind === 'expired'
        ? issue({ notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) })
        : issue({ name: WRONG_HOST, hosts: [WRONG_HOST] }),
  };
}
