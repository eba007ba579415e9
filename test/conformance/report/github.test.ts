import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGithubReporter } from '../../../src/conformance/report/github.ts';
import type { RunReport } from '../../../src/conformance/result.ts';
import {
  HOSTILE,
  knowing,
  NO_BASELINES,
  result,
  runReport,
  targetReport,
  tell,
  temporaryFolder,
  variedRun,
} from './sample.ts';

async function reported(
  report: RunReport,
  known = NO_BASELINES.known as ReturnType<typeof knowing>,
): Promise<{ readonly commands: readonly string[]; readonly summary: string }> {
  const stepSummary = join(temporaryFolder(), 'summary.md');
  writeFileSync(stepSummary, 'Of an earlier step.\n');
  const commands: string[] = [];
  await tell(createGithubReporter({ print: (line) => commands.push(line), known, stepSummary }), report);
  return { commands, summary: readFileSync(stepSummary, 'utf8') };
}

/** A workflow command as the runner reads it. */
function read(command: string): { readonly title: string; readonly message: string } {
  const found = /^::error title=([^:,]*)::(.*)$/.exec(command);
  const decoded = (text = ''): string =>
    text.replace(/%(25|0A|0D|3A|2C)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return { title: decoded(found?.[1]), message: decoded(found?.[2]) };
}

describe('annotations', () => {
  it('say of each failure what was expected and what was', async () => {
    const { commands } = await reported(variedRun());
    expect(commands).toHaveLength(5);
    expect(read(commands[1] ?? '')).toEqual({
      title: 'status/wrong: wrong code',
      message:
        'requirement: What status/wrong asks for is there.\nexpected: 500 of type MEM\nactual: 200 with an empty body',
    });
  });

  it('stay one line each, whatever a peer says', async () => {
    const words = `50% of ${HOSTILE}\r\n::warning::x`;
    const { commands } = await reported(runReport([targetReport([result('a,b:c/%', 'fail', { actual: words })])]));
    expect(commands).toHaveLength(1);
    expect(commands[0]).not.toMatch(/[\r\n\u001b]/);
    expect(read(commands[0] ?? '').title).toBe('a,b:c/%: failed');
    expect(read(commands[0] ?? '').message).toContain('actual: 50% of </script>');
    expect(commands[0]?.slice(2)).not.toMatch(/%(?!25|0A|3A|2C)/);
  });

  it('are as many as are shown, and the last says how many more there are', async () => {
    const many = Array.from({ length: 14 }, (_, at) => result(`a/case-${at}`, 'fail'));
    const { commands } = await reported(runReport([targetReport(many)]));
    expect(commands).toHaveLength(10);
    expect(read(commands[9] ?? '').message).toBe('5 more deviations: see the summary of the job');
  });

  it('leave out what is known', async () => {
    const report = runReport([targetReport([result('a/b', 'fail'), result('a/c', 'fail')])]);
    const { commands } = await reported(report, knowing({ 'a/b': 'Too old.' }));
    expect(commands.map((command) => read(command).title)).toEqual(['a/c: failed']);
  });
});

describe('the summary of a job', () => {
  it('is added to what is there, with a row for each topic', async () => {
    const { summary } = await reported(variedRun());
    expect(summary).toMatch(/^Of an earlier step\.\n## mcmp conformance: 5 deviations\n/);
    const rows = summary.split('\n').filter((line) => line.startsWith('|'));
    expect(rows[0]).toBe(
      '| Topic | ✔ passed | ~ non-strict | - skipped | ∅ unimplemented | ! unclean | ≠ wrong code | ✘ failed | ? could not be judged |',
    );
    expect(rows[2]).toBe('| wire | 2 | 1 |  |  |  |  |  |  |');
    expect(rows[3]).toBe('| status | 1 |  |  |  | 1 | 1 | 1 |  |');
    expect(summary).toContain(
      '<details><summary>✘ <code>status/load-out-of-range</code>: A Load above 100 is no load.</summary>',
    );
  });

  it('holds no markup of a peer, and no cell more than its tables have', async () => {
    const words = `${HOSTILE} [link](http://x) @somebody **b** <!-- \n\n# h`;
    const bad = result('a|b/<c>', 'fail', { actual: words, expected: words, facts: { requirement: words } });
    const { summary } = await reported(runReport([targetReport([bad], { name: words, calls: words })]));
    const lines = summary.split('\n');
    const markup = (line: string): string => line.replaceAll(/<\/?(details|summary|code)>/g, '');
    expect(lines.filter((line) => markup(line).includes('<'))).toEqual([]);
    // The line of a summary element is HTML, in which Markdown means nothing.
    const asMarkdown = lines.filter((line) => !line.includes('<summary>'));
    expect(asMarkdown.filter((line) => /(?<!\\)(\[|\*\*)|^# h/.test(line))).toEqual([]);
    for (const row of lines.filter((line) => /^\| (expected|actual)/.test(line))) {
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(3);
    }
  });

  it('says so when all is as it should be', async () => {
    const { commands, summary } = await reported(runReport([targetReport([result('a/b')])]));
    expect(commands).toEqual([]);
    expect(summary).toContain('## mcmp conformance: all is well');
  });

  it('fails with a hint where it cannot be written', async () => {
    const stepSummary = join(temporaryFolder(), 'none', 'summary.md');
    const reporter = createGithubReporter({ print: () => {}, known: NO_BASELINES.known, stepSummary });
    await expect(tell(reporter, variedRun())).rejects.toMatchObject({
      code: 'MCMP_REPORT_FILE',
      hint: expect.any(String),
    });
  });
});
