import type { CaseFacts } from '../../src/conformance/case.ts';
import { JUDGED_DIALECTS, type JudgedAs } from '../../src/conformance/dialects.ts';
import { NEEDS } from '../../src/conformance/needs.ts';
import { NODE_KINDS } from '../../src/conformance/node/kinds.ts';
import { VERDICTS } from '../../src/conformance/verdict.ts';

/** Cases of one direction, with the names by which they may be judged. */
export interface Direction {
  readonly heading: string;
  readonly cases: readonly CaseFacts[];
  readonly names: readonly JudgedAs[];
  /** Lines of the reference's checklist. */
  readonly lines: readonly string[];
}

/** What is expected, with those that expect the same taken together: `all: …`, or `httpd-2, httpd-1.3: …` and so on. */
function expectedWords({ expected }: CaseFacts, names: readonly JudgedAs[]): string {
  const byWords = new Map<string, JudgedAs[]>();
  for (const name of names) {
    const words = expected[name]?.words;
    if (words !== undefined) byWords.set(words, [...(byWords.get(words) ?? []), name]);
  }
  return [...byWords]
    .map(([words, those]) => `${those.length === names.length ? 'all' : those.join(', ')}: ${cell(words)}`)
    .join('<br>');
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('<', '&lt;');
}

const topicOf = (id: string): string => id.slice(0, id.indexOf('/'));

function tables({ heading, cases, names, lines }: Direction, caughtBy: ReadonlyMap<string, number>): readonly string[] {
  const row = (one: CaseFacts): string => {
    const source = one.lines.length === 0 ? one.spec : one.lines.join(', ');
    const proofs = caughtBy.get(one.id);
    const cells = [`\`${one.id}\``, one.level, cell(one.requirement), expectedWords(one, names), cell(source)];
    return `| ${cells.join(' | ')} | ${proofs ?? '-'} |`;
  };
  return [
    `## ${heading}`,
    '',
    ...[...new Set(cases.map(({ id }) => topicOf(id)))].flatMap((topic) => [
      `### ${topic}`,
      '',
      '| case | level | requirement | expected | line of the checklist, or the source | mutants caught |',
      '|---|---|---|---|---|---|',
      ...cases.filter(({ id }) => topicOf(id) === topic).map(row),
      '',
    ]),
    `### Lines of the checklist: ${heading.toLowerCase()}`,
    '',
    '| line | cases |',
    '|---|---|',
    ...lines.map((line) => {
      const ids = cases.filter((one) => one.lines.includes(line)).map(({ id }) => `\`${id}\``);
      return `| ${line} | ${ids.join(', ')} |`;
    }),
    '',
  ];
}

/**
 * `docs/conformance.md`: every case, and every line of the reference's checklist.
 * @param caughtBy how many mutants a case catches, by its id
 */
export function conformanceDocument(directions: readonly Direction[], caughtBy: ReadonlyMap<string, number>): string {
  const counts = directions.map(({ cases, heading }) => `${cases.length} judge ${heading.toLowerCase()}`).join(', ');
  return [
    '# What the judge expects',
    '',
    'Made from the cases themselves: `npx vitest run test/conformance/document.test.ts --update`. How they are run:',
    '[Put it into your CI](conformance-in-ci.md). How your own are written: [conformance-cases.md](conformance-cases.md).',
    '',
    `Of the cases, ${counts}. Who is not named in a row has no such thing, or nobody knows what it does there: the case is`,
    'skipped. `must`: all implementations agree, or security is at stake; `should`: httpd and Undertow agree; `may`: the choice',
    'of one. "Mutants caught" counts broken balancers and nodes of ours, and dialects served as another one, that the case found',
    '(`npx vitest run --mode mutants`).',
    '',
    '| verdict | meaning | the run fails |',
    '|---|---|---|',
    ...Object.entries(VERDICTS).map(([name, { words, fails }]) => `| ${name} | ${words} | ${fails ? 'yes' : 'no'} |`),
    '',
    '| need | what it is | how it is said |',
    '|---|---|---|',
    ...Object.entries(NEEDS).map(([name, { words, how }]) => `| ${name} | ${cell(words)} | \`${cell(how)}\` |`),
    '',
    ...directions.flatMap((direction) => tables(direction, caughtBy)),
  ].join('\n');
}

export const BALANCER_NAMES: readonly JudgedAs[] = JUDGED_DIALECTS;
export const NODE_NAMES: readonly JudgedAs[] = NODE_KINDS;
