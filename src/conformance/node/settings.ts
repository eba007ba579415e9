import type { Need } from '../needs.ts';

/**
 * Ways to configure a node that some cases need, and the value that they look for. The words of `--with node-domain='WORDS'`
 * come in the place of `{options}` in the start command of such a case, with `{value}` replaced; without words the node is
 * taken to be configured so already.
 */
export const SETTINGS = {
  /** A URL; `{value-address}` is its `host:port`. The case says which. */
  'node-second-balancer': '',
  'node-contexts': '/a/b',
  'node-root-context': '/',
  'node-aliases': 'www.cf.test,cf.test',
  'node-excluded': '/cf-hidden',
  'node-born-disabled': '',
  'node-domain': 'cfdomain',
  'node-balancer-name': 'cfbalancer',
  'node-flush': 'on',
  'node-cookie': 'CFSESSION',
  'node-wildcard': '0.0.0.0',
  'node-generated-route': '',
  'node-engines': '2',
  'node-sessions': '',
  'node-load-metric': '',
  'node-proxy-path': '/mcmp',
  'node-tls': '',
  'node-no-interface': '',
} as const satisfies Partial<Record<Need, string>>;

export type Setting = keyof typeof SETTINGS;
