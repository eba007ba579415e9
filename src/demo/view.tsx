import { Box, render, Text } from 'ink';
import type { ReactElement } from 'react';
import type { DemoAddresses, DemoSnapshot, NodeCondition, NodeSnapshot } from './demo.ts';
import { bar, CONDITION_WORDS, commandsToTry, counted, grouped, movedWords, seconds } from './text.ts';

interface ViewProps {
  readonly addresses: DemoAddresses;
  readonly snapshot: DemoSnapshot;
  /** Columns of the terminal. */
  readonly columns: number;
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

/** Events shown; the rows are always there, so that nothing below them moves. */
const EVENT_ROWS = 5;
/** What stands beside the bar of a node. */
const NODE_TEXT_COLUMNS = 48;
const MAX_COLUMNS = 100;

/** The whole picture: 21 rows, which leaves a terminal of 24 room for its prompt. Ink redraws in place only below that. */
export function DemoView({ addresses, snapshot, columns, color }: ViewProps): ReactElement {
  const width = Math.min(columns, MAX_COLUMNS);
  const moved = movedWords(addresses);
  const events = Array.from({ length: EVENT_ROWS }, (_, row) => snapshot.events.at(row - EVENT_ROWS));
  return (
    <Box flexDirection="column" width={width}>
      <Text wrap="truncate">
        <Text bold>mcmp demo</Text>
        {'   web '}
        <Text {...tint('cyan', color)}>{addresses.web}</Text>
        {'   MCMP '}
        <Text {...tint('cyan', color)}>{addresses.mcmp}</Text>
      </Text>
      <Text wrap="truncate" dimColor={color}>
        {moved === '' ? 'three nodes, twelve visitors; half of them keep their session' : moved}
      </Text>
      <Text> </Text>
      {snapshot.nodes.map((node) => (
        <NodeRow key={node.route} node={node} barColumns={Math.max(8, width - NODE_TEXT_COLUMNS)} color={color} />
      ))}
      <Text> </Text>
      <Text wrap="truncate">
        {grouped(snapshot.requests)} requests, {Math.round(snapshot.perSecond)}/s,{' '}
        {counted(snapshot.sessionsMoved, 'session moved', 'sessions moved')}
        {'   '}
        <Text bold {...tint(snapshot.failed === 0 ? 'green' : 'red', color)}>
          failed: {snapshot.failed}
        </Text>
        {snapshot.lastFailure === '' ? '' : ` (${snapshot.lastFailure})`}
      </Text>
      <Text wrap="truncate" dimColor={color}>
        next: {snapshot.next.words} in {seconds(snapshot.next.inMs + 999)}
      </Text>
      <Text> </Text>
      {events.map((event, row) => (
        <Text key={`row ${String(row)}`} wrap="truncate">
          {event === undefined ? ' ' : `${seconds(event.atMs).padStart(6)}  ${event.words}`}
        </Text>
      ))}
      <Text> </Text>
      <Text>Try in another terminal:</Text>
      {commandsToTry(addresses).map(({ command }) => (
        <Text key={command} wrap="truncate">
          {'  '}
          <Text {...tint('cyan', color)}>{command}</Text>
        </Text>
      ))}
      <Text dimColor={color}>Ctrl-C ends it and leaves nothing behind.</Text>
    </Box>
  );
}

function NodeRow({
  node,
  barColumns,
  color,
}: {
  readonly node: NodeSnapshot;
  readonly barColumns: number;
  readonly color: boolean;
}): ReactElement {
  const shade = tint(TINTS[node.condition], color);
  return (
    <Text wrap="truncate">
      {node.route}{' '}
      <Text {...shade}>
        {CONDITION_WORDS[node.condition].padEnd(8)} {bar(node.share, barColumns).padEnd(barColumns)}
      </Text>
      {`${Math.round(node.share * 100)}%`.padStart(5)}
      {`${node.perSecond.toFixed(0)}/s`.padStart(6)}
      {`  load ${String(node.load).padStart(3)}`}
      {grouped(node.requests).padStart(9)}
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

export function openView(addresses: DemoAddresses, first: DemoSnapshot, color: boolean): LiveView {
  const picture = (snapshot: DemoSnapshot): ReactElement => (
    <DemoView addresses={addresses} snapshot={snapshot} columns={process.stdout.columns ?? 80} color={color} />
  );
  // Ctrl-C stays a signal: the command line decides what it means.
  const instance = render(picture(first), {
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: 10,
    incrementalRendering: true,
  });
  return {
    update: (snapshot) => instance.rerender(picture(snapshot)),
    close: () => instance.unmount(),
  };
}
