import { BURIED_ROUTE } from '../core/cluster/lifecycle.ts';
import type { Brand } from './brand.ts';
import { TELLS } from './told.ts';
import type { ViewNode } from './view.ts';

/**
 * Whether a node gets requests, in one word for all brands.
 * - `active`: by its load. `standby`: only when no active one can serve.
 * - `withdrawn`: none, by its own word (load -1), or because its first STATUS is not there.
 * - `error`: none, because the balancer cannot reach it.
 * - `removing`: it said goodbye; the row is still there.
 */
export const NODE_CONDITIONS = ['active', 'standby', 'withdrawn', 'error', 'removing'] as const;
export type NodeCondition = (typeof NODE_CONDITIONS)[number];

/**
 * Reference §3.6, §3.8. What httpd calls active may be in error: it keeps that to itself.
 * @returns undefined when this brand does not tell
 */
export function nodeCondition({ name, load, told }: ViewNode, brand: Brand): NodeCondition | undefined {
  if (told?.state === 'removing' || told?.state === 'buried' || name === BURIED_ROUTE) return 'removing';
  if (told?.state === 'error') return 'error';
  if (!TELLS[brand].load) return undefined;
  if (load < 0) return told === undefined ? TELLS[brand].brokenMeans : 'withdrawn';
  return load === 0 ? 'standby' : 'active';
}

/** The conditions that a balancer of this brand can tell apart. @param told whether it tells more than INFO holds */
export function toldConditions(brand: Brand, told: boolean): readonly NodeCondition[] {
  if (told) return NODE_CONDITIONS;
  const { load, brokenMeans } = TELLS[brand];
  if (!load) return [];
  return brokenMeans === 'error' ? ['active', 'standby', 'error'] : ['active', 'standby', 'withdrawn', 'removing'];
}
