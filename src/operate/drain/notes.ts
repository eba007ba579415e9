import type { SurveyReading } from '../../client/index.ts';
import { TELLS } from '../../client/told.ts';
import { formatDuration } from '../../core/units.ts';
import { ACTING_RULES } from '../acting-rules.ts';
import { selectOn } from '../select.ts';
import type { Scope } from '../types.ts';
import { shown } from '../words.ts';
import { CLOCK_WAIT_MS, observe } from './observe.ts';
import type { DrainOptions } from './types.ts';

/** What can be known at each balancer while it drains, and what becomes of sessions. */
export function drainNotes(
  reading: SurveyReading,
  scope: Scope,
  {
    waitMs,
    quietMs,
    remove,
    isRunning,
  }: Pick<DrainOptions, 'waitMs' | 'quietMs' | 'remove'> & { readonly isRunning: boolean },
): string[] {
  const notes: string[] = [];
  const forced = new Set<string>();
  for (const one of reading.targets) {
    if (one.outcome !== 'read') continue;
    const { target } = one;
    const { brand, view } = one.good.state;
    const selected = selectOn(target, brand, view.nodes, scope);
    if (selected.length === 0) continue;
    const { how } = observe(brand, selected);
    if (how === 'only the clock') {
      const wait = formatDuration(waitMs ?? CLOCK_WAIT_MS);
      const why =
        ACTING_RULES[brand].requests === 'nowhere' ? 'does not count requests' : 'counts requests for whole nodes only';
      notes.push(`${target} ${why}: it is given ${wait} by the clock`);
    } else if (ACTING_RULES[brand].requests === 'in-stop-reply') {
      notes.push(`${target} tells requests in flight only in its answer to STOP-APP, so they are waited for after it`);
    }
    if (quietMs !== undefined && !TELLS[brand].counters) {
      notes.push(`${target} does not count requests: whether it is quiet cannot be seen there`);
    }
    for (const { node } of selected) {
      const settings = view.balancers.find(({ name }) => name === node.balancer);
      if (settings?.told === true && settings.stickySession && settings.force) forced.add(shown(node.name));
    }
  }
  if (isRunning && forced.size > 0 && waitMs === undefined && quietMs === undefined) {
    notes.push(
      `sessions that still live on ${[...forced].join(', ')} get 503 after STOP (StickySessionForce); --quiet or --wait gives them time`,
    );
  }
  if (remove === true) notes.push('a node that still runs registers again with its next STATUS');
  return notes;
}
