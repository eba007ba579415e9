import { readFileSync } from 'node:fs';
import { readAuthorities, readCertificate } from '../cli/certificate-files.ts';
import { UsageError } from '../core/errors.ts';
import type { McmpClientOptions } from './connection.ts';
import type { McmpClientTls } from './sockets.ts';

const TLS = 'TLS:';

/** Options of every command that talks to a balancer as a client. */
export const CLIENT_OPTIONS = {
  balancer: {
    kind: 'url',
    default: 'http://127.0.0.1:8090',
    placeholder: 'URL',
    describe: 'MCMP address of the balancer, of any brand',
  },
  timeout: { kind: 'duration', default: '10s', describe: 'how long to wait for an answer' },
  ca: {
    kind: 'string',
    placeholder: 'FILE',
    group: TLS,
    describe: 'CA that signed the certificate of the balancer (PEM)',
  },
  cert: { kind: 'string', placeholder: 'FILE', group: TLS, describe: 'client certificate (PEM)' },
  key: { kind: 'string', placeholder: 'FILE', group: TLS, describe: 'its key (PEM)' },
  insecure: { kind: 'boolean', group: TLS, describe: 'take any certificate of the balancer' },
} as const;

export interface ClientArgs {
  readonly timeout: number;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly insecure: boolean;
}

/** @throws UsageError as `clientTlsOf` */
export function clientOptionsOf(
  args: ClientArgs,
): McmpClientOptions & { readonly timeoutMs: number; readonly tls: McmpClientTls } {
  return { timeoutMs: args.timeout, tls: clientTlsOf(args) };
}

/**
 * Reads the files of the TLS options, before any connection.
 *
 * @param prefix of the flags, for messages
 * @throws UsageError when a file cannot be read or holds something else, when one of certificate and key is missing, or they
 *   do not belong together
 */
export function clientTlsOf({ ca, cert, key, insecure }: Omit<ClientArgs, 'timeout'>, prefix = ''): McmpClientTls {
  const authorities = ca === undefined ? {} : { ca: readAuthorities(ca).ca };
  if (cert === undefined && key === undefined) return { insecure, ...authorities };
  if (cert === undefined || key === undefined) {
    throw new UsageError(`--${prefix}cert and --${prefix}key are needed together`, {
      hint: 'A client certificate is of no use without its key. A file that holds both may be given to both.',
    });
  }
  const own = readCertificate(cert, key);
  return { insecure, ...authorities, cert: own.cert, key: own.key };
}

/** What has to be added to a command line so that it speaks with the same certificates. */
export function tlsWords(args: {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly insecure: boolean;
}): string[] {
  const files = (['ca', 'cert', 'key'] as const).flatMap((name) => {
    const path = args[name];
    return path === undefined ? [] : [`--${name}`, path];
  });
  return args.insecure ? [...files, '--insecure'] : files;
}

/** @throws UsageError when the file cannot be read */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
