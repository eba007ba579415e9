/** What differs between dialects in routing (reference §4, §12); a part of each row of the dialect table. */
export interface RoutingRules {
  /** Which of several cookies of the session's name counts. */
  readonly repeatedCookie: 'first' | 'first-with-route';
  /** Whether `/` ends the value of `;jsessionid=` (httpd: no, reference §12.1.15). */
  readonly pathSessionEndsAtSlash: boolean;
  /** Whether a query parameter of the path-parameter's name is a source of the session id. */
  readonly querySession: boolean;
  /** Whether StickySessionRemove does what it says (httpd 2 searches the wrong name, reference §12.1.12). */
  readonly removeSession: boolean;
  /** How long the domain of a removed node is remembered, so that its sessions stay inside the domain; 0: not. */
  readonly domainMemoryMs: number;
}
