import { canonicalHost } from '../../core/address.ts';
import type { ContextStatus } from '../../core/cluster/records.ts';
import { textOf } from '../../core/mcmp/bytes.ts';
import { type InfoView, readInfo } from '../../core/mcmp/info.ts';
import type { ToldAddress } from './compose.ts';
import { ownLines } from './own-lines.ts';

/** What a balancer says of one node in INFO. */
export interface Reported {
  /** Names of virtual hosts in which the node has contexts. */
  readonly aliases: ReadonlySet<string>;
  readonly contexts: ReadonlyMap<string, ContextStatus>;
  /** `host:port`; undefined when the balancer does not know the node. */
  readonly address: string | undefined;
}

const NOTHING: Reported = { aliases: new Set(), contexts: new Map(), address: undefined };

/** Reads INFO as far as it can be read. */
export function readReported(body: string, route: string): { readonly reported: Reported; readonly info: InfoView } {
  const { info } = readInfo(ownLines(body, route));
  const own = info.nodes.filter(({ name }) => textOf(name) === route);
  if (own.length === 0) return { reported: NOTHING, info };
  const ids = new Set(own.map(({ id }) => id));
  const contexts = new Map<string, ContextStatus>();
  const vhosts = new Set<string>();
  for (const { node, vhost, path, status } of info.contexts) {
    if (!ids.has(node)) continue;
    vhosts.add(`${node}:${vhost}`);
    // httpd 2 shows a context once for each alias.
    if (contexts.get(textOf(path)) !== 'ENABLED') contexts.set(textOf(path), status);
  }
  const aliases = new Set<string>();
  for (const { node, vhost, alias } of info.vhosts) {
    if (vhosts.has(`${node}:${vhost}`)) aliases.add(textOf(alias).toLowerCase());
  }
  const [{ host, port } = { host: '', port: '' }] = own;
  return { reported: { aliases, contexts, address: addressKey(host, port) }, info };
}

/** Whether the node's virtual host is another one there. */
export function hasOtherAliases(reported: Reported, aliases: readonly string[]): boolean {
  if (reported.contexts.size === 0) return false;
  const own = new Set(aliases.map((alias) => alias.toLowerCase()));
  return own.size !== reported.aliases.size || [...own].some((alias) => !reported.aliases.has(alias));
}

export function toldAddressKey({ host, port }: ToldAddress): string {
  return addressKey(host, String(port));
}

function addressKey(host: string, port: string): string {
  return `${canonicalHost(host) ?? host}:${port}`;
}
