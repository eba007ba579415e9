import type { SurveyReading } from '../client/index.ts';
import { textOf } from '../core/mcmp/bytes.ts';
import { attentionOf } from './attention.ts';
import type { CellContext, Column } from './columns.ts';
import { PATH_COLUMNS } from './context-columns.ts';
import { OVERVIEW_COLUMNS } from './node-columns.ts';
import type { Row, Tables } from './rows.ts';
import { stateOf, tablesOf } from './tables.ts';
import { displayWidth, shown, toWidth } from './width.ts';
import { counted, countWords } from './words.ts';

/** What `mcmp tui --once --json` prints; members are added, never renamed. */
export interface SnapshotDocument {
  readonly schemaVersion: 1;
  readonly at: string;
  readonly balancers: readonly object[];
  readonly nodes: readonly object[];
  readonly contexts: readonly object[];
  readonly disagreements: readonly object[];
  /** What somebody has to look at. */
  readonly attention: readonly string[];
}

export function snapshotDocument(reading: SurveyReading): SnapshotDocument {
  const tables = tablesOf(reading, undefined);
  return {
    schemaVersion: 1,
    at: new Date(reading.atMs).toISOString(),
    balancers: reading.targets.map((target) => {
      const state = stateOf(target);
      const failure = target.outcome === 'failed' ? target.failure : undefined;
      return {
        url: target.target,
        answers: target.outcome === 'read',
        brand: state?.brand ?? null,
        version: state === undefined ? null : textOf(state.version),
        tookMs: target.outcome === 'read' ? Math.round(target.good.tookMs) : null,
        error: failure === undefined ? null : { code: failure.error.code, message: failure.error.message },
      };
    }),
    nodes: tables.nodes.map((node) => ({
      route: textOf(node.route),
      balancer: textOf(node.balancer),
      domain: textOf(node.domain),
      address: node.addressShown,
      condition: node.condition ?? null,
      load: node.load ?? null,
      elected: node.elected ?? null,
      expectedShare: node.expected ?? null,
      inFlight: node.inFlight ?? null,
      lastHeardAt:
        node.lastHeardMs === undefined || node.lastHeardMs === 0 ? null : new Date(node.lastHeardMs).toISOString(),
      contexts: { enabled: node.counts.ENABLED, disabled: node.counts.DISABLED, stopped: node.counts.STOPPED },
      disagrees: node.disagrees,
      knownAt: node.knownAt.map((at) => reading.targets[at]?.target ?? ''),
    })),
    contexts: tables.nodes.flatMap(({ copies }) =>
      copies.map((copy) => ({
        path: textOf(copy.path),
        route: textOf(copy.route),
        aliases: copy.aliases.map(textOf),
        status: copy.status,
        expectedShare: tables.shareOf(copy) ?? null,
        inFlight: copy.inFlight ?? null,
        says: reading.targets.map(({ target }, at) => ({ balancer: target, status: copy.statuses[at] ?? null })),
      })),
    ),
    disagreements: tables.disagreements.map(({ disagreement, shown: words }) => ({
      kind: disagreement.kind,
      of: textOf(disagreement.of),
      about: textOf(disagreement.about),
      says: disagreement.says.map(({ target, value }) => ({
        balancer: target,
        value: value === undefined ? null : textOf(value),
      })),
      words,
    })),
    attention: [
      ...reading.targets.flatMap((one) => (one.outcome === 'failed' ? [`${one.target} does not answer`] : [])),
      ...attentionOf(tables)
        .filter(({ severity }) => severity === 'bad' || severity === 'warning')
        .map(({ words }) => words),
    ],
  };
}

/** The same for people: balancers, what is wrong, nodes, contexts. */
export function snapshotLines(reading: SurveyReading): string[] {
  const tables = tablesOf(reading, undefined);
  const lines = tables.balancers.flatMap((row, at) => {
    const { reading: target } = row;
    const name = `${at + 1} ${row.shown}`;
    if (target.outcome === 'failed') {
      const { message, hint } = target.failure.error;
      const failed = `${name}  does not answer: ${shown(message)}`;
      return hint === undefined ? [failed] : [failed, `      ${shown(hint)}`];
    }
    return [`${name}  ${row.brandShown}  ${counted(row.nodes, 'node')}, ${countWords(row.counts)}`];
  });
  for (const { severity, words } of attentionOf(tables))
    lines.push(severity === 'bad' || severity === 'warning' ? `! ${words}` : words);
  if (tables.nodes.length > 0) lines.push('', ...plainTable(tables.nodes, OVERVIEW_COLUMNS, tables));
  if (tables.paths.length > 0) lines.push('', ...plainTable(tables.paths, PATH_COLUMNS, tables));
  if (tables.disagreements.length > 0) lines.push('', ...tables.disagreements.map(({ shown: words }) => `! ${words}`));
  return lines;
}

/** A name that is longer would push all columns out of sight; in JSON it stands whole. */
const WIDEST_COLUMN = 60;

/** Every column as wide as its widest cell; the last one has room for all that it says. */
function plainTable<R extends Row>(rows: readonly R[], columns: readonly Column<R>[], tables: Tables): string[] {
  const context: CellContext = { tables, nowMs: tables.atMs, isNarrow: false };
  const cells = columns
    .filter((column) => column.when?.(tables) !== false)
    .map((column, at, { length }) => {
      const texts = [column.title, ...rows.map((row) => column.cell(row, context).text)];
      const widest = texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0);
      const width = at === length - 1 ? widest : Math.min(widest, WIDEST_COLUMN);
      return texts.map((text) => toWidth(text, width, column.align));
    });
  return Array.from({ length: rows.length + 1 }, (_, at) =>
    cells
      .map((column) => column[at] ?? '')
      .join('  ')
      .trimEnd(),
  );
}
