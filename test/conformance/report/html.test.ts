import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnownReason } from '../../../src/conformance/report/facts.ts';
import { htmlOf } from '../../../src/conformance/report/html.ts';
import { junitOf } from '../../../src/conformance/report/junit.ts';
import type { RunReport, TargetReport } from '../../../src/conformance/result.ts';
import type { Verdict } from '../../../src/conformance/verdict.ts';
import { INJECTED, POOR_CONTRASTS, SMALL_TARGETS } from '../../e2e/in-browser.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { programOf } from '../../support/needs-program.ts';
import {
  HOSTILE,
  knowing,
  NO_BASELINES,
  result,
  runReport,
  targetReport,
  temporaryFolder,
  variedRun,
} from './sample.ts';

const CHROMIUM = programOf(
  ['chromium', 'chromium-browser', 'google-chrome'],
  'chromium',
  'the HTML report in a real browser',
);

let browser: Browser;

beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  // Chromium has no sandbox for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: CHROMIUM, args });
});

afterAll(async () => {
  if (CHROMIUM !== undefined) await browser.close();
});

async function open(
  report: RunReport,
  {
    known = NO_BASELINES.known,
    hash = '',
    ...options
  }: BrowserContextOptions & { known?: KnownReason; hash?: string } = {},
): Promise<{ page: Page; said: string[] }> {
  const path = join(temporaryFolder(), 'report.html');
  writeFileSync(path, htmlOf(report, known));
  const context = await browser.newContext(options);
  freeAfter(() => context.close());
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) said.push(`asked for ${request.url()}`);
  });
  await page.goto(`${pathToFileURL(path).href}${hash}`);
  return { page, said };
}

const ALL: readonly Verdict[] = [
  'pass',
  'fail',
  'skipped',
  'non-strict',
  'wrong-code',
  'unclean',
  'unimplemented',
  'error',
];

/** Many cases at many targets, with something of everything. */
function bigRun(targets: number, cases: number): RunReport {
  const dialects = ['mcmp', 'httpd-2', 'httpd-1.3', 'undertow', 'nginx', 'undertow'] as const;
  const one = (column: number): TargetReport =>
    targetReport(
      Array.from({ length: cases }, (_, at) => {
        const topic = `topic-${Math.floor(at / 40)}`;
        const verdict = at % 40 < 8 && Math.floor(at / 40) % 2 === 0 ? ALL[(at + column) % 8] : 'pass';
        return result(`${topic}/what-is-tested-${at}`, verdict ?? 'pass');
      }),
      { dialect: dialects[column % 6] ?? 'mcmp', name: `http://127.0.0.1:${8090 + column}` },
    );
  return runReport(Array.from({ length: targets }, (_, column) => one(column)));
}

const TWO_TARGETS = runReport([
  targetReport([result('wire/a'), result('status/b', 'fail'), result('status/c')]),
  targetReport([result('wire/a'), result('status/b'), result('status/c'), result('status/d', 'skipped')], {
    dialect: 'undertow',
  }),
]);

const visibleRows = (page: Page): Promise<string[]> => page.locator('tr.case:visible .id').allInnerTexts();

