import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BALANCER_CASES } from '../../src/conformance/balancer/cases/index.ts';
import { judgeBalancers } from '../../src/conformance/balancer/judge.ts';
import { openBaselines } from '../../src/conformance/report/baseline.ts';
import { deviates } from '../../src/conformance/report/facts.ts';
import { complaints } from '../conformance/judge.ts';
import { buildUndertowBalancer, startUndertow } from './undertow-balancer.ts';

const BASELINE = fileURLToPath(new URL('conformance/undertow.json', import.meta.url));
const SILENT = { error() {}, warn() {}, info() {}, debug() {} };

/** `MCMP_UPDATE_BASELINES=1` writes what deviates; each line of reason is written by hand. */
const update = process.env['MCMP_UPDATE_BASELINES'] === '1';

describe.skipIf(process.env['MCMP_INTEROP'] !== '1')(
  'a real Undertow, judged (set MCMP_INTEROP=1; needs Java and Maven)',
  () => {
    it('deviates from what is known of it only as its baseline says', { timeout: 180_000 }, async () => {
      await buildUndertowBalancer();
      const undertow = await startUndertow();
      const baselines = await openBaselines([BASELINE], { targets: 1, update, log: SILENT });
      const report = await judgeBalancers({
        targets: [
          {
            mcmp: new URL(`http://127.0.0.1:${undertow.mcmpPort}`),
            traffic: new URL(`http://127.0.0.1:${undertow.port}`),
          },
        ],
        cases: BALANCER_CASES,
        dialect: undefined,
        tls: {},
        features: new Map([['websocket', '']]),
        restartCommand: undefined,
        safe: undefined,
        dangerous: false,
        jobs: 4,
        seed: 1,
        deadlineFactor: 2,
        strict: false,
        timeoutMs: 10_000,
        signal: new AbortController().signal,
        reporter: baselines.reporter,
        onUnreachable: (error) => {
          throw error;
        },
        tool: 'mcmp',
      });
      const [judged] = report.targets;
      expect(judged?.target.dialect).toBe('undertow');
      const results = judged?.results ?? [];
      expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(150);
      const news = results.filter(
        (result) => judged !== undefined && deviates(result) && baselines.known(judged.target, result) === undefined,
      );
      expect(complaints(news)).toEqual([]);
    });
  },
);
