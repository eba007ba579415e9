import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { openReporters, type ReportOptions } from '../../../src/conformance/report/index.ts';
import { recordingTools, result, runReport, targetReport, tell, temporaryFolder, variedRun } from './sample.ts';

const OPTIONS: ReportOptions = {
  format: 'tree',
  verbose: false,
  targets: 1,
  junit: undefined,
  tap: undefined,
  html: undefined,
  jsonl: undefined,
  save: undefined,
  baselines: [],
  updateBaseline: false,
  github: false,
  stepSummary: undefined,
};

describe('reports', () => {
  it.each([
    ['tree', /^http:\/\/127\.0\.0\.1:8090 · dialect httpd-2/],
    ['tap', /^TAP version 14$/],
    ['json', /^\{"schemaVersion":1,"type":"target"/],
  ] as const)('are printed as %s', async (format, first) => {
    const tools = recordingTools(100);
    const { reporter, fails } = await openReporters({ ...OPTIONS, format }, tools);
    await tell(reporter, variedRun());
    expect(tools.printed[0]).toMatch(first);
    expect(fails(variedRun())).toBe(true);
    expect(
      fails(runReport([targetReport([result('a/b'), result('a/c', 'non-strict'), result('a/d', 'skipped')])])),
    ).toBe(false);
    expect(tools.beside).toEqual([]);
  });

  it('are written to files as well, in folders that are made for them, and nothing else is left there', async () => {
    const folder = join(temporaryFolder(), 'reports');
    const file = (name: string): string => join(folder, name);
    const options = {
      junit: file('junit.xml'),
      tap: file('run.tap'),
      html: file('run.html'),
      jsonl: file('run.jsonl'),
    };
    const { reporter } = await openReporters({ ...OPTIONS, ...options, save: file('kept') }, recordingTools());
    expect(readdirSync(folder)).toEqual(['kept']);
    await tell(reporter, variedRun());
    expect(readdirSync(folder).sort()).toEqual(['junit.xml', 'kept', 'run.html', 'run.jsonl', 'run.tap']);
    const read = (name: string): string => readFileSync(file(name), 'utf8');
    expect(read('junit.xml')).toMatch(/^<\?xml /);
    expect(read('run.tap')).toMatch(/^TAP version 14\n/);
    expect(read('run.html')).toMatch(/^<!DOCTYPE html>\n/);
    const lines = read('run.jsonl').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type).at(-1)).toBe('run');
    expect(lines).toHaveLength(1 + 12 + 1 + 1);
  });

  it.each(['junit', 'tap', 'html', 'jsonl'] as const)('refuse a folder for --%s before anything runs', async (name) => {
    const folder = join(temporaryFolder(), 'folder');
    mkdirSync(folder);
    const wanted = { code: 'MCMP_REPORT_FILE', kind: 'usage', hint: expect.any(String) };
    await expect(openReporters({ ...OPTIONS, [name]: folder }, recordingTools())).rejects.toMatchObject(wanted);
  });

  it.skipIf(process.platform !== 'linux').each([
    ['html', 'MCMP_REPORT_FILE'],
    ['save', 'MCMP_SAVE_FOLDER'],
  ] as const)('say at once that nothing can be made where --%s is to be', async (name, code) => {
    const opening = openReporters({ ...OPTIONS, [name]: '/proc/reports/of/today' }, recordingTools());
    await expect(opening).rejects.toMatchObject({ code, kind: 'usage', message: expect.stringContaining('ENOENT') });
  });

  it('know what the baseline knows, and say so beside formats for programs', async () => {
    const path = join(temporaryFolder(), 'base.json');
    const report = runReport([targetReport([result('a/b', 'fail')])]);
    const first = await openReporters({ ...OPTIONS, baselines: [path], updateBaseline: true }, recordingTools());
    await tell(first.reporter, report);
    const tools = recordingTools();
    const second = await openReporters({ ...OPTIONS, format: 'json', baselines: [path] }, tools);
    await tell(second.reporter, report);
    expect(second.fails(report)).toBe(false);
    expect(tools.logged.at(-1)).toBe(
      `info what the baseline says ${JSON.stringify({ note: `${path}: 1 known deviation` })}`,
    );
    expect(JSON.parse(tools.printed[1] ?? '')).toMatchObject({ id: 'a/b', fails: false, known: '' });
  });

  it('for GitHub keep the tree from being read as commands, and annotate behind it', async () => {
    const tools = recordingTools();
    const { reporter } = await openReporters({ ...OPTIONS, github: true }, tools);
    await tell(reporter, variedRun());
    const word = /^::stop-commands::([0-9a-f-]{36})$/.exec(tools.printed[0] ?? '')?.[1];
    expect(word).toBeDefined();
    const resumed = tools.printed.indexOf(`::${word}::`);
    expect(tools.printed.filter((line) => line.startsWith('::error '))).toHaveLength(5);
    expect(tools.printed.findIndex((line) => line.startsWith('::error '))).toBe(resumed + 1);
  });

  it('for GitHub annotate beside formats for programs', async () => {
    const tools = recordingTools();
    const { reporter } = await openReporters({ ...OPTIONS, format: 'json', github: true }, tools);
    await tell(reporter, variedRun());
    expect(tools.beside).toHaveLength(5);
    expect(tools.printed.filter((line) => !line.startsWith('{'))).toEqual([]);
  });
});
