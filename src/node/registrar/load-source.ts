import type { LoadSource } from './types.ts';

/** While a source never gave a number: the least traffic that is not none. */
const BUSIEST = 1;

/** The load to report, whatever the source gives: a metric that is broken must not take a node out of service. */
export function createLoadReader(): (source: LoadSource, warn: (message: string) => void) => number {
  let lastGood = BUSIEST;
  return (source, warn) => {
    try {
      const value: unknown = typeof source === 'function' ? source() : source;
      if (typeof value === 'number' && !Number.isNaN(value)) {
        lastGood = Math.round(Math.min(100, Math.max(-1, value))) + 0;
        return lastGood;
      }
      warn(`the load function gave ${String(value)}, which is no number: ${lastGood} is reported`);
    } catch (error) {
      warn(`the load function failed: ${String(error)}; ${lastGood} is reported`);
    }
    return lastGood;
  };
}
