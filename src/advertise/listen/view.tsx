import { Box, render, Text } from 'ink';
import type { ReactElement } from 'react';
import { type Cell, type Picture, remarksOf, type Shade, tableOf } from './picture.ts';
import { count, dangerLine, spanWords } from './words.ts';

interface ViewProps {
  readonly picture: Picture;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Rows of the terminal. */
  readonly rows: number;
  readonly color: boolean;
}

const MAX_COLUMNS = 180;
/** Newest events; their rows are always there, so that nothing moves. */
const EVENT_ROWS = 6;
const LEAST_EVENT_ROWS = 2;
const MAX_DANGERS = 3;
/** Title, numbers, header of the table and three empty rows. */
const FRAME_ROWS = 6;

/** How the rows of a terminal are shared: every balancer and remark if there is room, and always some events. */
function share(rows: number, balancers: number, remarks: number): { table: number; remarks: number; events: number } {
  // Ink redraws in place only what is lower than the terminal.
  let left = Math.max(0, rows - 1 - FRAME_ROWS);
  const take = (wanted: number): number => {
    const taken = Math.max(0, Math.min(wanted, left));
    left -= taken;
    return taken;
  };
  const leastEvents = take(LEAST_EVENT_ROWS);
  const table = take(Math.max(1, Math.min(balancers, Math.ceil(left * 0.6))));
  const remarkRows = take(remarks);
  const events = leastEvents + take(EVENT_ROWS - LEAST_EVENT_ROWS);
  return { table: table + take(balancers - table), remarks: remarkRows, events };
}

export function ListenView({ picture, columns, rows, color }: ViewProps): ReactElement {
  const width = Math.min(columns, MAX_COLUMNS);
  const dangers = picture.dangers.slice(-MAX_DANGERS);
  const remarks = remarksOf(picture);
  const shown = share(rows - dangers.length, picture.balancers.length, remarks.length);
  const table = tableOf(picture, width, shown.table);
  const events = Array.from({ length: shown.events }, (_, row) => picture.events.at(row - shown.events));
  return (
    <Box flexDirection="column" width={width}>
      <Text wrap="truncate">
        <Text bold>mcmp advertise listen</Text>
        {`   ${picture.where}`}
      </Text>
      <Text wrap="truncate" dimColor={color}>
        {count(picture.received, 'datagram')}, {picture.dropped} dropped, {spanWords(picture.elapsedMs)}
        {picture.silence === undefined
          ? `${picture.hasKey ? ', checked with the key' : ', checked without a key'}   Ctrl-C ends it`
          : '   Ctrl-C prints causes and commands in full'}
      </Text>
      {dangers.map((danger) => (
        <Text
          key={danger.source}
          wrap="truncate"
          {...(color ? { color: 'white', backgroundColor: 'red', bold: true } : {})}
        >
          {dangerLine(danger)}
        </Text>
      ))}
      <Text> </Text>
      <Text wrap="truncate" dimColor={color}>
        {table.header}
      </Text>
      {table.rows.map((cells, row) => (
        <Row key={`row ${String(row)}`} cells={cells} color={color} />
      ))}
      {table.more > 0 ? <Text dimColor={color}>and {count(table.more, 'more balancer')}</Text> : null}
      {picture.balancers.length === 0 ? (
        <Text dimColor={color}>{picture.silence === undefined ? 'nothing heard yet' : 'nothing heard'}</Text>
      ) : null}
      <Text> </Text>
      {remarks.slice(0, shown.remarks).map(({ text, shade }, row) => (
        <Text key={`remark ${String(row)}`} wrap="truncate" {...paint(shade, color)}>
          {text}
        </Text>
      ))}
      {shown.remarks > 0 ? <Text> </Text> : null}
      {events.map((event, row) => (
        <Text key={`event ${String(row)}`} wrap="truncate" dimColor={color}>
          {event ?? ' '}
        </Text>
      ))}
    </Box>
  );
}

function Row({ cells, color }: { readonly cells: readonly Cell[]; readonly color: boolean }): ReactElement {
  return (
    <Text wrap="truncate">
      {cells.map(({ text, shade }, index) => (
        <Text key={`cell ${String(index)}`} {...paint(shade, color)}>
          {index === 0 ? text : `  ${text}`}
        </Text>
      ))}
    </Text>
  );
}

const TINTS: Readonly<Record<Exclude<Shade, 'quiet'>, string>> = {
  fine: 'green',
  info: 'cyan',
  warning: 'yellow',
  error: 'red',
  danger: 'red',
};

function paint(shade: Shade | undefined, color: boolean): { color?: string; bold?: boolean; dimColor?: boolean } {
  if (shade === undefined || !color) return {};
  if (shade === 'quiet') return { dimColor: true };
  return { color: TINTS[shade], ...(shade === 'danger' ? { bold: true } : {}) };
}

/** A picture on the terminal that can be replaced. */
export interface LiveTable {
  update(picture: Picture): void;
  /** Leaves the last picture where it is. */
  close(): void;
}

export function openTable(first: Picture, color: boolean): LiveTable {
  const draw = (picture: Picture): ReactElement => (
    <ListenView
      picture={picture}
      columns={process.stdout.columns || 80}
      rows={process.stdout.rows || 24}
      color={color}
    />
  );
  // Ctrl-C stays a signal: the command line decides what it means.
  const instance = render(draw(first), { exitOnCtrlC: false, patchConsole: false, maxFps: 10 });
  return {
    update: (picture) => instance.rerender(draw(picture)),
    close: () => instance.unmount(),
  };
}
