import { escapeForTerminal } from '../core/text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  /** Byte strings are made readable before they come here. */
  readonly value: (row: Row) => string | number;
}

/** Rows under their titles, aligned, as lines; nothing of a peer can leave its cell. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map((column) => escapeForTerminal(String(column.value(row)))));
  const table = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, index) => Math.max(...table.map((line) => line[index]?.length ?? 0)));
  return table.map((line) =>
    line
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
