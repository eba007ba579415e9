import type { BalancerOptions } from '../../src/balancer/index.ts';
import type { BalancerCase } from '../../src/conformance/balancer/trial.ts';
import type { Need } from '../../src/conformance/needs.ts';

/** A way to configure a balancer, and the cases that are judged there. */
export interface Profile {
  readonly name: string;
  readonly options: Partial<BalancerOptions>;
  /** What `--with` would say of it. */
  readonly features: readonly (readonly [Need, string])[];
  readonly cases: (one: BalancerCase) => boolean;
}

const needs =
  (need: Need) =>
  (one: BalancerCase): boolean =>
    one.needs.includes(need);

const MANAGER_PATH = '/mod_cluster-manager';

/** All ways in which our own balancer is judged. Together they leave no case out (a test says so). */
export const PROFILES: readonly Profile[] = [
  {
    name: 'as it comes',
    options: { managerPath: MANAGER_PATH },
    features: [
      ['manager', MANAGER_PATH],
      ['websocket', ''],
    ],
    cases: () => true,
  },
  { name: 'with aliases', options: { useAlias: true }, features: [['use-alias', '']], cases: needs('use-alias') },
  {
    name: 'with small tables',
    options: { limits: { maxNodes: 4, maxContexts: 8, maxHosts: 8 } },
    features: [['small-tables', '4']],
    cases: needs('small-tables'),
  },
  {
    name: 'with short messages',
    options: { maxMessageBytes: 2048 },
    features: [['message-limit', '2048']],
    cases: needs('message-limit'),
  },
  {
    name: 'with quick health checks',
    options: { pingIntervalMs: 200, recalcIntervalMs: 500, brokenNodeTimeoutMs: 1500, waitBeforeRemoveMs: 500 },
    features: [
      ['quick-health', ''],
      ['patience', ''],
    ],
    cases: (one) => one.needs.includes('quick-health') || one.needs.includes('patience'),
  },
];
