import { type Address, parseAddress } from '../core/address.ts';
import { UsageError } from '../core/errors.ts';
import {
  type AuthorityFile,
  type CertificateFiles,
  type CertificateWarning,
  readAuthorities,
  readCertificate,
} from './certificate-files.ts';
import { splitList } from './values.ts';

const ENCRYPTION = 'Encryption:';

/** Flags of a program that speaks TLS to its clients. */
export const ENCRYPTION_OPTIONS = {
  'listen-tls': {
    kind: 'string',
    repeatable: true,
    placeholder: '[ADDR,]CERT,KEY',
    group: ENCRYPTION,
    describe:
      'certificate and key of all --listen addresses, or of a further one; the first is the default, others are chosen by name',
  },
  'mcmp-tls': {
    kind: 'string',
    placeholder: 'CERT,KEY[,CA]',
    group: ENCRYPTION,
    describe: 'certificate and key of the --mcmp addresses; with a CA, peers have to show a certificate of it',
  },
  'mcmp-route-owner': {
    kind: 'choice',
    choices: ['none', 'cert', 'address'],
    default: 'none',
    group: ENCRYPTION,
    describe: 'what a JVMRoute is bound to when it is registered: later messages about it must come from the same',
  },
} as const;

export interface EncryptionArgs {
  readonly listenTls: readonly string[];
  readonly mcmpTls: string | undefined;
  readonly mcmpRouteOwner: 'none' | 'cert' | 'address';
}

export interface EncryptionSettings {
  readonly listenTls: readonly { readonly address: Address | null; readonly certificate: CertificatePair }[];
  readonly mcmpTls: { readonly certificate: CertificatePair; readonly clientCa: string } | null;
  readonly mcmpRouteOwner: 'none' | 'cert' | 'address';
}

type CertificatePair = Pick<CertificateFiles, 'cert' | 'key' | 'files'>;

/**
 * Reads the files that the flags name.
 *
 * @param warn told what is not wrong enough to stop for
 * @throws UsageError when a flag is misspelled, or a file will not do
 */
export function readEncryption(
  { listenTls, mcmpTls, mcmpRouteOwner }: EncryptionArgs,
  warn: (warning: CertificateWarning) => void,
): EncryptionSettings {
  const told = <F extends CertificateFiles | AuthorityFile>(read: F): F => {
    for (const warning of read.warnings) warn(warning);
    return read;
  };
  const pair = (cert: string, key: string): CertificatePair => {
    const read = told(readCertificate(cert, key));
    return { cert: read.cert, key: read.key, files: read.files };
  };
  const readMcmp = (text: string): EncryptionSettings['mcmpTls'] => {
    const [cert, key, ca, more] = splitList(text);
    if (cert === undefined || key === undefined || more !== undefined) {
      throw new UsageError(`--mcmp-tls ${text} does not name two or three files`, {
        hint: 'Write --mcmp-tls CERT,KEY, or --mcmp-tls CERT,KEY,CA to ask peers for certificates. File names have no commas.',
      });
    }
    return { certificate: pair(cert, key), clientCa: ca === undefined ? '' : told(readAuthorities(ca)).ca };
  };
  const mcmp = mcmpTls === undefined ? null : readMcmp(mcmpTls);
  if (mcmpRouteOwner === 'cert' && (mcmp === null || mcmp.clientCa === '')) {
    throw new UsageError('--mcmp-route-owner cert needs certificates of the peers, and nobody asks for them', {
      hint: 'Name an authority as third file of --mcmp-tls CERT,KEY,CA, or bind routes to addresses: --mcmp-route-owner address',
    });
  }
  return {
    listenTls: listenTls.map((text) => {
      const { address, cert, key } = listenTlsOf(text);
      return { address, certificate: pair(cert, key) };
    }),
    mcmpTls: mcmp,
    mcmpRouteOwner,
  };
}

function listenTlsOf(text: string): { readonly address: Address | null; readonly cert: string; readonly key: string } {
  const parts = splitList(text);
  const [cert, key] = parts.slice(-2);
  if (cert === undefined || key === undefined || parts.length > 3) {
    throw new UsageError(`--listen-tls ${text} does not name two files`, {
      hint: 'Write --listen-tls CERT,KEY, or --listen-tls :8443,CERT,KEY for a further address. File names have no commas.',
    });
  }
  const [first] = parts;
  if (parts.length === 2 || first === undefined) return { address: null, cert, key };
  const address = parseAddress(first);
  if (typeof address !== 'string') return { address, cert, key };
  throw new UsageError(`--listen-tls ${text}: ${first} is no address: ${address}`, {
    hint: 'Write --listen-tls CERT,KEY, or --listen-tls :8443,CERT,KEY. The chain stands in the file of the certificate.',
  });
}