describe('the HTML report', () => {
  it('lets its own script and style run, and nothing else', () => {
    const page = htmlOf(TWO_TARGETS, NO_BASELINES.known);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? '';
    const hashOf = (pattern: RegExp): string =>
      `'sha256-${createHash('sha256')
        .update(pattern.exec(page)?.[1] ?? '')
        .digest('base64')}'`;
    expect(policy).toBe(
      `default-src 'none'; script-src ${hashOf(/<script>(.*?)<\/script>/s)}; style-src ${hashOf(/<style>(.*?)<\/style>/s)}; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/ style=| on[a-z]+=|<link rel="stylesheet"| src="/);
    expect(
      page
        .match(/https?:\/\/[^/"'< ]*/g)
        ?.filter((url) => !['http://127.0.0.1:8090', 'http://www.w3.org'].includes(url)),
    ).toEqual([]);
  });

  it('makes text of everything that a stranger said', () => {
    const words = `${HOSTILE}<!--</script><script>`;
    const bad = result(words, 'fail', {
      expected: words,
      actual: words,
      waits: [{ what: words, tookMs: 1 }],
      facts: { requirement: words, spec: words, lines: [words], tags: [words] },
    });
    const report = runReport([
      targetReport([bad, result('a/b', 'skipped', { reason: words })], { name: words, calls: words }),
    ]);
    const page = htmlOf(report, knowing({ 'a/c': words }));
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(page).not.toMatch(/<img|<!--|\u001b/);
  });
});

describe.skipIf(CHROMIUM === undefined)('the HTML report in a browser', () => {
  it('runs nothing and loads nothing, whatever got past the escaping', async () => {
    const { page, said } = await open(variedRun());
    expect(said).toEqual([]);
    expect(await page.evaluate(INJECTED)).toEqual({
      title: '5 deviations · mcmp conformance',
      violations: ['img-src', 'script-src-attr', 'script-src-elem', 'style-src-attr'],
    });
  });

  it('opens the details of a case by a click, and closes them by Escape', async () => {
    const { page, said } = await open(variedRun());
    await page.getByRole('button', { name: /^status\/load-out-of-range at 1, httpd-2: failed$/ }).click();
    const details = page.getByRole('region', { name: /^status\/load-out-of-range/ });
    const text = await details.innerText();
    expect(text).toContain('MEM, and the load stays');
    expect(text).toContain('1.2 s until the load is shown');
    expect(text).toContain('Mess: </script><img src=x onerror=alert(1)>\\x1b[31m');
    expect(text).toContain('1 other exchange: --save DIR keeps all');
    await page.keyboard.press('Escape');
    expect(await details.count()).toBe(0);
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toMatch(/^status\/load-out/);
    expect(said).toEqual([]);
  });

  it('is used with the keyboard alone: one cell in the order of Tab, arrows between cells, a key for the filter', async () => {
    const { page } = await open(TWO_TARGETS);
    const label = (): Promise<unknown> => page.evaluate('document.activeElement.getAttribute("aria-label")');
    await page.locator('.v[tabindex="0"]').focus();
    expect(await page.locator('.v[tabindex="0"]').count()).toBe(1);
    expect(await label()).toBe('wire/a at 1, httpd-2: passed');
    await page.keyboard.press('ArrowDown');
    expect(await label()).toBe('status/b at 1, httpd-2: failed');
    await page.keyboard.press('ArrowRight');
    expect(await label()).toBe('status/b at 2, undertow: passed');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('region', { name: /^status\/b/ }).count()).toBe(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    // Only the second target has this one.
    expect(await label()).toBe('status/d at 2, undertow: skipped');
    await page.keyboard.press('/');
    await page.keyboard.type('status/c');
    expect(await visibleRows(page)).toEqual(['status/c']);
  });

  it('filters by words, verdicts, topic, level and difference', async () => {
    const { page } = await open(TWO_TARGETS);
    const shown = (): Promise<string> => page.locator('#shown').innerText();
    expect(await shown()).toBe('4 cases');
    await page.getByRole('button', { name: /failed 1/ }).click();
    expect(await visibleRows(page)).toEqual(['status/b']);
    expect(await shown()).toBe('1 of 4 cases');
    await page.getByRole('button', { name: /failed 1/ }).click();
    await page.getByLabel('only where targets differ').check();
    expect(await visibleRows(page)).toEqual(['status/b', 'status/d']);
    await page.getByLabel('only where targets differ').uncheck();
    await page.getByLabel('Topic').selectOption('wire');
    expect(await visibleRows(page)).toEqual(['wire/a']);
    await page.getByLabel('Topic').selectOption('');
    await page.getByLabel('Filter by words').fill('TRAFFIC url');
    expect(await visibleRows(page)).toEqual(['status/d']);
    await page.getByLabel('Level').selectOption('may');
    expect(await visibleRows(page)).toEqual([]);
    expect(await page.getByText('No case fits these filters.').isVisible()).toBe(true);
  });

  it('goes to the case that its address names', async () => {
    const { page } = await open(bigRun(2, 400), { hash: '#topic-9%2Fwhat-is-tested-399@2' });
    const details = page.getByRole('region', { name: /^topic-9\/what-is-tested-399 at 2/ });
    expect(await details.isVisible()).toBe(true);
    expect(await page.locator('tr.case[data-at="398"]').isVisible()).toBe(true);
  });

  it('begins with the topics closed in which all is well, when there is much', async () => {
    const { page } = await open(bigRun(1, 120));
    const opened = await page.locator('.topic button[aria-expanded=true]').allInnerTexts();
    expect(opened).toEqual(['topic-0', 'topic-2']);
    await page.getByRole('button', { name: 'topic-1' }).click();
    expect(await page.locator('tr.case:visible').count()).toBe(120);
    await page.getByRole('button', { name: 'Open or close all' }).click();
    expect(await page.locator('tr.case:visible').count()).toBe(0);
  });

  it('marks what the baseline knows', async () => {
    const known = knowing({ 'status/b': 'Its authors know.' });
    const { page } = await open(TWO_TARGETS, { known });
    expect(await page.title()).toBe('nothing new, 1 known deviation · mcmp conformance');
    await page.getByRole('button', { name: 'status/b at 1, httpd-2: known: failed' }).click();
    expect(await page.getByRole('region', { name: /^status\/b/ }).innerText()).toContain('Its authors know.');
  });

  it('stays quick with 400 cases at six targets', async () => {
    const { page } = await open(bigRun(6, 400));
    const tookMs = await page.evaluate<number>(`(() => {
      const field = document.querySelector('input[type=search]');
      const from = performance.now();
      for (const text of ['9', '99', '']) {
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        document.body.getBoundingClientRect();
      }
      return performance.now() - from;
    })()`);
    expect(tookMs).toBeLessThan(2_000);
  });

  it.each([360, 800, 1400])('fits a window of %i pixels, in light and in dark', async (width) => {
    for (const report of [variedRun(), bigRun(6, 24)]) {
      const { page } = await open(report, { viewport: { width, height: 900 } });
      await page.locator('.v.fail').first().click();
      // Of the tick box the label is as large as the others.
      const small = report.targets.length > 1 ? ['20x20 '] : [];
      if (width === 360) expect(await page.evaluate(SMALL_TARGETS)).toEqual(small);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        const { poor, measured } = await page.evaluate<{ poor: string[]; measured: number }>(POOR_CONTRASTS);
        expect(poor).toEqual([]);
        expect(measured).toBeGreaterThan(50);
      }
    }
  });

  it('shows the matrix without scripts, too', async () => {
    const { page } = await open(TWO_TARGETS, { javaScriptEnabled: false });
    expect(await page.locator('tr.case:visible').count()).toBe(4);
    expect(await page.getByText('Filters and details need JavaScript').isVisible()).toBe(true);
  });

  it('is not all that a browser reads: JUnit XML is well-formed to it', async () => {
    const { page } = await open(TWO_TARGETS);
    const all = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join('');
    const report = runReport([
      targetReport([result('a/b', 'fail', { expected: all, actual: `${all}]]>\ud800\ufffe` })]),
    ]);
    const read = await page.evaluate<{ root: string; cases: number; errors: number }>(`(() => {
      const read = new DOMParser().parseFromString(${JSON.stringify(junitOf(report, NO_BASELINES.known))}, 'text/xml');
      return {
        root: read.documentElement.tagName,
        cases: read.getElementsByTagName('testcase').length,
        errors: read.getElementsByTagName('parsererror').length,
      };
    })()`);
    expect(read).toEqual({ root: 'testsuites', cases: 1, errors: 0 });
  });
});
