import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Baselines, openBaselines, runFails } from '../../../src/conformance/report/baseline.ts';
import { type RunReport, SUITE_VERSION, type TargetReport } from '../../../src/conformance/result.ts';
import { recordingTools, result, runReport, targetReport, tell, temporaryFolder } from './sample.ts';

const CALLS = 'mod_proxy_cluster/2.0.0.Dev';

function baselineText(deviations: readonly object[], more: object = {}): string {
  const target = { direction: 'balancer', dialect: 'httpd-2', calls: CALLS };
  return JSON.stringify({ schemaVersion: 1, suite: SUITE_VERSION, target, deviations, ...more });
}

const KNOWN = { id: 'a/known', verdict: 'fail', reason: 'Too old.' };

function baselineFile(deviations: readonly object[], more: object = {}): string {
  const path = join(temporaryFolder(), 'baseline.json');
  writeFileSync(path, baselineText(deviations, more));
  return path;
}

/** A run as it goes with a baseline. */
async function ran(
  path: string,
  target: TargetReport,
  { update = false, ...more }: { update?: boolean } & Partial<RunReport> = {},
): Promise<{ baselines: Baselines; report: RunReport; fails: boolean; logged: readonly string[] }> {
  const { log, logged } = recordingTools();
  const baselines = await openBaselines([path], { targets: 1, update, log });
  const report = runReport([target], more);
  await tell(baselines.reporter, report);
  return { baselines, report, fails: runFails(report, baselines.known, update), logged };
}

function written(path: string): { readonly deviations: readonly object[] } & Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as { deviations: object[] };
}

