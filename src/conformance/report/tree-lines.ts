import type { ChalkInstance } from 'chalk';
import { escapeForTerminal } from '../../core/text.ts';
import type { CaseResult, TargetFacts } from '../result.ts';
import { VERDICTS } from '../verdict.ts';
import { bytesLines } from './bytes.ts';
import {
  actualWords,
  counted,
  deviates,
  expectedWords,
  type KnownReason,
  lastRelevant,
  milliseconds,
  shownBytes,
  sourceWords,
  tally,
} from './facts.ts';

/** The pieces that the terminal's tree is made of; each is a list of lines. */
export interface TreeLook {
  readonly style: ChalkInstance;
  readonly columns: number;
  readonly known: KnownReason;
  /** Folder in which exchanges are kept. */
  readonly save: string | undefined;
}

/** Sentences in longer lines are hard to read. */
const WIDEST_TEXT = 110;
/** A terminal narrower than this is written to as if it were this wide. */
const NARROWEST = 40;
const LABEL_WIDTH = 'requirement'.length + 2;
const MOST_BYTE_LINES = 24;
/** Stands before every line of bytes: none of them begins like something else, a command to whoever reads the log least. */
const GUTTER = '│ ';

/** Folds a text at spaces; what has no space for longer than a line is cut. */
export function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): string[] {
  if (word.length <= width) return [word];
  return Array.from({ length: Math.ceil(word.length / width) }, (_, at) => word.slice(at * width, (at + 1) * width));
}

function textWidth({ columns }: TreeLook, indent: number): number {
  return Math.max(NARROWEST, Math.min(columns, WIDEST_TEXT)) - indent;
}

/** Parts behind each other, a new line only between them as far as that goes. */
export function foldedParts(parts: readonly string[], width: number): string[] {
  const whole = parts.map((part) => part.replaceAll(' ', '\u00a0')).join(' ');
  return folded(whole, width).map((line) => line.replaceAll('\u00a0', ' '));
}

/** A text behind a label, folded below its own beginning. */
function labelled(look: TreeLook, indent: number, label: string, text: string): string[] {
  const room = textWidth(look, indent + LABEL_WIDTH) - GUTTER.length;
  return folded(escapeForTerminal(text), room).map((line, index) => {
    const before = index === 0 ? look.style.dim(label.padEnd(LABEL_WIDTH)) : ' '.repeat(LABEL_WIDTH);
    // Build servers take such lines for commands, however far they are indented.
    return `${' '.repeat(indent)}${before}${/^(?:::|##)/.test(line) ? GUTTER : ''}${line}`;
  });
}

/** The sign of a verdict, in its colour. */
function signOf(look: TreeLook, target: TargetFacts, result: CaseResult): string {
  const { style } = look;
  const { sign } = VERDICTS[result.verdict];
  if (result.verdict === 'pass') return style.green(sign);
  if (result.verdict === 'skipped') return style.dim(sign);
  const isNews = deviates(result) && look.known(target, result) === undefined;
  return isNews ? style.red(sign) : style.yellow(sign);
}

/** A topic, in one line if it fits: `✔ status  22`, and what else became of its cases. */
export function topicLines(
  look: TreeLook,
  target: TargetFacts,
  topic: string,
  results: readonly CaseResult[],
  widths: { readonly topic: number; readonly count: number },
): string[] {
  const { style } = look;
  const counts = tally(results);
  const passed = counts.get('pass') ?? 0;
  const news = results.some((one) => deviates(one) && look.known(target, one) === undefined);
  const others = [...counts].filter(([verdict]) => verdict !== 'pass');
  const knownCount = results.filter((one) => look.known(target, one) !== undefined).length;
  const words = others.map(([verdict, count]) => `${count} ${VERDICTS[verdict].words}`);
  if (knownCount > 0) words.push(`${knownCount} of them known`);
  const quiet = others.every(([verdict]) => verdict === 'skipped');
  const sign = news
    ? style.red('✘')
    : passed + others.length > (counts.has('skipped') ? 1 : 0)
      ? style.green('✔')
      : '-';
  const name = escapeForTerminal(topic).padEnd(widths.topic);
  const count = (passed === 0 ? '' : String(passed)).padStart(widths.count);
  const indent = '✔ '.length + name.length + 2 + widths.count + 3;
  const parts = words.map((one, at) => (at < words.length - 1 ? `${one},` : one));
  const [first = '', ...more] = foldedParts(parts, textWidth(look, indent)).map((line) =>
    quiet ? style.dim(line) : line,
  );
  return [
    `${sign} ${news ? style.bold(name) : name}  ${count}   ${first}`.trimEnd(),
    ...more.map((line) => ' '.repeat(indent) + line),
  ];
}

