import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BALANCER_CASES } from '../../src/conformance/balancer/cases/index.ts';
import type { JudgedDialect } from '../../src/conformance/dialects.ts';
import type { Need } from '../../src/conformance/needs.ts';
import { freeAfter } from '../support/cleanup.ts';
import { freePort } from '../support/free-port.ts';
import { isDeliberate, isOutdated } from './deliberate-differences.ts';
import { complaints, judge } from './judge.ts';
import { startOwnBalancer } from './own-balancer.ts';
import { PROFILES } from './profiles.ts';

/** Needs that every balancer of these tests meets. */
const ALWAYS_THERE: readonly Need[] = ['traffic', 'empty', 'restart'];

/** Where nothing else runs, a few seconds do. */
const TIMEOUT_MS = 120_000;

/** Judges `mcmp serve` in one dialect, in every profile; a file for each dialect, so that several run at a time. */
export function servePassesItsOwn(dialect: JudgedDialect): void {
  describe('mcmp serve passes every case of its own dialect', () => {
    for (const { name, options, features, cases, advertising, oneAddress } of PROFILES) {
      const chosen = BALANCER_CASES.filter((one) => cases(one) && one.expected[dialect] !== undefined);
      const has = new Set<Need>([...ALWAYS_THERE, ...features.map(([need]) => need)]);
      if (!chosen.some((one) => one.needs.every((need) => has.has(need)))) continue;
      it(`${dialect}, ${name}`, { timeout: TIMEOUT_MS }, async () => {
        const shared = { listen: [{ host: '127.0.0.1', port: oneAddress ? await freePort() : 0 }] };
        const addresses = oneAddress ? { ...shared, mcmp: shared.listen } : {};
        const settings = { limits: documentedLimits(), ...options, ...addresses };
        const own = await startOwnBalancer(dialect, settings, new Map(features), advertising?.(dialect));
        freeAfter(own.close);
        const results = await judge(own.target, dialect, chosen);
        expect(complaints(results.filter((result) => !isDeliberate(dialect, result)))).toEqual([]);
        expect(results.filter((result) => isOutdated(dialect, result)).map(({ facts }) => facts.id)).toEqual([]);
        expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(0);
      });
    }
  });
}

/** The sizes of tables that users are told a run needs. */
function documentedLimits(): { maxNodes: number; maxHosts: number; maxContexts: number } {
  const page = readFileSync(new URL('../../docs/conformance-in-ci.md', import.meta.url), 'utf8');
  const size = (directive: string): number => Number(new RegExp(`^${directive} (\\d+)$`, 'm').exec(page)?.[1]);
  return { maxNodes: size('Maxnode'), maxHosts: size('Maxhost'), maxContexts: size('Maxcontext') };
}
