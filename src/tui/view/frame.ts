import { severityTint } from '../event-columns.ts';
import { titleOf } from '../job-words.ts';
import { type Layout, layoutOf } from '../layout.ts';
import { LISTS, selectionOf, sortOf } from '../lists.ts';
import { listViewOf, placeOf, type TuiState } from '../state.ts';
import { shown } from '../width.ts';
import { ago, clockTime, counted } from '../words.ts';
import { attentionLines, balancerLines } from './balancers.ts';
import { confirmLines, jobLines } from './dialog.ts';
import { footerLines } from './footer.ts';
import { asciiOnly, type Glyphs, glyphsOf } from './glyphs.ts';
import { helpLines } from './help.ts';
import { bar, cutLine, type Line, type Segment, segment, spread, widthOf } from './line.ts';
import { paletteLines } from './palette.ts';
import { tableLines } from './table.ts';

/** The whole picture: exactly as many lines as the layout has, none wider than the terminal. */
export function frameOf(state: TuiState): Line[] {
  const layout = layoutOf(state);
  const glyphs = glyphsOf(state.settings.ascii);
  const below = [messageLine(state, layout, glyphs), ...footerLines(state, layout)];
  // What is looked at, and above all what is asked, stays when there is no room for what stands above it.
  const spare = Math.max(0, layout.height - below.length - leastRoom(state.mode));
  const above = [headerLine(state, layout, glyphs), screensLine(state, layout)].slice(0, spare);
  const room = Math.max(0, layout.height - above.length - below.length);
  const middle = middleLines(state, layout, glyphs, room).slice(0, room);
  while (middle.length < room) middle.push([]);
  const lines = [...above, ...middle, ...below].slice(0, layout.height).map((line) => cutLine(line, layout.width));
  return state.settings.ascii
    ? lines.map((line) => line.map((piece) => ({ ...piece, text: asciiOnly(piece.text) })))
    : lines;
}

/** A title and a row; a question with its frame: what, why, and the answers. */
function leastRoom({ kind }: TuiState['mode']): number {
  return kind === 'confirm' || kind === 'job' ? LEAST_DIALOG : LEAST_LIST;
}

const LEAST_DIALOG = 5;
const LEAST_LIST = 2;

function middleLines(state: TuiState, layout: Layout, glyphs: Glyphs, room: number): Line[] {
  const { mode } = state;
  switch (mode.kind) {
    case 'help':
      return helpLines(state, layout, room);
    case 'confirm':
      return confirmLines(mode, layout, glyphs, room);
    case 'job':
      return jobLines(state, mode, layout, glyphs, room);
    case 'palette':
      return paletteLines(state, mode, room);
    default:
      return [
        ...balancerLines(state, layout, glyphs),
        ...attentionLines(state, layout, glyphs),
        titleLine(state, layout, glyphs),
        ...padded(tableLines(state, layout, glyphs), layout.body + (layout.headings ? 1 : 0)),
        ...eventLines(state, layout, glyphs),
      ];
  }
}

function padded(lines: Line[], count: number): Line[] {
  while (lines.length < count) lines.push([]);
  return lines;
}

/** What it is, how much of it, and how fresh. */
function headerLine(state: TuiState, { width }: Layout, glyphs: Glyphs): Line {
  const { tables, settings } = state;
  const dot = ` ${glyphs.dot} `;
  const counts = [
    counted(tables.balancers.length, 'balancer'),
    counted(tables.nodes.length, 'node'),
    counted(tables.contexts, 'context'),
  ].join(dot);
  const left: Line = [segment(' mcmp tui ', { bold: true, inverse: true }), segment(` ${counts}`)];
  const right: Segment[] = [];
  if (settings.readOnly) right.push(segment('read-only ', { tint: 'cyan', bold: true }));
  right.push(freshness(state));
  return spread(left, right, width);
}

function freshness({ isPaused, tables, nowMs, reading }: TuiState): Segment {
  if (isPaused) return segment(`paused at ${clockTime(reading.atMs)} `, { tint: 'yellow', bold: true });
  const outcomes = tables.balancers.map(({ reading: { outcome } }) => outcome);
  const silent = outcomes.filter((outcome) => outcome === 'failed').length;
  if (silent > 0) {
    const words = silent === outcomes.length ? 'no answer' : `${silent} of ${outcomes.length} silent`;
    return segment(`${words} `, { tint: 'red', bold: true });
  }
  if (outcomes.length === 0 || outcomes.includes('pending')) return segment('asking ', { tint: 'cyan' });
  return segment(`read ${ago(nowMs - reading.atMs)} `, { dim: true });
}

const TABS = [
  ['overview', 'Overview'],
  ['nodes', 'Nodes'],
  ['contexts', 'Contexts'],
  ['events', 'Events'],
  ['disagreements', 'Disagreements'],
] as const;

