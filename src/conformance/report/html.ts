import { createHash } from 'node:crypto';
import { escapeForTerminal, escapeHtml } from '../../core/text.ts';
import { LEVELS } from '../case.ts';
import type { RunReport, TargetReport } from '../result.ts';
import { VERDICTS, type Verdict } from '../verdict.ts';
import {
  counted,
  dialectWords,
  type KnownReason,
  milliseconds,
  newsWords,
  tally,
  tallyWords,
  targetWords,
  wordsOf,
} from './facts.ts';
import { cellWords, embeddedJson, type PageCase, type PageResult, pageCases } from './html-data.ts';
import { PAGE_SCRIPT } from './html-script.ts';
import { PAGE_STYLE } from './html-style.ts';

/** From here on words do not fit into the columns of narrow windows. */
const MANY_TARGETS = 3;

const VERDICT_NAMES = Object.keys(VERDICTS) as Verdict[];

/** The pieces of a target's bar, from left to right. */
const TONES = ['good', 'warn', 'known', 'bad', 'quiet'] as const;

/**
 * The run as one page that needs nothing else: a matrix of cases and targets, with filters and details. It runs its own
 * script and no other, loads nothing and sends nothing, whatever the strings of peers in it say.
 */
export function htmlOf(report: RunReport, known: KnownReason): string {
  const cases = pageCases(report, known);
  const several = report.targets.length > 1;
  const data = embeddedJson({
    cases,
    targets: report.targets.map(({ target }, at) =>
      escapeForTerminal(several ? `${at + 1} · ${targetWords(target)}` : targetWords(target)),
    ),
    words: Object.fromEntries(VERDICT_NAMES.map((name) => [name, VERDICTS[name].words])),
    signs: Object.fromEntries(VERDICT_NAMES.map((name) => [name, VERDICTS[name].sign])),
  });
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${sourceOf(PAGE_SCRIPT)}; style-src ${sourceOf(PAGE_STYLE)}; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${escapeHtml(titleOf(cases))}</title><link rel="icon" href="${iconOf(cases)}">
<style>${PAGE_STYLE}</style></head>
<body class="${report.targets.length >= MANY_TARGETS ? 'many' : 'few'}"><a class="skip" href="#matrix">Skip to the cases</a>
${headerHtml(report, cases)}
<main>
${filtersHtml(cases, several)}
<table id="matrix"><thead><tr><th scope="col">Case</th><th scope="col" class="level">Level</th>${report.targets
    .map(({ target }, at) => columnHtml(at, target.dialect, several))
    .join('')}</tr></thead>
${topicsHtml(cases, report.targets)}</table>
<p id="none" class="none" hidden>No case fits these filters.</p>
<p class="help">Arrow keys go from cell to cell, <kbd>Enter</kbd> opens one and <kbd>Esc</kbd> closes it, <kbd>/</kbd> goes to the filter.</p>
<p class="help dead">Filters and details need JavaScript; the page loads none from elsewhere.</p>
</main>
<script type="application/json" id="data">${data}</script>
<script>${PAGE_SCRIPT}</script>
</body></html>
`;
}

/** By which the Content-Security-Policy knows a script or style, and no other (CSP Level 3 §6.7.3.3). */
function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}

function isTrouble(result: PageResult | null): boolean {
  return result !== null && VERDICTS[result.verdict].fails && result.known === undefined;
}

/** Deviations that the baseline knows. */
function knownIn(cases: readonly PageCase[]): number {
  return cases.reduce((sum, one) => sum + one.results.filter((result) => result?.known !== undefined).length, 0);
}

function troubles(cases: readonly PageCase[]): number {
  return cases.reduce((sum, one) => sum + one.results.filter(isTrouble).length, 0);
}

function titleOf(cases: readonly PageCase[]): string {
  return `${newsWords(troubles(cases), knownIn(cases))} · mcmp conformance`;
}

function iconOf(cases: readonly PageCase[]): string {
  const colour = troubles(cases) === 0 ? '2da44e' : 'cf222e';
  const picture = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='#${colour}'/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}

function headerHtml(report: RunReport, cases: readonly PageCase[]): string {
  const facts = [
    counted(cases.length, 'case'),
    report.startedAt.toISOString().replace('T', ' ').slice(0, 16).concat(' UTC'),
    milliseconds(report.tookMs),
    `suite ${report.suite}`,
    `seed ${report.seed}`,
    report.tool,
  ];
  if (report.interrupted) facts.push('interrupted');
  return `<header><h1>Conformance: ${newsWords(troubles(cases), knownIn(cases))}</h1>
<p>${escapeHtml(facts.join(' · '))}</p>
<ol class="targets">${report.targets.map((one, at) => targetHtml(one, report.targets.length > 1 ? at + 1 : undefined, cases)).join('')}</ol></header>`;
}

function targetHtml(
  { target, results, tookMs }: TargetReport,
  number: number | undefined,
  cases: readonly PageCase[],
): string {
  const counts = tally(results);
  const about = [
    `${target.direction}, ${dialectWords(target)}`,
    ...(target.calls === '' ? [] : [wordsOf(target.calls)]),
  ];
  const label = number === undefined ? '' : `<b>${number}</b> `;
  const cells = cases.map((one) => one.results[(number ?? 1) - 1] ?? null);
  const news = cells.filter(isTrouble).length;
  const known = cells.filter((cell) => cell?.known !== undefined).length;
  const words = [...tallyWords(counts).map((one) => `${one} ·`), milliseconds(tookMs)].map(
    (one) => `<span class="whole">${escapeHtml(one)}</span>`,
  );
  return `<li><p class="name">${label}<span>${escapeHtml(wordsOf(target.name))}</span></p><p class="about">${escapeHtml(about.join(' · '))}</p>
${barHtml(cells)}<p class="tallies">${words.join(' ')}</p><p class="short">${escapeHtml(dialectWords(target))} · ${newsWords(news, known)}</p></li>`;
}

function barHtml(cells: readonly (PageResult | null)[]): string {
  const found = cells.filter((cell) => cell !== null);
  let from = 0;
  const pieces = TONES.flatMap((tone) => {
    const width = found.filter((cell) => toneOf(cell) === tone).length;
    const piece = `<rect class="bar-${tone}" x="${from}" y="0" width="${width}" height="1"/>`;
    from += width;
    return width === 0 ? [] : [piece];
  });
  const all = Math.max(found.length, 1);
  return `<svg viewBox="0 0 ${all} 1" preserveAspectRatio="none" aria-hidden="true">${pieces.join('')}</svg>`;
}

/** What a result looks like in the bar of a target. */
function toneOf({ verdict, known }: PageResult): (typeof TONES)[number] {
  if (known !== undefined) return 'known';
  if (VERDICTS[verdict].fails) return 'bad';
  return verdict === 'pass' ? 'good' : verdict === 'skipped' ? 'quiet' : 'warn';
}

function columnHtml(at: number, dialect: string, several: boolean): string {
  return several
    ? `<th scope="col" class="cell"><b>${at + 1}</b><span> ${escapeHtml(dialect)}</span></th>`
    : `<th scope="col" class="cell">${escapeHtml(dialect)}</th>`;
}

function filtersHtml(cases: readonly PageCase[], several: boolean): string {
  const options = (values: readonly string[]): string =>
    values.map((value) => `<option value="${escapeHtml(value)}">${escapeHtml(value)}</option>`).join('');
  const topics = [...new Set(cases.map(({ topic }) => topic))];
  const found = VERDICT_NAMES.map((name) => {
    const count = cases.filter(({ results }) => results.some((one) => one?.verdict === name)).length;
    return [name, count] as const;
  }).filter(([, count]) => count > 0);
  const differs = several
    ? '<label class="tick"><input type="checkbox" name="differs"> only where targets differ</label>'
    : '';
  return `<form id="filters" class="filters" role="search" autocomplete="off">
<input type="search" name="text" placeholder="Filter by words" aria-label="Filter by words">
<select name="topic" aria-label="Topic"><option value="">all topics</option>${options(topics)}</select>
<select name="level" aria-label="Level"><option value="">all levels</option>${options(LEVELS)}</select>
${differs}<span class="shown"><span id="shown" role="status"></span> <button type="button" class="plain" id="all">Open or close all</button></span></form>
<div class="chips" role="group" aria-label="Verdicts">${found
    .map(
      ([name, count]) =>
        `<button type="button" aria-pressed="false" data-verdict="${name}">${VERDICTS[name].sign} ${escapeHtml(VERDICTS[name].words)} <span class="count">${count}</span></button>`,
    )
    .join('')}</div>`;
}

function topicsHtml(cases: readonly PageCase[], targets: readonly TargetReport[]): string {
  const topics = [...new Set(cases.map(({ topic }) => topic))];
  const numbers = new Map(cases.map((one, at) => [one, at]));
  return topics
    .map((topic) => {
      const those = cases.filter((one) => one.topic === topic);
      const bad = troubles(those);
      const nonStrict = those.some(({ results }) => results.some((one) => one?.verdict === 'non-strict'));
      const known = knownIn(those);
      const words = [
        counted(those.length, 'case'),
        ...(bad === 0 ? [] : [`<span class="bad">${counted(bad, 'deviation')}</span>`]),
        ...(known === 0 ? [] : [`${known} known`]),
      ].join(', ');
      const rows = those.map((one) => rowHtml(one, numbers.get(one) ?? 0, targets)).join('\n');
      return `<tbody${bad > 0 || nonStrict ? ' data-trouble' : ''}><tr class="topic"><th colspan="${2 + targets.length}" scope="rowgroup"><button type="button" aria-expanded="true">${escapeHtml(topic)}</button><span class="tally">${words}</span></th></tr>
${rows}</tbody>
`;
    })
    .join('');
}

function rowHtml(one: PageCase, at: number, targets: readonly TargetReport[]): string {
  const cells = one.results.map((result, column) => cellHtml(one, result, column, targets[column]));
  return `<tr class="case" data-at="${at}"><th scope="row"><span class="id">${escapeHtml(one.id)}</span><span class="requirement">${escapeHtml(one.requirement)}</span></th><td class="level">${escapeHtml(one.level)}</td>${cells.join('')}</tr>`;
}

function cellHtml(one: PageCase, result: PageResult | null, column: number, target: TargetReport | undefined): string {
  if (result === null) return '<td class="cell"><span class="absent">not run</span></td>';
  const { verdict, known } = result;
  const words = known === undefined ? cellWords(verdict) : `known: ${cellWords(verdict)}`;
  const label = `${one.id} at ${column + 1}, ${target?.target.dialect ?? ''}: ${words}`;
  return `<td class="cell"><button type="button" class="v ${verdict}${known === undefined ? '' : ' known'}" tabindex="-1" data-target="${column}" aria-expanded="false" aria-label="${escapeHtml(label)}"><i>${VERDICTS[verdict].sign}</i><span>${escapeHtml(words)}</span></button></td>`;
}
