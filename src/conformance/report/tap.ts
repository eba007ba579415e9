import { escapeForTerminal } from '../../core/text.ts';
import type { CaseResult, Reporter, TargetFacts } from '../result.ts';
import { bytesLines } from './bytes.ts';
import {
  actualWords,
  deviates,
  expectedWords,
  type KnownReason,
  lastRelevant,
  needsWords,
  shownBytes,
  sourceWords,
  targetWords,
} from './facts.ts';

const BYTES_SHOWN = { width: 200, mostLines: 60 };

/**
 * The run as TAP 14, a line at a time and as soon as it is known. Each of several targets is a subtest. Known deviations are
 * `# TODO`, which no harness takes for a failure.
 *
 * @param several whether there will be more than one target
 */
export function createTapReporter(print: (line: string) => void, several: boolean, known: KnownReason): Reporter {
  const indent = several ? '    ' : '';
  let targets = 0;
  let number = 0;
  print('TAP version 14');
  return {
    targetBegins(target, cases) {
      number = 0;
      print(several ? `# Subtest: ${escaped(targetWords(target))}` : `# ${escapeForTerminal(targetWords(target))}`);
      print(`${indent}1..${cases.length}`);
    },
    caseEnds(target, result) {
      number += 1;
      for (const line of pointLines(number, target, result, known(target, result))) print(indent + line);
    },
    targetEnds({ target, results }) {
      if (!several) return;
      targets += 1;
      const good = results.every((result) => !deviates(result) || known(target, result) !== undefined);
      print(`${good ? 'ok' : 'not ok'} ${targets} - ${escaped(targetWords(target))}`);
    },
    runEnds({ suite, seed, interrupted }) {
      if (several) print(`1..${targets}`);
      print(`# suite ${suite}, seed ${seed}${interrupted ? ', interrupted' : ''}`);
    },
  };
}

function pointLines(number: number, target: TargetFacts, result: CaseResult, known: string | undefined): string[] {
  const { facts, verdict, reason } = result;
  const point = `${deviates(result) ? 'not ok' : 'ok'} ${number} - ${escaped(`${facts.id}: ${facts.requirement}`)}`;
  if (verdict === 'skipped') return [`${point} # SKIP ${oneLine(reason ?? 'no reason given')}`];
  const todo = known === undefined ? '' : ` # TODO known deviation${known === '' ? '' : `: ${oneLine(known)}`}`;
  if (!needsWords(result)) return [point];
  return [point + todo, ...diagnostics(target, result).map((line) => `  ${line}`)];
}

/**
 * A YAML block, of the little that harnesses for TAP 13 read as well: texts in double quotes, and bytes as literal lines. Those
 * begin with a sign, so that none begins like something else, a command to whoever reads the log least.
 */
function diagnostics(target: TargetFacts, result: CaseResult): string[] {
  const { facts, verdict, tookMs, exchanges, waits } = result;
  const lines = [
    '---',
    `verdict: ${verdict}`,
    `level: ${facts.level}`,
    `source: ${quoted(sourceWords(facts))}`,
    `expected: ${quoted(expectedWords(target, result))}`,
    `actual: ${quoted(actualWords(result))}`,
    `duration_ms: ${tookMs.toFixed(3)}`,
  ];
  for (const [at, { what, tookMs: waitedMs }] of waits.entries()) {
    if (at === 0) lines.push('waits:');
    lines.push(`  - what: ${quoted(what)}`, `    duration_ms: ${waitedMs.toFixed(3)}`);
  }
  for (const [at, exchange] of lastRelevant(exchanges).entries()) {
    if (at === 0) lines.push('exchanges:');
    const [first, second] = shownBytes(exchange);
    lines.push(`  - first: ${quoted(first.about)}`, ...block('first_bytes', first.bytes));
    lines.push(`    second: ${quoted(second.about)}`, ...block('second_bytes', second.bytes));
  }
  return [...lines, '...'];
}

function block(name: string, bytes: string): string[] {
  const lines = bytesLines(bytes, BYTES_SHOWN);
  return lines.length === 0 ? [`    ${name}: ""`] : [`    ${name}: |`, ...lines.map((line) => `      > ${line}`)];
}

function quoted(text: string): string {
  return JSON.stringify(escapeForTerminal(text));
}

/** A directive ends with its line, and without white space at its ends. */
function oneLine(text: string): string {
  return escapeForTerminal(text).trim();
}

/** A description: `#` would begin a directive (TAP 14, "Escaping"). */
function escaped(text: string): string {
  return oneLine(text).replace(/[\\#]/g, '\\$&');
}
