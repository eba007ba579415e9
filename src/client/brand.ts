import {
  HTTPD2_DIALECT,
  HTTPD13_DIALECT,
  MCMP_DIALECT,
  NGINX_DIALECT,
  UNDERTOW_DIALECT,
} from '../core/mcmp/dialect.ts';
import type { InfoView } from '../core/mcmp/info.ts';
import type { RoutingRules } from '../core/routing/rules.ts';

export type Brand = 'mcmp' | 'httpd-2' | 'httpd-1.3' | 'undertow' | 'nginx' | 'unknown';

export interface BrandRow {
  readonly words: string;
  /** How `Server`, or the release of VERSION, names it; the first group is the version. */
  readonly pattern: RegExp | undefined;
  /** The rules by which it routes, as near as ours come. */
  readonly rules: RoutingRules;
  /** Where it routes differently from what these rules say (reference §4). */
  readonly caveats: readonly string[];
}

/** The balancers that speak MCMP, in the order in which a name is looked for. */
export const BRANDS: Readonly<Record<Brand, BrandRow>> = {
  mcmp: { words: 'mcmp', pattern: /\bmcmp\/(\S+)/, rules: MCMP_DIALECT.routing, caveats: [] },
  'httpd-2': {
    words: 'httpd with mod_proxy_cluster 2',
    pattern: /\bmod_proxy_cluster\/(\S+)/,
    rules: HTTPD2_DIALECT.routing,
    caveats: [
      'the error state of a node is not in INFO: one that failed its ping looks well here',
      'what httpd itself serves on that path, and ProxyPass lines, come before and are not known here',
    ],
  },
  undertow: {
    words: 'Undertow or WildFly',
    pattern: /\bmod_cluster_undertow\/(\S+)/,
    rules: UNDERTOW_DIALECT.routing,
    caveats: ['without useAlias it takes the first virtual host that matches the path at all'],
  },
  'httpd-1.3': {
    words: 'httpd with mod_cluster 1.3',
    pattern: /\bmod_cluster\/(1\.[0-3]\.\S+)/,
    rules: HTTPD13_DIALECT.routing,
    caveats: ['the error state of a node is not in INFO: one that failed its ping looks well here'],
  },
  nginx: {
    words: 'nginx with nginx_mod_cluster_module',
    pattern: /\bnginx\/(\S+)/,
    rules: NGINX_DIALECT.routing,
    caveats: [
      'it learns sessions from Set-Cookie and does not read the route in the session id',
      'it chooses by the fewest connections, and its INFO says 0 for every load',
    ],
  },
  unknown: {
    words: 'a balancer of unknown brand',
    pattern: undefined,
    rules: HTTPD2_DIALECT.routing,
    caveats: ['the brand is not known: the rules of httpd are assumed'],
  },
};

const NAMES = Object.keys(BRANDS) as Brand[];

/**
 * Recognises a balancer by how it calls itself.
 * @param texts its Server header, the release of VERSION; what is missing may be empty
 */
export function brandByName(
  ...texts: readonly string[]
): { readonly brand: Brand; readonly version: string } | undefined {
  for (const brand of NAMES) {
    for (const text of texts) {
      const version = BRANDS[brand].pattern?.exec(text)?.[1];
      if (version !== undefined) return { brand, version };
    }
  }
  return undefined;
}

/** Guesses a balancer by how it numbers its tables (reference §3.2), for an INFO that came without its headers. */
export function brandByShape(info: InfoView): Brand {
  if (info.vhosts.length > 0 && info.vhosts.every(({ slot }) => slot === -1)) return 'undertow';
  const ids = info.nodes.map(({ id }) => id);
  if (ids.includes(0)) return 'httpd-2';
  if (info.nodes.length > 0 && info.nodes.every(({ load, elected }) => load === 0 && elected === 0)) return 'nginx';
  return 'unknown';
}
