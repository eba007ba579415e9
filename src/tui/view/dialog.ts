import { escapeForTerminal } from '../../core/text.ts';
import { severityTint } from '../event-columns.ts';
import { commandLinesOf, titleOf } from '../job-words.ts';
import type { Layout } from '../layout.ts';
import type { Mode, TuiState } from '../state.ts';
import { labelOf } from '../tables.ts';
import { isConfirmed } from '../update-dialog.ts';
import { folded, toWidth } from '../width.ts';
import { counted, type Tint } from '../words.ts';
import type { Glyphs } from './glyphs.ts';
import { cutLine, type Line, type Segment, segment, widthOf } from './line.ts';

/** What would be done, to how many, with which command lines; and the question whether to do it. */
export function confirmLines(mode: Mode & { kind: 'confirm' }, layout: Layout, glyphs: Glyphs, room: number): Line[] {
  const { plan, isDrain } = mode;
  const { counts, danger } = plan;
  const inner = innerWidth(layout);
  const words = (text: string, tint?: Tint): Line[] =>
    folded(escapeForTerminal(text), inner).map((line) => [segment(line, tint === undefined ? {} : { tint })]);
  const head = folded(escapeForTerminal(titleOf(mode)), inner);
  const title = head.slice(0, MOST_TITLE).map((line): Line => [segment(line, { bold: true })]);
  const same = counts.unchanged === 0 ? '' : `; ${counts.unchanged} already so`;
  const many = `${counted(counts.contexts, 'context')} of ${counted(counts.nodes, 'node')}`;
  const isGrave = danger.level === 'type';
  // In the order in which they are given up where there is little room, the last one first.
  const why = danger.level === 'none' ? [] : words(sentence(danger.why), isGrave ? 'red' : 'yellow');
  const size = words(`Changes ${many} at ${counted(counts.targets, 'balancer')}${same}.`);
  if (plan.inFlight !== undefined) {
    size.push(
      ...words(`${counted(plan.inFlight, 'request')} in flight there now.`, plan.inFlight > 0 ? 'yellow' : undefined),
    );
  }
  const drains = isDrain
    ? words('New clients go elsewhere at once. When nothing is in flight any more it is stopped.')
    : [];
  const notes = plan.notes.flatMap((note) => words(`Note: ${note}`, 'magenta'));

  const asked = question(mode, glyphs);
  let left = room - 2 - title.length - asked.length - 1;
  const kept = (lines: readonly Line[]): readonly Line[] => {
    const taken = lines.slice(0, Math.max(0, left));
    left -= taken.length;
    return taken;
  };
  const [whyKept, sizeKept, drainsKept] = [kept(why), kept(size), kept(drains)];
  const notesKept = kept(notes.slice(0, Math.max(1, left - LEAST_COMMANDS)));
  const lines = [...title];
  // An empty line below the title, when there is room for it.
  if (left > 0) lines.push(...kept([[]]));
  lines.push(...sizeKept, ...drainsKept, ...whyKept, ...notesKept);
  lines.push(...commandLines(mode, inner, left), [], ...asked);
  return boxed(lines, inner, glyphs, room, isGrave ? 'red' : 'yellow');
}

const MOST_TITLE = 2;
/** An empty line, what they are, one of them, and how many more there are. */
const LEAST_COMMANDS = 4;

/** The equal command lines, as many as have room; the others are scrolled to. */
function commandLines(mode: Mode & { kind: 'confirm' }, inner: number, room: number): Line[] {
  const { top } = mode;
  if (room < LEAST_COMMANDS) return [];
  const commands = commandLinesOf(mode).flatMap((line) => folded(escapeForTerminal(line), inner));
  const body = commands.length <= room - 2 ? commands.length : room - 3;
  const first = Math.min(top, Math.max(0, commands.length - body));
  const lines: Line[] = [[], [segment('The same as:', { dim: true })]];
  for (const line of commands.slice(first, first + body)) lines.push([segment(line, { tint: 'cyan' })]);
  const rest = commands.length - first - body;
  if (commands.length > body) {
    lines.push([segment(rest > 0 ? `${counted(rest, 'further line')} below` : 'that is all', { dim: true })]);
  }
  return lines;
}

