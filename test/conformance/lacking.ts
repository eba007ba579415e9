import type { JudgedDialect } from '../../src/conformance/dialects.ts';
import type { Need } from '../../src/conformance/needs.ts';

/** A case about something that our own balancer has not, and who is proof that it can fail. */
export interface Lacking {
  readonly id: string;
  readonly dialect: JudgedDialect;
  /** What is said of our balancer although it is not so. */
  readonly features: readonly (readonly [Need, string])[];
}

/**
 * Cases that no mutant can prove: the healthy program fails them too.
 */
export const LACKING: readonly Lacking[] = [
  { id: 'session/ranked', dialect: 'undertow', features: [['ranked-routes', '']] },
  { id: 'balancing/deterministic-sums', dialect: 'httpd-2', features: [['deterministic-failover', '']] },
  { id: 'balancing/deterministic-hash', dialect: 'undertow', features: [['deterministic-failover', '']] },
  { id: 'state/kept-over-restart', dialect: 'httpd-2', features: [['persist', '']] },
  { id: 'health/options-off', dialect: 'httpd-2', features: [['options-off', '']] },
];

/** Fails at a scripted balancer that asks no node. */
export const AJP_PING_CASE_ID = 'status/pings-an-ajp-node';

/** Proven as well at a scripted balancer that sends what other balancers send. */
export const AJP_CASE_IDS: readonly string[] = ['proxy/ajp-request', 'proxy/ajp-secret', 'proxy/ajp-key-size'];
