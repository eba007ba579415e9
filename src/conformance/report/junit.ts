import type { CaseResult, RunReport, TargetFacts, TargetReport } from '../result.ts';
import { VERDICTS } from '../verdict.ts';
import { bytesLines } from './bytes.ts';
import {
  actualWords,
  deviates,
  expectedWords,
  grouped,
  type KnownReason,
  lastRelevant,
  milliseconds,
  shownBytes,
  sourceWords,
  targetWords,
  topicOf,
  wordsOf,
} from './facts.ts';

const BYTES_SHOWN = { width: 200, mostLines: 60 };

/**
 * The run as JUnit XML, in the form that Jenkins, GitLab and others read: a suite for each topic of each target. Known
 * deviations are skipped there, with their reason; `non-strict` passes, and says so in `system-out`.
 */
export function junitOf(report: RunReport, known: KnownReason): string {
  const suites = report.targets.flatMap((target) => suitesOf(target, report, known));
  const sum = (count: (suite: Suite) => number): number => suites.reduce((total, suite) => total + count(suite), 0);
  const all = attributes({
    name: 'mcmp conformance',
    tests: sum(({ tests }) => tests),
    failures: sum(({ failures }) => failures),
    errors: sum(({ errors }) => errors),
    time: seconds(report.tookMs),
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${all}>
${suites.map(({ xml }) => xml).join('')}</testsuites>
`;
}

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly xml: string;
}

function suitesOf({ target, results }: TargetReport, report: RunReport, known: KnownReason): Suite[] {
  const several = report.targets.length > 1;
  return Array.from(
    grouped(results, ({ facts }) => topicOf(facts.id)),
    ([topic, those]) => {
      const isNews = (result: CaseResult): boolean => deviates(result) && known(target, result) === undefined;
      const errors = those.filter((one) => one.verdict === 'error').length;
      const failures = those.filter((one) => one.verdict !== 'error' && isNews(one)).length;
      const skipped = those.filter(
        (one) => one.verdict === 'skipped' || (deviates(one) && one.verdict !== 'error' && !isNews(one)),
      ).length;
      const suite = attributes({
        name: several ? `${topic} · ${targetWords(target)}` : topic,
        tests: those.length,
        failures,
        errors,
        skipped,
        time: seconds(those.reduce((total, { tookMs }) => total + tookMs, 0)),
        timestamp: report.startedAt.toISOString().slice(0, 19),
      });
      const cases = those.map((one) => caseXml(target, topic, one, known(target, one))).join('');
      return {
        tests: those.length,
        failures,
        errors,
        xml: `  <testsuite ${suite}>\n${propertiesXml(target, report)}${cases}  </testsuite>\n`,
      };
    },
  );
}

function propertiesXml(target: TargetFacts, report: RunReport): string {
  const properties: readonly (readonly [string, string])[] = [
    ['target', wordsOf(target.name)],
    ['direction', target.direction],
    ['dialect', target.dialect],
    ['calls', wordsOf(target.calls)],
    ['suite', report.suite],
    ['tool', report.tool],
    ['seed', String(report.seed)],
  ];
  const lines = properties.map(([name, value]) => `      <property ${attributes({ name, value })}/>\n`);
  return `    <properties>\n${lines.join('')}    </properties>\n`;
}

function caseXml(target: TargetFacts, topic: string, result: CaseResult, known: string | undefined): string {
  const { facts, tookMs } = result;
  const head = attributes({ name: facts.id, classname: `${target.dialect}.${topic}`, time: seconds(tookMs) });
  const inside = outcomeXml(target, result, known);
  return inside === '' ? `    <testcase ${head}/>\n` : `    <testcase ${head}>\n      ${inside}\n    </testcase>\n`;
}

function outcomeXml(target: TargetFacts, result: CaseResult, known: string | undefined): string {
  const { verdict, reason } = result;
  if (verdict === 'pass') return '';
  if (verdict === 'skipped') return `<skipped ${attributes({ message: reason ?? 'no reason given' })}/>`;
  if (verdict === 'non-strict') return `<system-out>${xmlText(details(target, result))}</system-out>`;
  if (known !== undefined) {
    return `<skipped ${attributes({ message: known === '' ? 'known deviation' : `known deviation: ${known}` })}/>`;
  }
  const actual = actualWords(result);
  const [element, message] =
    verdict === 'error' ? ['error', actual] : ['failure', `expected ${expectedWords(target, result)}; was ${actual}`];
  return `<${element} ${attributes({ message, type: verdict })}>${xmlText(details(target, result))}</${element}>`;
}

function details(target: TargetFacts, result: CaseResult): string {
  const { facts, verdict, waits, exchanges } = result;
  const lines = [
    `${VERDICTS[verdict].words}; ${facts.level}; ${sourceWords(facts)}`,
    `requirement: ${facts.requirement}`,
    `expected: ${expectedWords(target, result)}`,
    `actual: ${actualWords(result)}`,
    ...waits.map(({ what, tookMs }) => `waited: ${milliseconds(tookMs)} until ${what}`),
  ];
  for (const exchange of lastRelevant(exchanges)) {
    lines.push('');
    for (const { about, bytes } of shownBytes(exchange)) {
      lines.push(about, ...bytesLines(bytes, BYTES_SHOWN).map((line) => `  ${line}`));
    }
  }
  return `\n${lines.join('\n')}\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${typeof value === 'number' ? value : xmlAttribute(value)}"`)
    .join(' ');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** What XML 1.0 has no way to say, not even as a reference (§2.2). */
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/gu;

const XML_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  // `]]>` may not stand in text (§2.4).
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

function xmlText(text: string): string {
  return text
    .replace(NO_XML, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll('\r', '\\r')
    .replace(/[&<>"]/g, (character) => XML_ESCAPES.get(character) ?? '');
}

/** Line ends and tabs in attributes would be read as spaces (§3.3.3). */
function xmlAttribute(text: string): string {
  return xmlText(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
