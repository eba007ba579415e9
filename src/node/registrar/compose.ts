import type { Pair } from '../../client/answer.ts';
import type { Brand } from '../../client/brand.ts';
import { canonicalHost } from '../../core/address.ts';
import { FIELDS, type FieldName, fieldRow } from '../../core/mcmp/fields.ts';
import { isWildcardHost } from '../../core/reach.ts';
import type { Outgoing } from '../wire/types.ts';
import type { MannersRow } from './manners.ts';
import type { ConfigParameters } from './types.ts';
import { unmapped } from './warnings.ts';

/** Where balancers reach the node, as CONFIG says it. */
export interface ToldAddress {
  /** IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  readonly type: string;
}

/**
 * @param own where the connector listens
 * @param localAddress our side of the connection to the balancer, in place of a wildcard (reference §9.3)
 */
export function reachedAt(own: ToldAddress | undefined, localAddress: string | undefined): ToldAddress | undefined {
  if (own === undefined) return undefined;
  const host = unmapped(isWildcardHost(own.host) ? (localAddress ?? own.host) : own.host);
  return { host: host.includes(':') ? (canonicalHost(host) ?? host) : host, port: own.port, type: own.type };
}

export type AppMethod = 'ENABLE-APP' | 'DISABLE-APP' | 'STOP-APP' | 'REMOVE-APP';

/**
 * Brands that take `Context=/a,/b`; Undertow reads one path with a comma in it (reference §2.2), and so may whoever does
 * not say who he is.
 */
const TAKES_LISTS: ReadonlySet<Brand> = new Set<Brand>(['mcmp', 'httpd-2', 'httpd-1.3', 'nginx']);

/** No balancer's limit for a message is below 1024 bytes, and httpd cuts without a word (reference §1.3). */
const LIST_MESSAGE_BYTES = 1000;

/** INFO, for what the balancer knows of this node. */
export function infoMessage(route: string): Outgoing {
  return { ...bareMessage('INFO'), about: route };
}

/** Everything without parameters. */
export function bareMessage(method: string): Outgoing {
  return { method, target: '/', pairs: [] };
}

export function statusMessage(route: string, load: number): Outgoing {
  return message('STATUS', route, [['Load', String(load)]]);
}

export function removeNodeMessage(route: string): Outgoing {
  return { method: 'REMOVE-APP', target: '/*', pairs: [['JVMRoute', route]] };
}

/**
 * CONFIG. Host, Port and Type are always in it: Undertow forgets them otherwise. Parameters without a value are left out,
 * as httpd 2 and Undertow refuse them.
 */
export function configMessage(
  route: string,
  address: ToldAddress,
  parameters: ConfigParameters,
  manners: MannersRow,
): Outgoing {
  const values = new Map<string, string>(manners.config);
  for (const [name, value] of Object.entries(parameters)) if (isField(name)) values.set(name, spelt(name, value));
  const pairs: Pair[] = [
    ['Host', address.host],
    ['Port', String(address.port)],
    ['Type', address.type],
  ];
  for (const [name, value] of values) {
    if (value === '' || (manners.leavesOutDefaults && isDefault(name, value))) continue;
    pairs.push([name, value]);
  }
  return message('CONFIG', route, pairs);
}

/**
 * One command for the first of these contexts, or for as many as this balancer takes at once.
 * @param paths at least one
 * @returns the message, and how many contexts it is for
 */
export function appMessage(
  method: AppMethod,
  node: { readonly route: string; readonly aliases: readonly string[] },
  paths: readonly string[],
  brand: Brand,
  manners: MannersRow,
): { readonly message: Outgoing; readonly count: number } {
  const alias = node.aliases.join(',');
  // STOP-APP one by one: the answer counts the requests of one context.
  const lists = manners.contextLists && TAKES_LISTS.has(brand) && method !== 'STOP-APP';
  let list = paths[0] ?? '/';
  let count = 1;
  let bytes =
    encodedLength(node.route) + encodedLength(alias) + encodedLength(list) + 'JVMRoute=&Alias=&Context='.length;
  while (lists && count < paths.length) {
    const next = `,${paths[count] ?? ''}`;
    bytes += encodedLength(next);
    if (bytes > LIST_MESSAGE_BYTES) break;
    list += next;
    count += 1;
  }
  const pairs: Pair[] = [
    ['Alias', alias],
    ['Context', list],
  ];
  return { message: message(method, node.route, pairs), count };
}

/** JVMRoute first, the rest by byte value, as Java nodes have it (reference §9.1). */
function message(method: string, route: string, pairs: Pair[]): Outgoing {
  return { method, target: '/', pairs: [['JVMRoute', route], ...pairs.sort(([a], [b]) => (a < b ? -1 : 1))] };
}

function encodedLength(text: string): number {
  return Buffer.byteLength(text) + 2 * Buffer.byteLength(text.replace(/[A-Za-z0-9._*-]/g, ''));
}

function isField(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

const TRUE_WORDS = new Set(['yes', 'true', 'on', '1']);
const FALSE_WORDS = new Set(['no', 'false', 'off', '0']);

/** Booleans in the only two words that every balancer reads alike (needs B17). */
function spelt(name: FieldName, value: string): string {
  const { kind } = fieldRow(name);
  const word = value.toLowerCase();
  if (kind === 'flush' && word === 'auto') return 'Auto';
  if (kind === 'flush' && TRUE_WORDS.has(word)) return 'On';
  if (kind === 'flush' && FALSE_WORDS.has(word)) return 'Off';
  if (kind !== 'boolean') return value;
  if (TRUE_WORDS.has(word)) return 'Yes';
  return FALSE_WORDS.has(word) ? 'No' : value;
}

/** Java nodes know such defaults for words only: a number that was set is sent. */
function isDefault(name: string, value: string): boolean {
  if (!isField(name)) return false;
  const { kind, default: normal } = fieldRow(name);
  if (kind === 'cookie') return normal === value;
  return (kind === 'boolean' || kind === 'flush') && normal === value.toLowerCase();
}