/** A case below its topic, in one line or, where it deviates, in as many as it takes. */
export function caseLines(look: TreeLook, target: TargetFacts, result: CaseResult, idWidth: number): string[] {
  const { style } = look;
  const id = escapeForTerminal(result.facts.id);
  const sign = signOf(look, target, result);
  const known = look.known(target, result);
  if (deviates(result)) {
    const words = known === undefined ? VERDICTS[result.verdict].words : `${VERDICTS[result.verdict].words}, known`;
    const head = `  ${sign} ${style.bold(id)}  ${style.dim(words)}`;
    if (known !== undefined) return [head, ...(known === '' ? [] : labelled(look, 4, 'reason', known))];
    return [
      head,
      ...labelled(look, 4, 'expected', expectedWords(target, result)),
      ...labelled(look, 4, 'actual', actualWords(result)),
    ];
  }
  const text = escapeForTerminal(result.facts.requirement);
  const room = textWidth(look, 4 + idWidth + 2);
  const beside = room >= NARROWEST;
  const indent = ' '.repeat(beside ? 4 + idWidth + 2 : 6);
  const lines = folded(text, beside ? room : textWidth(look, 6));
  const first = beside ? `  ${sign} ${id.padEnd(idWidth)}  ${lines.shift() ?? ''}` : `  ${sign} ${id}`;
  const more = lines.map((line) => `${indent}${line}`);
  for (const [label, note] of notesOf(target, result)) {
    more.push(...folded(`${label}: ${escapeForTerminal(note)}`, textWidth(look, indent.length)).map((l) => indent + l));
  }
  const shown = more.map((line) => style.dim(line));
  return [result.verdict === 'skipped' ? style.dim(first) : first, ...shown];
}

/** What `--verbose` says of a case that needs no explanation. */
function notesOf(target: TargetFacts, result: CaseResult): (readonly [label: string, text: string])[] {
  const notes: (readonly [string, string])[] = [];
  if (result.verdict === 'skipped') notes.push(['skipped', result.reason ?? 'no reason given']);
  if (result.verdict === 'non-strict') {
    notes.push(['expected', expectedWords(target, result)], ['actual', actualWords(result)]);
  }
  for (const { what, tookMs } of result.waits) notes.push([`waited ${milliseconds(tookMs)}`, what]);
  return notes;
}

/** A failure with all that is known of it, for the end of the run. */
export function failureLines(look: TreeLook, target: TargetFacts, result: CaseResult, number: number): string[] {
  const { style } = look;
  const { facts } = result;
  const indent = String(number).length + 2;
  const about = [VERDICTS[result.verdict].words, facts.level, sourceWords(facts)].join(' · ');
  const lines = [
    `${style.dim(`${number})`)} ${signOf(look, target, result)} ${style.bold(escapeForTerminal(facts.id))}`,
    ...folded(escapeForTerminal(about), textWidth(look, indent)).map((line) => ' '.repeat(indent) + style.dim(line)),
    ...labelled(look, indent, 'requirement', facts.requirement),
    ...labelled(look, indent, 'expected', expectedWords(target, result)),
    ...labelled(look, indent, 'actual', actualWords(result)),
  ];
  for (const { what, tookMs } of result.waits) {
    lines.push(...labelled(look, indent, 'waited', `${milliseconds(tookMs)} until ${what}`));
  }
  const shown = lastRelevant(result.exchanges);
  for (const exchange of shown) {
    for (const { about, bytes } of shownBytes(exchange)) lines.push(...bytesBlock(look, indent, about, bytes));
  }
  const others = result.exchanges.length - shown.length;
  if (others > 0) {
    const where = look.save === undefined ? '--save DIR keeps all' : `all are in ${escapeForTerminal(look.save)}`;
    const words = folded(`${counted(others, 'other exchange')}: ${where}`, textWidth(look, indent));
    lines.push(...words.map((line) => ' '.repeat(indent) + style.dim(line)));
  }
  return lines;
}

function bytesBlock(look: TreeLook, indent: number, heading: string, bytes: string): string[] {
  const { style } = look;
  const before = ' '.repeat(indent);
  const width = Math.max(NARROWEST, look.columns) - indent - GUTTER.length;
  const lines = bytesLines(bytes, { width, mostLines: MOST_BYTE_LINES });
  const words = escapeForTerminal(bytes === '' ? `${heading}: nothing` : heading);
  return [
    ...folded(words, textWidth(look, indent)).map((line) => before + style.dim(line)),
    ...lines.map((line) => `${before}${style.dim(GUTTER)}${style.cyan(line)}`),
  ];
}
