/**
 * What a case may need beyond the MCMP address. What the target is configured for is said with `--with NAME` or
 * `--with NAME=VALUE`; a case whose need is not met is skipped, and the reason names the flag.
 */
export const NEEDS = {
  traffic: { words: 'the address of its web traffic', how: '--traffic URL' },
  empty: { words: 'a balancer without nodes at the start', how: 'start it anew' },
  restart: { words: 'a way to restart the balancer', how: "--restart 'COMMAND'" },
  'use-alias': { words: 'a balancer that matches the Host header with aliases', how: '--with use-alias' },
  persist: { words: 'a balancer that keeps its tables over a restart', how: '--with persist' },
  'small-tables': { words: 'a balancer whose table of nodes is small', how: '--with small-tables=NODES' },
  'message-limit': { words: 'the size in bytes of the longest message it reads', how: '--with message-limit=BYTES' },
  'ws-tunnel': { words: 'httpd with EnableWsTunnel On', how: '--with ws-tunnel' },
  manager: { words: 'the path of the manager page', how: '--with manager=/PATH' },
  'manager-commands': {
    words: 'a manager page that carries commands out by GET (AllowCmd On, --legacy-manager-get)',
    how: '--with manager-commands',
  },
  'manager-read-only': {
    words: 'a manager page that carries no commands out by GET (AllowCmd Off)',
    how: '--with manager-read-only',
  },
  advertise: { words: 'a balancer that advertises itself', how: '--with advertise=GROUP:PORT[@INTERFACE]' },
  'no-advertise': {
    words: 'a balancer that does not advertise itself',
    how: '--with no-advertise=GROUP:PORT[@INTERFACE]',
  },
  'advertise-key': { words: 'the key of its advertisements', how: '--with advertise-key=KEY' },
  'advertise-frequency': {
    words: 'the time between its advertisements, if it is not 10s',
    how: '--with advertise-frequency=DURATION',
  },
  websocket: { words: 'a balancer that tunnels WebSockets', how: '--with websocket' },
  'foreign-address': { words: 'an address of this machine that may not manage', how: '--with foreign-address=IP' },
  'ranked-routes': {
    words: 'a balancer that reads several routes of a session, in order (RANKED)',
    how: '--with ranked-routes',
  },
  'deterministic-failover': {
    words: 'a balancer with DeterministicFailover (deterministicFailover)',
    how: '--with deterministic-failover',
  },
  'options-off': { words: 'a balancer with EnableOptions Off', how: '--with options-off' },
  'preserve-host': { words: 'a balancer with ProxyPreserveHost On', how: '--with preserve-host' },
  nocanon: { words: 'a balancer with UseNocanon On', how: '--with nocanon' },
  ajp: { words: 'a balancer that speaks AJP to nodes', how: '--with ajp' },
  'ajp-secret': { words: 'the secret that it sends to AJP nodes', how: '--with ajp-secret=SECRET' },
  'quick-health': { words: 'a balancer whose health checks come every second or so', how: '--with quick-health' },
  patience: { words: 'more than ten seconds of waiting', how: '--with patience' },

  'fresh-node': { words: 'a node that is started anew for each case', how: "--start 'COMMAND'" },
  'node-deploy': { words: 'a way to deploy a context on the node', how: "--control 'deploy=HOW'" },
  'node-undeploy': { words: 'a way to undeploy a context of the node', how: "--control 'undeploy=HOW'" },
  'node-enable': { words: 'a way to start a context of the node that was stopped', how: "--control 'enable=HOW'" },
  'node-disable': { words: 'a way to disable a context of the node', how: "--control 'disable=HOW'" },
  'node-stop': { words: 'a way to stop a context of the node', how: "--control 'stop=HOW'" },
  'node-load': { words: 'a way to change the load of the node', how: "--control 'load=HOW'" },
  'node-exit': { words: 'a way to shut the node down', how: "--start 'COMMAND' or --control 'exit=HOW'" },
  'node-ping': { words: 'a way to let the node ping its balancers', how: "--control 'ping=HOW'" },
  'node-stop-connector': { words: 'a way to stop the connector of the node', how: "--control 'stop-connector=HOW'" },
  'node-add-balancer': { words: 'a way to give the node another balancer', how: "--control 'add-balancer=HOW'" },
  'node-second-balancer': { words: 'a node that registers with two balancers', how: setting('second-balancer') },
  'node-contexts': { words: 'a node with the context /a/b', how: setting('contexts') },
  'node-root-context': { words: 'a node with the root context', how: setting('root-context') },
  'node-aliases': { words: 'a node whose host has two more names', how: setting('aliases') },
  'node-excluded': { words: 'a node with a context that balancers are not told of', how: setting('excluded') },
  'node-born-disabled': { words: 'a node that does not enable its contexts', how: setting('born-disabled') },
  'node-defaults': {
    words: 'a node that leaves every parameter of CONFIG at its default',
    how: '--with node-defaults',
  },
  'node-domain': { words: 'a node in a domain (loadBalancingGroup)', how: setting('domain') },
  'node-balancer-name': { words: 'a node that names its balancer', how: setting('balancer-name') },
  'node-flush': { words: 'a node that wants packets flushed', how: setting('flush') },
  'node-cookie': { words: 'a node with a session cookie of its own', how: setting('cookie') },
  'node-wildcard': { words: 'a node whose connector listens on all addresses', how: setting('wildcard') },
  'node-generated-route': { words: 'a node that was given no jvmRoute', how: setting('generated-route') },
  'node-engines': { words: 'a node with two engines', how: setting('engines') },
  'node-sessions': { words: 'a node that waits for sessions to end', how: setting('sessions') },
  'node-load-metric': {
    words: 'an idle node whose load comes from a metric with a history',
    how: setting('load-metric'),
  },
  'node-timeout': { words: 'the time after which the node gives up a silent balancer', how: '--with node-timeout=20s' },
  'node-proxy-path': { words: 'a node whose balancers have a path (proxyURL)', how: setting('proxy-path') },
  'node-ipv6': { words: 'a node that can be told an IPv6 address of its balancer', how: '--with node-ipv6' },
  'node-tls': { words: 'a node that speaks MCMP over TLS', how: setting('tls') },
  'node-discovery': {
    words: 'a command that starts a node which discovers its balancers',
    how: "--with node-discovery='COMMAND'",
  },
  'node-no-interface': { words: 'a node that shall discover, and has no interface to', how: setting('no-interface') },
} as const;

/** Words that the start command gets in addition, in the place of {options}. */
function setting(name: string): string {
  return `--with node-${name}='WORDS'`;
}

export type Need = keyof typeof NEEDS;

/** What a target is configured for: names of needs, with their values (empty without one). */
export type Features = ReadonlyMap<string, string>;
