import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { createJsonLinesReporter } from '../../../src/conformance/report/json-lines.ts';
import type { RunReport } from '../../../src/conformance/result.ts';
import { exchange, knowing, NO_BASELINES, result, runReport, targetReport, tell, variedRun } from './sample.ts';

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../../docs/conformance-report.schema.json', import.meta.url), 'utf8'),
) as object;
const isLine = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(
  SCHEMA,
);

type Line = Readonly<Record<string, unknown>>;

async function linesOf(
  report: RunReport,
  baselines: Parameters<typeof createJsonLinesReporter>[1] = NO_BASELINES,
): Promise<Line[]> {
  const lines: Line[] = [];
  await tell(
    createJsonLinesReporter((line) => lines.push(JSON.parse(JSON.stringify(line)) as Line), baselines),
    report,
  );
  return lines;
}

describe('JSON lines', () => {
  it('are as their schema has them, every one', async () => {
    const node = targetReport([result('order/a', 'fail', { exchanges: [exchange({ with: 'node', end: 'reset' })] })], {
      direction: 'node',
      dialect: 'java',
      traffic: 'http://127.0.0.1:8000',
      calls: '',
    });
    const varied = variedRun();
    const baselines = { known: knowing({ 'status/wrong': '' }), gone: () => ['status/gone'] };
    const lines = await linesOf({ ...varied, targets: [...varied.targets, node] }, baselines);
    expect(lines.map(({ type }) => type)).toEqual([
      'target',
      ...Array.from({ length: 12 }, () => 'case'),
      'target-end',
      'target',
      'case',
      'target-end',
      'run',
    ]);
    for (const line of lines) expect([line, isLine(line), isLine.errors]).toEqual([line, true, null]);
  });

  it('would be refused with a member less, or one that is not in the schema', async () => {
    for (const line of await linesOf(variedRun())) {
      expect(isLine({ ...line, surplus: 1 })).toBe(false);
      const { tookMs: _, ...without } = line;
      expect(isLine(without)).toBe(line['type'] === 'target');
    }
  });

  it('keep the bytes of what deviates, one character a byte, and of nothing else', async () => {
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    const bad = result('a/b', 'fail', { exchanges: [exchange({ received: bytes })] });
    const [, first, second] = await linesOf(runReport([targetReport([bad, result('a/c')])]));
    expect(first).toMatchObject({ fails: true, exchanges: [{ received: bytes }] });
    expect(second).toMatchObject({ verdict: 'pass', fails: false });
    expect(second).not.toHaveProperty('exchanges');
  });

  it('tell known deviations from news, and what is gone', async () => {
    const report = runReport([targetReport([result('a/b', 'fail'), result('a/c', 'fail')])]);
    const lines = await linesOf(report, { known: knowing({ 'a/b': 'Too old.' }), gone: () => ['a/d'] });
    expect(lines[1]).toMatchObject({ fails: false, known: 'Too old.' });
    expect(lines[3]).toMatchObject({ type: 'target-end', verdicts: { fail: 2 }, fails: 1, known: 1, gone: ['a/d'] });
    expect(lines[4]).toMatchObject({ type: 'run', fails: 1, seed: 42, startedAt: '2026-01-02T03:04:05.000Z' });
  });
});