/** The screens with their keys; where there is little room, the present one is named. */
function screensLine(state: TuiState, { isNarrow }: Layout): Line {
  const here = state.trail[0]?.screen ?? 'overview';
  const line: Segment[] = [segment(' ')];
  for (const [at, [screen, title]] of TABS.entries()) {
    const isHere = screen === here;
    const count = screen === 'disagreements' ? state.tables.disagreements.length : 0;
    const words = isNarrow && !isHere ? String(at + 1) : `${at + 1} ${title}`;
    const look = isHere ? { bold: true, tint: 'cyan' as const } : { dim: true };
    line.push(segment(words, look));
    if (count > 0) line.push(segment(` ${count}`, { tint: 'magenta', bold: true }));
    line.push(segment('  '));
  }
  if (!isNarrow)
    line.push(segment('? Help', state.mode.kind === 'help' ? { bold: true, tint: 'cyan' } : { dim: true }));
  return line;
}

/** What the list shows: where it is, how many rows, filter, marks, order. */
function titleLine(state: TuiState, { width, isNarrow }: Layout, glyphs: Glyphs): Line {
  const place = placeOf(state);
  const spec = LISTS[place.screen];
  const view = listViewOf(state);
  const { rows, all } = selectionOf(state);
  const rule = (columns: number): Segment => segment(glyphs.rule.repeat(Math.max(0, columns)), { dim: true });
  const [one, many] = spec.noun;
  const subject = place.of === '' ? '' : `${shown(place.of)} ${glyphs.into} `;
  const count = rows.length === all ? counted(all, one, many) : `${rows.length} of ${counted(all, one, many)}`;
  const left: Segment[] = [rule(1), segment(` ${subject}`, { bold: true }), segment(`${count} `)];
  if (state.tables.nodeByRoute.get(place.of)?.isStale === true && place.screen === 'node') {
    left.push(segment('as last told ', { tint: 'gray' }));
  }
  if (view.filter !== '' && state.mode.kind !== 'filter') {
    left.push(rule(1), segment(` filter: ${view.filter} `, { tint: 'yellow' }));
  }
  if (state.marks.size > 0) left.push(rule(1), segment(` ${state.marks.size} marked `, { tint: 'cyan', bold: true }));
  const sort = sortOf(spec, view);
  const title = spec.columns.find(({ id }) => id === sort)?.title;
  const position = rows.length > 0 ? `${view.cursorAt + 1}/${rows.length}` : '';
  const right: Segment[] = [];
  if (title !== undefined && !isNarrow) {
    right.push(segment(` by ${title} ${view.turned ? glyphs.up : glyphs.down} `, { dim: true }), rule(1));
  }
  if (position !== '') right.push(segment(` ${position} `, { dim: true }), rule(1));
  const used = left.reduce((sum, { text }) => sum + text.length, 0) + widthOf(right);
  return spread([...left, rule(width - used - 1)], right, width);
}

/** The latest events, where there is room below the overview. */
function eventLines(state: TuiState, layout: Layout, glyphs: Glyphs): Line[] {
  if (layout.events === 0) return [];
  const title = ' latest events (4 shows all) ';
  const head: Line = [
    segment(glyphs.rule, { dim: true }),
    segment(title),
    segment(glyphs.rule.repeat(Math.max(0, layout.width - title.length - 1)), { dim: true }),
  ];
  const latest = state.events.slice(0, layout.events - 1).map((event): Line => {
    const tint = severityTint(event.severity);
    return [
      segment(`  ${clockTime(event.atMs)}  `, { tint: 'gray' }),
      segment(event.shown, tint === undefined ? {} : { tint }),
      segment(event.whoShown === '' ? '' : `  by ${event.whoShown}`, { tint: 'cyan' }),
      segment(event.whereShown === '' ? '' : `  at ${event.whereShown}`, { tint: 'gray' }),
    ];
  });
  if (latest.length === 0) latest.push([segment('  Nothing has changed since this program looks on.', { dim: true })]);
  return padded([head, ...latest], layout.events);
}

/** What is being typed, what was done, or what goes on in the background. */
function messageLine(state: TuiState, { width }: Layout, glyphs: Glyphs): Line {
  const { mode, flash, job } = state;
  if (mode.kind === 'filter') {
    const { wrong } = selectionOf(state);
    const typed: Line = [
      segment(' filter: ', { tint: 'yellow', bold: true }),
      segment(listViewOf(state).filter),
      cursor(),
    ];
    return wrong === undefined ? typed : [...typed, segment(`  ${wrong}`, { tint: 'red' })];
  }
  if (mode.kind === 'palette') return [segment(' : ', { tint: 'yellow', bold: true }), segment(mode.text), cursor()];
  if (state.asking !== undefined) {
    return [
      segment(` ${glyphs.wait} asking how it stands now, before anything is done (Esc: never mind)`, { tint: 'cyan' }),
    ];
  }
  if (flash !== undefined) {
    const tint = severityTint(flash.severity);
    const sign = { good: glyphs.good, bad: glyphs.bad, warning: '!', plain: ' ' }[flash.severity];
    return bar([segment(` ${sign} ${flash.words}`)], width, { bold: true, ...(tint === undefined ? {} : { tint }) });
  }
  if (job !== undefined && job.end === undefined) {
    const last = job.progress.at(-1) ?? '';
    return [segment(` ${glyphs.wait} ${titleOf(job)} goes on: ${last}`, { tint: 'cyan' })];
  }
  const { wrong } = selectionOf(state);
  return wrong === undefined ? [] : [segment(` ${wrong}`, { tint: 'red' })];
}

function cursor(): Segment {
  return segment(' ', { inverse: true });
}
