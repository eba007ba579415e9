import { isIP } from 'node:net';
import { sep } from 'node:path';
import { withoutBrackets } from '../../core/address.ts';
import { UsageError } from '../../core/errors.ts';
import type { KeyKind } from '../authority.ts';

export interface DevArgs {
  readonly directory: string;
  /** Empty: `DEFAULT_HOSTS` and the name of this machine. */
  readonly host: readonly string[];
  readonly node: readonly string[];
  readonly client: readonly string[];
  readonly days: number;
  readonly key: KeyKind;
  readonly force: boolean;
}

export type LeafRole = 'balancer' | 'node' | 'client';

/** A certificate to make; its name is that of its files, and its common name. */
export interface LeafPlan {
  readonly role: LeafRole;
  readonly name: string;
  readonly hosts: readonly string[];
}

export interface DevPlan {
  /** As the user wrote it, without a slash at the end. */
  readonly directory: string;
  readonly leaves: readonly LeafPlan[];
  readonly days: number;
  readonly key: KeyKind;
  readonly force: boolean;
}

export const AUTHORITY = 'ca';
export const DEFAULT_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '::1'];

const BALANCER = 'balancer';
/** A common name has 64 characters at most (RFC 5280, appendix A.1), and stands for a file on any system. */
const FILE_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/;
/** A name as it stands in certificates; the first label may be a star (RFC 6125 §6.4.3). */
const DNS_NAME = /^(?=.{1,253}$)(?:\*\.)?(?!-)[A-Za-z0-9_-]{1,63}(?:\.(?!-)[A-Za-z0-9_-]{1,63})*$/;

/**
 * What `mcmp certs dev` is to make.
 *
 * @param hostName of this machine
 * @throws UsageError when a name cannot stand in a certificate, or two of them want the same files
 */
export function planDevCertificates(args: DevArgs, hostName: string): DevPlan {
  const { days, key, force } = args;
  const hosts = args.host.length > 0 ? args.host.map(checkHost) : [...DEFAULT_HOSTS, hostName].filter(isHost);
  const unique = [...new Set(hosts)];
  const leaves: readonly LeafPlan[] = [
    { role: 'balancer', name: BALANCER, hosts: unique },
    ...args.node.map((name): LeafPlan => ({ role: 'node', name: checkName(name, '--node'), hosts: unique })),
    ...args.client.map((name): LeafPlan => ({ role: 'client', name: checkName(name, '--client'), hosts: [] })),
  ];
  refuseDoubles([AUTHORITY, ...leaves.map(({ name }) => name)]);
  return { directory: checkDirectory(args.directory), leaves, days, key, force };
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || DNS_NAME.test(text);
}

function checkHost(text: string): string {
  const host = withoutBrackets(text);
  if (isHost(host)) return host.toLowerCase();
  throw new UsageError(`--host ${text}: neither a name nor an address`, {
    hint: 'Write hosts without scheme and port: --host lb.example,10.0.0.1',
  });
}

function checkName(name: string, flag: string): string {
  if (FILE_NAME.test(name)) return name;
  throw new UsageError(`${flag} ${name}: the name becomes that of files, and has characters that cannot be in one`, {
    hint: 'Up to 64 letters, digits, dots, hyphens and underscores, with a letter or digit in front.',
  });
}

/** Names that differ in case only are one file on some systems. */
function refuseDoubles(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const file = name.toLowerCase();
    if (seen.has(file)) {
      throw new UsageError(`two certificates would have the name ${name}`, {
        hint: `Each has files of its own name; ${AUTHORITY} and ${BALANCER} are taken.`,
      });
    }
    seen.add(file);
  }
}

function checkDirectory(text: string): string {
  if (text.includes(',')) {
    throw new UsageError(`${text}: a path with a comma cannot be given to --listen-tls CERT,KEY`, {
      hint: 'Choose a directory without a comma in its path.',
    });
  }
  return text.length > 1 && (text.endsWith('/') || text.endsWith(sep)) ? text.slice(0, -1) : text;
}
