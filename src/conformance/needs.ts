/**
 * What a case may need beyond the MCMP address. What the target is configured for is said with `--with NAME` or
 * `--with NAME=VALUE`; a case whose need is not met is skipped, and the reason names the flag.
 */
export const NEEDS = {
  traffic: { words: 'the address of its web traffic', how: '--traffic URL' },
  empty: { words: 'a balancer without nodes at the start', how: 'start it anew' },
  restart: { words: 'a way to restart the balancer', how: "--restart 'COMMAND'" },
  'use-alias': { words: 'a balancer that matches the Host header with aliases', how: '--with use-alias' },
  'small-tables': { words: 'a balancer whose table of nodes is small', how: '--with small-tables=NODES' },
  manager: { words: 'the path of the manager page', how: '--with manager=/PATH' },
  advertise: { words: 'a balancer that advertises itself', how: '--with advertise=GROUP:PORT' },
  'advertise-key': { words: 'the key of its advertisements', how: '--with advertise-key=KEY' },
  websocket: { words: 'a balancer that tunnels WebSockets', how: '--with websocket' },
  'foreign-address': { words: 'an address of this machine that may not manage', how: '--with foreign-address=IP' },
  'quick-health': { words: 'a balancer whose health checks come every second or so', how: '--with quick-health' },
  patience: { words: 'more than ten seconds of waiting', how: '--with patience' },
} as const;

export type Need = keyof typeof NEEDS;

/** What a target is configured for: names of needs, with their values (empty without one). */
export type Features = ReadonlyMap<string, string>;
