import { isIP, isIPv6 } from 'node:net';
import { isLoopbackHost } from '../../core/address.ts';
import { escapeForTerminal, shellWord } from '../../core/text.ts';
import { type DevCertificates, type DevLeaf, STORE_PASSWORD } from './make.ts';

/** A line to paste into a shell, and what it does. */
export interface TrialLine {
  readonly purpose: string;
  readonly command: string;
}

/** Ports of the examples: the usual ones of HTTPS beside another server, and of MCMP. */
const WEB_PORT = 8443;
const MCMP_PORT = 8090;

/** What one does with the files, in the order in which one tries it. */
export function trialLines({ authority, leaves }: DevCertificates): TrialLine[] {
  const balancer = leaves.find(({ role }) => role === 'balancer');
  const node = leaves.find(({ role }) => role === 'node');
  const client = leaves.find(({ role }) => role === 'client');
  const host = urlHost(balancer?.hosts[0] ?? 'localhost');
  const mcmp = `https://${host}:${MCMP_PORT}`;
  const ca = authority.certificate;
  const pair = (leaf: DevLeaf): string => `${leaf.certificate},${leaf.key}`;
  const lines: [purpose: string, words: string[] | undefined][] = [
    [
      'a balancer that speaks TLS, and takes MCMP only from who has a certificate',
      balancer && [
        ...['mcmp', 'serve', '--listen', `:${WEB_PORT}`, '--listen-tls', pair(balancer)],
        ...['--mcmp-tls', `${pair(balancer)},${ca}`],
        ...reachableAs(balancer.hosts[0]),
      ],
    ],
    [
      'a node that registers with it',
      node && [
        ...['mcmp', 'node-sim', '--balancer', mcmp, '--route', node.name],
        ...['--mcmp-ca', ca, '--mcmp-cert', node.certificate, '--mcmp-key', node.key],
      ],
    ],
    [
      'ask the balancer what it has',
      client && [
        ...['mcmp', 'send', 'INFO', '--balancer', mcmp],
        ...['--ca', ca, '--cert', client.certificate, '--key', client.key],
      ],
    ],
    ['a request of a client', ['curl', '--cacert', ca, `https://${host}:${WEB_PORT}/app`]],
    [
      'see the handshake',
      ['openssl', 's_client', '-connect', `${host}:${WEB_PORT}`, '-CAfile', ca, '-verify_return_error'],
    ],
  ];
  return lines.flatMap(([purpose, words]) =>
    words === undefined ? [] : [{ purpose, command: words.map(shellWord).join(' ') }],
  );
}

/** What was made and what was there, a line a file, and how to use it. */
export function devLines(certificates: DevCertificates): string[] {
  const rows = rowsOf(certificates);
  const width = Math.max(...rows.map(([file]) => file.length));
  const files = rows.map(([file, what]) => `  ${file.padEnd(width)}  ${what}`);
  const trials = trialLines(certificates).flatMap(({ purpose, command }) => [`  # ${purpose}`, `  ${command}`]);
  return [...files, '', 'To try them:', ...trials].map(escapeForTerminal);
}

/** The same as one document. */
export function devDocument(certificates: DevCertificates) {
  const { directory, authority, leaves } = certificates;
  return {
    schemaVersion: 1,
    directory,
    storePassword: STORE_PASSWORD,
    authority: { ...authority, notAfter: authority.notAfter.toISOString() },
    certificates: leaves.map((leaf) => ({ ...leaf, notAfter: leaf.notAfter.toISOString() })),
    commands: trialLines(certificates),
  };
}

function rowsOf({ authority, leaves }: DevCertificates): (readonly [file: string, what: string])[] {
  return [
    [authority.certificate, `certificate of the authority "${authority.name}"${lifeOf(authority)}`],
    [authority.key, 'its key: whoever has it is believed by all who trust the authority'],
    [authority.trustStore, `the certificate as a trust store for Java, password ${STORE_PASSWORD}`],
    ...leaves.flatMap((leaf) => [
      [leaf.certificate, `${ROLES[leaf.role]}${hostWords(leaf)}${lifeOf(leaf)}`] as const,
      [leaf.key, 'its key'] as const,
      ...(leaf.keyStore === undefined
        ? []
        : [[leaf.keyStore, `both as a key store for Java, password ${STORE_PASSWORD}`] as const]),
    ]),
  ];
}

const ROLES = {
  balancer: 'server certificate',
  node: 'server and client certificate',
  client: 'client certificate',
} as const;

function hostWords({ hosts }: DevLeaf): string {
  return hosts.length === 0 ? '' : ` for ${hosts.join(', ')}`;
}

function lifeOf({ notAfter, made }: { readonly notAfter: Date; readonly made: boolean }): string {
  const day = notAfter.toISOString().slice(0, 10);
  if (made) return `, until ${day}`;
  return notAfter.getTime() <= Date.now()
    ? `; was there, EXPIRED ${day}: --force makes it anew`
    : `; was there, until ${day}`;
}

/** What lets peers in that come from elsewhere; by itself MCMP is for this machine alone. Who has no certificate stays out. */
function reachableAs(host = 'localhost'): string[] {
  if (isLoopbackHost(host)) return [];
  const open = ['--mcmp', `:${MCMP_PORT}`, '--mcmp-allow', 'any'];
  return isIP(host) === 0 ? [...open, '--mcmp-host', nameIn(host)] : open;
}

function urlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : nameIn(host);
}

/** Where any name will do, one of them. */
function nameIn(host: string): string {
  return host.replace(/^\*/, 'www');
}
