import type { Brand } from '../client/index.ts';

/** What differs between balancers for whoever acts upon their contexts (reference §2.2, §3.4, §3.5, §12). */
export interface ActingRules {
  /** Whether one command may name several contexts; else a comma belongs to the path. */
  readonly lists: boolean;
  /**
   * Whether commands lower-case the aliases that they name, and CONFIG does not: one with upper-case letters would name a
   * virtual host that is not there, and make it.
   */
  readonly lowersAliases: boolean;
  /** Whether a body is decoded before it is split, so that no escape keeps `&`, `=` and spaces inside of a name. */
  readonly splitsDecoded: boolean;
  /** Whether `/*` is known to mean all contexts of this very node. */
  readonly wholeNode: boolean;
  /** Whether DISABLE-APP leaves a STOPPED context, and one that was not there, STOPPED. */
  readonly disableKeepsStopped: boolean;
  /** Whether a DISABLED context still gets the requests of its sessions. */
  readonly disabledServesSessions: boolean;
  /** Whether a route stands for every route that begins with it. */
  readonly routesArePrefixes: boolean;
  /**
   * Where requests in flight are told: for each context (INFO in JSON), for each node (`Connected`), in the answer to
   * STOP-APP (`Requests`), or nowhere.
   */
  readonly requests: 'of-contexts' | 'of-node' | 'in-stop-reply' | 'nowhere';
}

/**
 * nginx compares routes by their beginning, decodes a body before it splits it, and takes DISABLED for STOPPED (§1.2, §12.4).
 * It and httpd 1.3 lower-case aliases in commands, but not in CONFIG (§12.2). `Connected` of Undertow counts its open
 * connections, idle ones too; of httpd the requests that run. httpd 1.3 counts in the answer to STOP-APP as well, but for
 * one context only when several are named. Of a brand that is not known nothing is assumed.
 */
export const ACTING_RULES: Readonly<Record<Brand, ActingRules>> = {
  mcmp: {
    lists: true,
    lowersAliases: false,
    splitsDecoded: false,
    wholeNode: true,
    disableKeepsStopped: false,
    disabledServesSessions: true,
    routesArePrefixes: false,
    requests: 'of-contexts',
  },
  'httpd-2': {
    lists: true,
    lowersAliases: false,
    splitsDecoded: false,
    wholeNode: true,
    disableKeepsStopped: false,
    disabledServesSessions: true,
    routesArePrefixes: false,
    requests: 'of-node',
  },
  'httpd-1.3': {
    lists: true,
    lowersAliases: true,
    splitsDecoded: false,
    wholeNode: true,
    disableKeepsStopped: false,
    disabledServesSessions: true,
    routesArePrefixes: false,
    requests: 'of-node',
  },
  undertow: {
    lists: false,
    lowersAliases: false,
    splitsDecoded: false,
    wholeNode: true,
    disableKeepsStopped: true,
    disabledServesSessions: true,
    routesArePrefixes: false,
    requests: 'in-stop-reply',
  },
  nginx: {
    lists: true,
    lowersAliases: true,
    splitsDecoded: true,
    wholeNode: false,
    disableKeepsStopped: false,
    disabledServesSessions: false,
    routesArePrefixes: true,
    requests: 'nowhere',
  },
  unknown: {
    lists: false,
    lowersAliases: false,
    splitsDecoded: false,
    wholeNode: false,
    disableKeepsStopped: false,
    disabledServesSessions: true,
    routesArePrefixes: false,
    requests: 'nowhere',
  },
};
