import { readAuthorities, readCertificate } from '../../cli/certificate-files.ts';
import type { ArgsOf } from '../../cli/command.ts';
import { readAjpSecret } from '../../cli/secret-file.ts';
import { splitList } from '../../cli/values.ts';
import { DEFAULT_PACKET_BYTES } from '../../core/ajp/index.ts';
import { UsageError } from '../../core/errors.ts';
import { isEncryptedType } from '../../core/mcmp/connector-types.ts';
import type { CertificateAndKey } from '../connector/types.ts';
import type { NODE_SIM_OPTIONS } from './flags.ts';
import type { FleetOptions } from './fleet.ts';
import type { NodeTls } from './node-tls.ts';

type ConnectorArgs = Pick<
  ArgsOf<typeof NODE_SIM_OPTIONS, Record<never, never>>,
  'type' | 'nodeTls' | 'nodeCa' | 'ajpSecretFile' | 'ajpPacketSize'
>;

/**
 * What the nodes speak, and what they need for it.
 * @throws UsageError when a flag is for a type that the nodes do not have, or a file will not do
 */
export function connectorOptions(args: ConnectorArgs): Pick<FleetOptions, 'type' | 'ajp' | 'nodeTls'> {
  const { type } = args;
  for (const [flag, isGiven, fits, words] of [
    ['--ajp-secret-file', args.ajpSecretFile !== undefined, type === 'ajp', 'AJP'],
    ['--ajp-packet-size', args.ajpPacketSize !== DEFAULT_PACKET_BYTES, type === 'ajp', 'AJP'],
    ['--node-tls', args.nodeTls !== undefined, isEncryptedType(type), 'TLS'],
    ['--node-ca', args.nodeCa !== undefined, isEncryptedType(type), 'TLS'],
  ] as const) {
    if (!isGiven || fits) continue;
    throw new UsageError(`${flag} is for nodes that speak ${words}`, {
      hint: `Say so with --type ${words === 'AJP' ? 'ajp' : 'https'}, or leave it out.`,
    });
  }
  return {
    ...(type === undefined ? {} : { type }),
    ...(type === 'ajp' ? { ajp: ajpOf(args) } : {}),
    ...(isEncryptedType(type) ? { nodeTls: nodeTlsOf(args) } : {}),
  };
}

function ajpOf({ ajpSecretFile, ajpPacketSize }: ConnectorArgs): NonNullable<FleetOptions['ajp']> {
  const secret = ajpSecretFile === undefined ? {} : { secret: readAjpSecret(ajpSecretFile) };
  return { ...secret, packetBytes: ajpPacketSize };
}

function nodeTlsOf({ nodeTls = '', nodeCa = '' }: ConnectorArgs): NodeTls {
  const files = splitList(nodeTls);
  const authorityFiles = splitList(nodeCa);
  if (nodeTls !== '' && files.length !== 2 && files.length !== 3) {
    throw new UsageError(`--node-tls ${nodeTls} does not name two or three files`, {
      hint: 'Write --node-tls CERT,KEY, or --node-tls CERT,KEY,CA to ask balancers for certificates.',
    });
  }
  if (nodeCa !== '' && authorityFiles.length !== 2) {
    throw new UsageError(`--node-ca ${nodeCa} does not name two files`, { hint: 'Write --node-ca CERT,KEY.' });
  }
  const certificate = readPair(files);
  const authority = readPair(authorityFiles);
  const [, , ca] = files;
  return {
    ...(certificate === undefined ? {} : { certificate }),
    ...(authority === undefined ? {} : { authority }),
    ...(ca === undefined ? {} : { ca: readAuthorities(ca).ca }),
  };
}

function readPair([certFile, keyFile]: readonly string[]): CertificateAndKey | undefined {
  if (certFile === undefined || keyFile === undefined) return undefined;
  const { cert, key } = readCertificate(certFile, keyFile);
  return { cert, key };
}
