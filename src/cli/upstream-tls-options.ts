import { UsageError } from '../core/errors.ts';
import {
  type CertificateFiles,
  type CertificateWarning,
  readAuthorities,
  readCertificate,
} from './certificate-files.ts';
import { splitList } from './values.ts';

const ENCRYPTION = 'Encryption:';

/** Flags of a program that connects to https nodes. */
export const UPSTREAM_TLS_OPTIONS = {
  'upstream-ca': {
    kind: 'string',
    placeholder: 'FILE',
    group: ENCRYPTION,
    describe: 'authorities that https nodes have to have certificates of; without it those that Node.js brings',
  },
  'upstream-cert': {
    kind: 'string',
    placeholder: 'CERT,KEY',
    group: ENCRYPTION,
    describe: 'certificate and key that are shown to https nodes that ask for one',
  },
  'upstream-insecure': {
    kind: 'boolean',
    group: ENCRYPTION,
    describe:
      'do not verify the certificates of https nodes: anybody on the way can read and change what they are sent',
  },
} as const;

export interface UpstreamTlsArgs {
  readonly upstreamCa: string | undefined;
  readonly upstreamCert: string | undefined;
  readonly upstreamInsecure: boolean;
}

export interface UpstreamTlsSettings {
  /** PEM; empty: the authorities that Node.js brings. */
  readonly ca: string;
  readonly certificate: Pick<CertificateFiles, 'cert' | 'key' | 'files'> | null;
  readonly insecure: boolean;
}

/**
 * Reads the files that the flags name.
 *
 * @param warn told what is not wrong enough to stop for
 * @throws UsageError when a flag is misspelled, or a file will not do
 */
export function readUpstreamTls(
  { upstreamCa, upstreamCert, upstreamInsecure }: UpstreamTlsArgs,
  warn: (warning: CertificateWarning) => void,
): UpstreamTlsSettings {
  if (upstreamInsecure) {
    warn({
      message: 'certificates of https nodes are not verified (--upstream-insecure)',
      hint:
        upstreamCa === undefined
          ? 'Anybody between here and a node can read and change everything. Name the authority of the nodes: --upstream-ca FILE'
          : 'Anybody between here and a node can read and change everything, and --upstream-ca is of no use beside it.',
    });
  }
  const authorities = upstreamCa === undefined ? null : readAuthorities(upstreamCa);
  for (const warning of authorities?.warnings ?? []) warn(warning);
  return {
    ca: authorities?.ca ?? '',
    certificate: upstreamCert === undefined ? null : certificateOf(upstreamCert, warn),
    insecure: upstreamInsecure,
  };
}

function certificateOf(
  text: string,
  warn: (warning: CertificateWarning) => void,
): NonNullable<UpstreamTlsSettings['certificate']> {
  const [certFile, keyFile, more] = splitList(text);
  if (certFile === undefined || keyFile === undefined || more !== undefined) {
    throw new UsageError(`--upstream-cert ${text} does not name two files`, {
      hint: 'Write --upstream-cert CERT,KEY. File names have no commas.',
    });
  }
  const { cert, key, files, warnings } = readCertificate(certFile, keyFile);
  for (const warning of warnings) warn(warning);
  return { cert, key, files };
}
