/** What differs between dialects in routing (reference §4, §12); a part of each row of the dialect table. */
export interface RoutingRules {
  /** Whether the letter case of aliases matters with `--use-alias` (Undertow, reference §4.3). */
  readonly aliasCase: 'ignored' | 'exact';
  /** Which of several cookies of the session's name counts. */
  readonly repeatedCookie: 'first' | 'first-with-route' | 'last';
  /** Quotes around the whole value: dropped, or a part of the id, and so of its route (Undertow, measured). */
  readonly quotedCookie: 'unquoted' | 'kept';
  /**
   * A session whose route no node has, nor a remembered one had. `none`: it is balanced like a new one (httpd). `lost`: as
   * that of a node that cannot serve, so StickySessionForce answers 503 (Undertow, reference §4.4).
   */
  readonly unknownRoute: 'none' | 'lost';
  /** Whether a session that lost its node may go to a hot standby of its domain (reference §4.5). */
  readonly domainStandbys: boolean;
  /** Whether `/` ends the value of `;jsessionid=` (httpd: no, reference §12.1.15). */
  readonly pathSessionEndsAtSlash: boolean;
  /** Whether a query parameter of the path-parameter's name is a source of the session id. */
  readonly querySession: boolean;
  /** Whether StickySessionRemove does what it says (httpd 2 searches the wrong name, reference §12.1.12). */
  readonly removeSession: boolean;
  /** How long the domain of a removed node is remembered, so that its sessions stay inside the domain; 0: not. */
  readonly domainMemoryMs: number;
  /**
   * What a context registered as `/app/` means. `literal`: the slash counts, so `/app/x` is not matched (httpd, reference
   * §12.1.20). `normalised`: the same as `/app` (Undertow); a missing leading slash is added too.
   */
  readonly trailingSlashContexts: 'literal' | 'normalised';
  /**
   * How a request that has a session id, but no node of its own, is elected when some contexts are DISABLED. `equal`:
   * among ENABLED and DISABLED alike (httpd, reference §4.4). `last`: DISABLED ones only when no ENABLED one can serve,
   * so that a draining node is not given the sessions of others. `own-or-domain`: never, only the node of the session, or
   * one of its domain, serves from a DISABLED context (Undertow). `never`: DISABLED is as STOPPED, for a node's own sessions
   * as well (nginx).
   */
  readonly disabledWithSession: 'equal' | 'last' | 'own-or-domain' | 'never';
  /** What a client is told when every copy of the context is stopped, or disabled for it (reference §4.8). */
  readonly allStopped: 404 | 503;
  /**
   * Where a node begins in the election when it comes, or comes back. `zero`: below all others, so that it is given every
   * request until it has caught up (httpd, Undertow: reference §4.6, MODCLUSTER-449). `level`: beside them.
   */
  readonly newcomers: 'zero' | 'level';
}