describe('a baseline', () => {
  it.each([
    ['nothing deviates', [result('a/b')], false],
    ['what deviates is known', [result('a/known', 'fail')], false],
    ['something else deviates', [result('a/known', 'fail'), result('a/new', 'fail')], true],
    ['it deviates in another way', [result('a/known', 'wrong-code')], true],
    ['it could not be judged', [result('a/known', 'error')], true],
    ['it was skipped', [result('a/known', 'skipped')], false],
    ['something is non-strict', [result('a/b', 'non-strict')], false],
  ])('when %s', async (_what, results, fails) => {
    expect((await ran(baselineFile([KNOWN]), targetReport(results))).fails).toBe(fails);
  });

  it('tells of deviations that are gone, which fails nothing', async () => {
    const path = baselineFile([KNOWN, { ...KNOWN, id: 'a/also' }, { ...KNOWN, id: 'a/not-run' }]);
    const { baselines, report, fails } = await ran(
      path,
      targetReport([result('a/known'), result('a/also', 'non-strict'), result('a/other', 'fail')]),
    );
    expect(fails).toBe(true);
    expect(report.targets.flatMap((one) => baselines.gone(one))).toEqual(['a/also', 'a/known']);
    expect(baselines.notes(report)).toEqual([
      `${path}: 0 known deviations`,
      `${path}: gone, to be taken out with --update-baseline: a/also, a/known`,
    ]);
  });

  it('says how a known deviation has changed', async () => {
    const path = baselineFile([KNOWN]);
    const { baselines, report } = await ran(path, targetReport([result('a/known', 'wrong-code')]));
    expect(baselines.notes(report)).toContain(`${path}: a/known is known as failed, and now: wrong code`);
  });

  it('is written anew in the order of ids, keeps reasons of what stays and what did not run, and asks for the others', async () => {
    const path = baselineFile([
      KNOWN,
      { ...KNOWN, id: 'a/gone' },
      { ...KNOWN, id: 'a/skipped' },
      { ...KNOWN, id: 'z/else' },
    ]);
    const results = [
      result('b/new', 'wrong-code', { actual: '500 MEM' }),
      result('a/known', 'fail'),
      result('a/gone'),
      result('a/skipped', 'skipped'),
      result('a/broken', 'error'),
      result('a/lax', 'non-strict'),
    ];
    const { fails, logged } = await ran(path, targetReport(results), { update: true });
    expect(written(path)).toEqual({
      schemaVersion: 1,
      suite: SUITE_VERSION,
      target: { direction: 'balancer', dialect: 'httpd-2', calls: CALLS },
      deviations: [
        KNOWN,
        { ...KNOWN, id: 'a/skipped' },
        { id: 'b/new', verdict: 'wrong-code', reason: '', actual: '500 MEM' },
        { ...KNOWN, id: 'z/else' },
      ],
    });
    expect(logged.join('\n')).toContain('info the baseline was written');
    // What could not be judged is in no baseline.
    expect(fails).toBe(true);
    const before = readFileSync(path, 'utf8');
    await ran(path, targetReport(results), { update: true });
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('asks for a reason anew when a deviation becomes another one', async () => {
    const path = baselineFile([KNOWN]);
    await ran(path, targetReport([result('a/known', 'unclean', { actual: 'a reset' })]), { update: true });
    expect(written(path).deviations).toEqual([{ id: 'a/known', verdict: 'unclean', reason: '', actual: 'a reset' }]);
  });

  it('drops what was seen once a reason is written', async () => {
    const path = baselineFile([{ ...KNOWN, actual: 'at 127.0.0.1:40123' }]);
    await ran(path, targetReport([result('a/known', 'fail')]), { update: true });
    expect(written(path).deviations).toEqual([KNOWN]);
  });

  it('is made where there is none, if it shall be updated', async () => {
    const path = join(temporaryFolder(), 'new', 'baseline.json');
    const { fails } = await ran(path, targetReport([result('a/b', 'fail')]), { update: true });
    expect(fails).toBe(false);
    expect(written(path).deviations).toHaveLength(1);
  });

  it('is not written when the run was interrupted', async () => {
    const path = join(temporaryFolder(), 'baseline.json');
    const { logged } = await ran(path, targetReport([result('a/b', 'fail')]), { update: true, interrupted: true });
    expect(existsSync(path)).toBe(false);
    expect(logged.join('\n')).toContain('warn the run was interrupted');
  });

  it('is warned about when reasons are missing, or the target calls itself otherwise', async () => {
    const path = baselineFile([{ ...KNOWN, reason: ' ' }], {
      target: { direction: 'balancer', dialect: 'httpd-2', calls: 'older' },
    });
    const { fails, logged } = await ran(path, targetReport([result('a/known', 'fail')]));
    expect(fails).toBe(false);
    expect(logged).toEqual([
      expect.stringMatching(/^warn known deviations have no reason in the baseline .*"cases":"a\/known"/),
      expect.stringMatching(/^warn the baseline is of another version of the target .*"baseline":"older"/),
    ]);
  });

  it.each([
    ['no JSON', '{', /is no baseline: /],
    ['a list', '[]', /is no baseline: the document is no object/],
    ['another schema', baselineText([], { schemaVersion: 2 }), /schemaVersion is not 1/],
    ['no list', baselineText([], { deviations: {} }), /deviations is no list/],
    ['no id', baselineText([{ verdict: 'fail', reason: '' }]), /deviations\[0\]\.id is no text/],
    ['an unknown verdict', baselineText([{ ...KNOWN, verdict: 'bad' }]), /deviations\[0\]\.verdict is no verdict/],
    [
      'a verdict that fails nothing',
      baselineText([{ ...KNOWN, verdict: 'pass' }]),
      /deviations\[0\]\.verdict is no verdict/,
    ],
    ['no reason', baselineText([{ id: 'a/b', verdict: 'fail' }]), /deviations\[0\]\.reason is no text/],
    ['an id twice', baselineText([KNOWN, KNOWN]), /a\/known stands there twice/],
    ['no target', baselineText([], { target: 'httpd' }), /target is no object/],
    ['an odd direction', baselineText([], { target: { direction: 'x' } }), /target\.direction/],
    ['another suite', baselineText([], { suite: '0.9' }), /is of suite 0\.9; this is suite/],
  ])('is refused with %s', async (_what, text, message) => {
    const path = join(temporaryFolder(), 'baseline.json');
    writeFileSync(path, text);
    const opened = openBaselines([path], { targets: 1, update: false, log: recordingTools().log });
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toMatchObject({ code: 'MCMP_BAD_BASELINE', hint: expect.any(String) });
  });

  it('is refused for a target of another dialect, before a case runs', async () => {
    const { log } = recordingTools();
    const { reporter } = await openBaselines([baselineFile([])], { targets: 1, update: true, log });
    const other = targetReport([], { dialect: 'undertow' });
    expect(() => reporter.targetBegins?.(other.target, [])).toThrow(/is of a balancer \(httpd-2\)/);
  });

  it.each([
    ['there is none, and it shall not be made', ['missing.json'], 1, false, /there is no baseline .*missing\.json/],
    ['there are more than targets', ['a', 'b'], 1, true, /1 target cannot have 2 baselines/],
    ['two targets share one', ['a', 'a'], 2, true, /two targets cannot share/],
    ['it shall be updated without a name', [], 1, true, /--update-baseline needs/],
  ])('is asked for when %s', async (_what, names, targets, update, message) => {
    const folder = temporaryFolder();
    const paths = names.map((name) => join(folder, name));
    await expect(openBaselines(paths, { targets, update, log: recordingTools().log })).rejects.toThrow(message);
  });

  it('belongs to the target of its place', async () => {
    const [first, second] = [baselineFile([KNOWN]), baselineFile([{ ...KNOWN, id: 'a/second' }])];
    const baselines = await openBaselines([first, second], { targets: 2, update: false, log: recordingTools().log });
    const report = runReport([
      targetReport([result('a/known', 'fail'), result('a/second', 'fail')]),
      targetReport([result('a/known', 'fail'), result('a/second', 'fail')]),
    ]);
    await tell(baselines.reporter, report);
    const known = report.targets.map(({ target, results }) => results.map((one) => baselines.known(target, one)));
    expect(known).toEqual([
      ['Too old.', undefined],
      [undefined, 'Too old.'],
    ]);
  });
});
