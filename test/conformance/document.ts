import type { CaseFacts } from '../../src/conformance/case.ts';
import { BALANCER_LINES } from '../../src/conformance/checklist.ts';
import { JUDGED_DIALECTS } from '../../src/conformance/dialects.ts';
import { NEEDS } from '../../src/conformance/needs.ts';
import { VERDICTS } from '../../src/conformance/verdict.ts';

/** What is expected, dialects that expect the same taken together: `all: …`, or `httpd-2, httpd-1.3: …<br>undertow: …`. */
export function expectedWords({ expected }: CaseFacts): string {
  const byWords = new Map<string, string[]>();
  for (const name of JUDGED_DIALECTS) {
    const words = expected[name]?.words;
    if (words !== undefined) byWords.set(words, [...(byWords.get(words) ?? []), name]);
  }
  return [...byWords]
    .map(([words, names]) => `${names.length === JUDGED_DIALECTS.length ? 'all' : names.join(', ')}: ${words}`)
    .join('<br>');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;').replaceAll('&lt;br>', '<br>');
}

/** Lines of one group of the checklist in short: `STATUS-14, -15`. */
function linesWords(lines: readonly string[]): string {
  return lines.map((line) => line.replace(/^MCMP-/, '')).join(', ');
}

/** `docs/conformance.md`: every case, and every line of the reference's checklist. */
export function conformanceDocument(
  cases: readonly CaseFacts[],
  nodeCases: readonly CaseFacts[],
  nodeTable: readonly string[],
  caughtBy: ReadonlyMap<string, number>,
): string {
  const row = (one: CaseFacts): string =>
    `| \`${one.id}\` | ${one.level} | ${cell(one.requirement)} | ${cell(expectedWords(one))} | ${cell(linesWords(one.lines) || one.spec)} | ${caughtBy.get(one.id) ?? 0} |`;
  const topics = [...new Set(cases.map(({ id }) => id.slice(0, id.indexOf('/'))))];
  const tables = topics.flatMap((topic) => [
    `### ${topic}`,
    '',
    '| case | level | requirement | expected | line of the reference, or its source | mutants it catches |',
    '|---|---|---|---|---|---|',
    ...cases.filter(({ id }) => id.startsWith(`${topic}/`)).map(row),
    '',
  ]);
  const byLine = BALANCER_LINES.map((line) => {
    const ids = cases.filter(({ lines }) => lines.includes(line)).map(({ id }) => `\`${id}\``);
    return `| ${line} | ${ids.join(', ')} |`;
  });
  return [
    '# What the judge expects',
    '',
    'Made from the cases themselves by `npx vitest run test/conformance/document.test.ts --update`. How to run them:',
    '[Put it into your CI](conformance-in-ci.md); how to write your own: [conformance-cases.md](conformance-cases.md).',
    '',
    `${cases.length} cases judge balancers, ${nodeCases.length} judge nodes. A dialect that is not named in a row has no such thing, or nobody`,
    'knows what it does: the case is skipped there. Levels: `must`: all implementations agree, or security is at stake;',
    '`should`: httpd and Undertow agree; `may`: the choice of one dialect.',
    '',
    '| verdict | meaning | the run fails |',
    '|---|---|---|',
    ...Object.entries(VERDICTS).map(([name, { words, fails }]) => `| ${name} | ${words} | ${fails ? 'yes' : 'no'} |`),
    '',
    '| need | what it is | how it is said |',
    '|---|---|---|',
    ...Object.entries(NEEDS).map(([name, { words, how }]) => `| ${name} | ${words} | \`${how}\` |`),
    '',
    '## Balancers',
    '',
    ...tables,
    '## Nodes',
    '',
    ...nodeTable,
    '',
    '## Lines of the checklist',
    '',
    '| line | cases |',
    '|---|---|',
    ...byLine,
    '',
  ].join('\n');
}