function sentence(words: string): string {
  const text = escapeForTerminal(words);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function question(mode: Mode & { kind: 'confirm' }, glyphs: Glyphs): Line[] {
  const { plan, isDrain, typed, chosen } = mode;
  const verb = isDrain ? 'Drain' : `${plan.action.charAt(0).toUpperCase()}${plan.action.slice(1)}`;
  if (plan.danger.level === 'type') {
    const right = isConfirmed(mode);
    return [
      [
        segment('Type '),
        segment(plan.danger.word, { bold: true }),
        segment(' to go on: '),
        segment(typed, { bold: true, tint: right ? 'green' : 'red' }),
        segment(' ', { inverse: true }),
        segment(right ? `  ${glyphs.good} Enter: ${verb.toLowerCase()}` : ''),
      ],
    ];
  }
  const button = (name: string, is: boolean): Segment =>
    segment(is ? `[ ${name} ]` : `  ${name}  `, is ? { inverse: true, bold: true } : {});
  return [[button('Cancel', chosen === 'cancel'), segment('   '), button(`${verb} (y)`, chosen === 'go')]];
}

/** What each balancer answered, as it comes. */
export function jobLines(
  state: TuiState,
  mode: Mode & { kind: 'job' },
  layout: Layout,
  glyphs: Glyphs,
  room: number,
): Line[] {
  const { job } = state;
  if (job === undefined) return [];
  const inner = innerWidth(layout);
  const head: Line[] = [[segment(titleOf(job), { bold: true })], []];
  const answers: Line[] = job.results.flatMap(({ command, outcome, words, requests }) => {
    const [sign, tint] = outcome === 'done' ? ([glyphs.good, 'green'] as const) : ([glyphs.bad, 'red'] as const);
    const inFlight = requests === undefined ? '' : `, ${counted(requests, 'request')} in flight`;
    const what = escapeForTerminal(`${labelOf(command.target)}  ${command.method}: ${words}${inFlight}`);
    return folded(what, inner - 3).map(
      (line, at): Line => [segment(at === 0 ? `${toWidth(sign, 2)} ` : '   ', { tint, bold: true }), segment(line)],
    );
  });
  for (const line of job.progress)
    answers.push(...folded(escapeForTerminal(line), inner).map((one): Line => [segment(one)]));
  const waiting = job.isDrain ? 0 : job.plan.commands.length - job.results.length;
  const tail: Line[] = [];
  if (job.end === undefined) {
    tail.push(
      [],
      [
        segment(waiting > 0 ? `${glyphs.wait} waiting for ${counted(waiting, 'answer')}` : `${glyphs.wait} going on`, {
          tint: 'cyan',
        }),
      ],
    );
  } else {
    const tint = severityTint(job.end.severity);
    tail.push(
      [],
      ...folded(sentence(job.end.words), inner).map(
        (line): Line => [segment(line, { bold: true, ...(tint === undefined ? {} : { tint }) })],
      ),
    );
  }
  const left = Math.max(1, room - 2 - head.length - tail.length);
  // The newest stay in sight until somebody scrolls.
  const top = Math.max(0, answers.length - left - mode.top);
  return boxed([...head, ...answers.slice(top, top + left), ...tail], inner, glyphs, room, 'cyan');
}

const WIDEST = 100;

function innerWidth({ width }: Layout): number {
  return Math.max(10, Math.min(width - 6, WIDEST));
}

/** A frame, what it is, an empty line, and the question. */
const LEAST_BOX = 5;

/** A frame round lines, in the middle of the room; where that is too small for both, the first lines and the last one. */
function boxed(
  lines: readonly Line[],
  inner: number,
  glyphs: Glyphs,
  room: number,
  tint: 'red' | 'yellow' | 'cyan',
): Line[] {
  const last = lines.at(-1) ?? [];
  if (room < LEAST_BOX) return room < 2 ? [last] : [...lines.slice(0, Math.min(room, lines.length) - 1), last];
  const [topLeft, topRight, bottomLeft, bottomRight] = glyphs.corners;
  const edge = (left: string, right: string): Line => [
    segment(` ${left}${glyphs.rule.repeat(inner + 2)}${right}`, { tint }),
  ];
  // Where there is no room for all, the question at the end stays.
  const fitting = lines.length > room - 2 ? [...lines.slice(0, 1), ...lines.slice(lines.length - room + 3)] : lines;
  const content = fitting.map((line): Line => {
    const short = cutLine(line, inner);
    return [
      segment(` ${glyphs.side} `, { tint }),
      ...short,
      segment(toWidth('', inner - widthOf(short))),
      segment(` ${glyphs.side}`, { tint }),
    ];
  });
  const box = [edge(topLeft, topRight), ...content, edge(bottomLeft, bottomRight)];
  const above = Math.max(0, Math.floor((room - box.length) / 3));
  return [...Array.from({ length: above }, (): Line => []), ...box];
}
