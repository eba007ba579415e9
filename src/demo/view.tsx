import { Box, render, Text } from 'ink';
import type { ReactElement } from 'react';
import type { DemoAddresses, DemoSnapshot, NodeCondition, NodeSnapshot } from './demo.ts';
import { bar, CONDITION_WORDS, commandsToTry, counted, grouped, movedWords, seconds } from './text.ts';

interface ViewProps {
  readonly addresses: DemoAddresses;
  /** How a user calls this program. */
  readonly program: string;
  readonly snapshot: DemoSnapshot;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Rows of the terminal. */
  readonly rows: number;
  readonly color: boolean;
}

type Tint = 'green' | 'yellow' | 'red' | 'gray' | 'cyan';

const TINTS: Readonly<Record<NodeCondition, Tint>> = {
  starting: 'cyan',
  up: 'green',
  leaving: 'yellow',
  gone: 'gray',
  killed: 'red',
};

/** Most events shown; the rows are always there, so that nothing below them moves. */
const EVENT_ROWS = 5;
/** What stands beside the bar of a node, and how much of it there is on a narrow terminal. */
const NODE_TEXT_COLUMNS = 48;
const NARROW_NODE_TEXT_COLUMNS = 27;
const LEAST_BAR_COLUMNS = 8;
const MAX_COLUMNS = 100;
/** Title, nodes, what was lost, what is next: what a picture is made of at least, beside a row for each node. */
const BARE_ROWS = 3;

/** What has room in a terminal, in the order in which it is given up: empty rows, the subtitle, events, commands. */
function layout(rows: number, nodeCount: number): Layout {
  // Ink redraws in place only what is lower than the terminal; anything else it scrolls away, history and all.
  let left = rows - 1 - BARE_ROWS - nodeCount;
  const take = (wanted: number): number => {
    const taken = Math.max(0, Math.min(wanted, left));
    left -= taken;
    return taken;
  };
  const commands = left >= COMMAND_ROWS && take(COMMAND_ROWS) > 0;
  const ending = take(1) > 0;
  const events = take(EVENT_ROWS);
  const subtitle = take(1) > 0;
  return { commands, ending, events, subtitle, gaps: left >= GAP_ROWS };
}

/** The commands to try, and the line above them. */
const COMMAND_ROWS = 4;
const GAP_ROWS = 4;

interface Layout {
  readonly commands: boolean;
  readonly ending: boolean;
  readonly events: number;
  readonly subtitle: boolean;
  readonly gaps: boolean;
}

/** The whole picture: 21 rows, or fewer where the terminal is lower. */
export function DemoView({ addresses, program, snapshot, columns, rows, color }: ViewProps): ReactElement {
  const width = Math.min(columns, MAX_COLUMNS);
  const moved = movedWords(addresses);
  const shown = layout(rows, snapshot.nodes.length);
  const gap = shown.gaps ? <Text> </Text> : null;
  const events = Array.from({ length: shown.events }, (_, row) => snapshot.events.at(row - shown.events));
  return (
    <Box flexDirection="column" width={width}>
      <Text wrap="truncate">
        <Text bold>mcmp demo</Text>
        {'   web '}
        <Text {...tint('cyan', color)}>{addresses.web}</Text>
        {'   MCMP '}
        <Text {...tint('cyan', color)}>{addresses.mcmp}</Text>
      </Text>
      {shown.subtitle ? (
        <Text wrap="truncate" dimColor={color}>
          {moved === '' ? 'three nodes, twelve visitors; half of them keep their session' : moved}
        </Text>
      ) : null}
      {gap}
      {snapshot.nodes.map((node) => (
        <NodeRow key={node.route} node={node} width={width} color={color} />
      ))}
      {gap}
      <Text wrap="truncate">
        {grouped(snapshot.requests)} requests, {Math.round(snapshot.perSecond)}/s{'   '}
        <Text bold {...tint(snapshot.failed === 0 ? 'green' : 'red', color)}>
          failed: {snapshot.failed}
        </Text>
        {snapshot.lastFailure === '' ? '' : ` (${snapshot.lastFailure})`}
        {'   '}
        {counted(snapshot.sessionsMoved, 'session moved', 'sessions moved')}
      </Text>
      <Text wrap="truncate" dimColor={color}>
        next: {snapshot.next.words} in {seconds(snapshot.next.inMs + 999)}
      </Text>
      {gap}
      {events.map((event, row) => (
        <Text key={`row ${String(row)}`} wrap="truncate">
          {event === undefined ? ' ' : `${seconds(event.atMs).padStart(6)}  ${event.words}`}
        </Text>
      ))}
      {gap}
      {shown.commands ? <Text wrap="truncate">Try in another terminal:</Text> : null}
      {shown.commands
        ? commandsToTry(addresses, program).map(({ command }) => (
            <Text key={command} wrap="truncate">
              {'  '}
              <Text {...tint('cyan', color)}>{command}</Text>
            </Text>
          ))
        : null}
      {shown.ending ? (
        <Text wrap="truncate" dimColor={color}>
          Ctrl-C ends it; nothing stays behind.
        </Text>
      ) : null}
    </Box>
  );
}

function NodeRow({
  node,
  width,
  color,
}: {
  readonly node: NodeSnapshot;
  readonly width: number;
  readonly color: boolean;
}): ReactElement {
  const shade = tint(TINTS[node.condition], color);
  const isNarrow = width < NODE_TEXT_COLUMNS + LEAST_BAR_COLUMNS;
  const barColumns = Math.max(LEAST_BAR_COLUMNS, width - (isNarrow ? NARROW_NODE_TEXT_COLUMNS : NODE_TEXT_COLUMNS));
  return (
    <Text wrap="truncate">
      {node.route}{' '}
      <Text {...shade}>
        {CONDITION_WORDS[node.condition].padEnd(8)} {bar(node.share, barColumns).padEnd(barColumns)}
      </Text>
      {`${Math.round(node.share * 100)}%`.padStart(5)}
      {`${node.perSecond.toFixed(0)}/s`.padStart(6)}
      {isNarrow ? '' : `  load ${String(node.load).padStart(3)}${grouped(node.requests).padStart(9)}`}
    </Text>
  );
}

function tint(name: Tint, color: boolean): { color?: Tint } {
  return color ? { color: name } : {};
}

/** A picture on the terminal that can be replaced. */
export interface LiveView {
  update(snapshot: DemoSnapshot): void;
  /** Leaves the last picture where it is. */
  close(): void;
}

export function openView(addresses: DemoAddresses, program: string, first: DemoSnapshot, color: boolean): LiveView {
  const picture = (snapshot: DemoSnapshot): ReactElement => (
    <DemoView
      addresses={addresses}
      program={program}
      snapshot={snapshot}
      columns={process.stdout.columns || 80}
      rows={process.stdout.rows || 24}
      color={color}
    />
  );
  // Ctrl-C stays a signal: the command line decides what it means.
  // Whole frames: Ink 6.8 draws changed lines alone one row too low, and the picture walks down the screen.
  const instance = render(picture(first), { exitOnCtrlC: false, patchConsole: false, maxFps: 10 });
  return {
    update: (snapshot) => instance.rerender(picture(snapshot)),
    close: () => instance.unmount(),
  };
}
