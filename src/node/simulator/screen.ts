import type { Log, LogFields } from '../../observe/types.ts';
import { changeLines, type Paint, type Telling } from './change-lines.ts';
import { type NodeDocument, SCHEMA_VERSION } from './documents.ts';
import { fleetLines } from './node-table.ts';

/** Beyond them, the table has to do. */
const MAX_TROUBLES = 5;

/** Where a simulator shows itself. */
export interface SimulatorScreen {
  /** Documents instead of lines. */
  readonly json: boolean;
  line(text: string): void;
  document(document: { readonly schemaVersion: number; readonly [key: string]: unknown }): void;
  readonly paint: Paint;
  readonly log: Log;
  /** A line that no log level hides. */
  readonly notice: (message: string, fields?: LogFields) => void;
  readonly progress: {
    show(text: string, message: string, fields: LogFields): void;
    clear(): void;
  };
}

/** Shows how all nodes stand, and that they are there. */
export function showNodes(nodes: readonly NodeDocument[], control: string | undefined, screen: SimulatorScreen): void {
  const balancers = [...new Set(nodes.flatMap((node) => node.balancers.map(({ balancer }) => balancer)))];
  const isRegistered = ({ balancers }: NodeDocument): boolean =>
    balancers.length > 0 && balancers.every(({ state }) => state === 'registered');
  const registered = nodes.filter(isRegistered).length;
  const counts = { nodes: nodes.length, registered };
  if (screen.json) {
    const ready = { event: 'ready', ...counts, balancers, control: control ?? null };
    screen.document({ schemaVersion: SCHEMA_VERSION, ...ready });
    for (const node of nodes) screen.document({ schemaVersion: SCHEMA_VERSION, event: 'node', ...node });
  } else {
    for (const line of fleetLines(nodes)) screen.line(line);
  }
  sayWhoIsAway(nodes, screen);
  const { notice } = screen;
  notice('ready', { ...counts, balancers: balancers.join(','), ...(control === undefined ? {} : { control }) });
}

/** Balancers that are not there yet are part of a node's life; it is said once for each reason, not for each node. */
function sayWhoIsAway(nodes: readonly NodeDocument[], { log }: SimulatorScreen): void {
  const troubles = new Map<string, { readonly balancer: string; readonly reason: string; nodes: number }>();
  const reached = new Set<string>();
  for (const { balancer, state, reason } of nodes.flatMap(({ balancers }) => balancers)) {
    if (state === 'registered') {
      reached.add(balancer);
      continue;
    }
    const key = JSON.stringify([balancer, reason]);
    const trouble = troubles.get(key) ?? { balancer, reason: reason === '' ? 'no answer yet' : reason, nodes: 0 };
    trouble.nodes += 1;
    troubles.set(key, trouble);
  }
  for (const trouble of [...troubles.values()].slice(0, MAX_TROUBLES)) {
    if (reached.has(trouble.balancer)) log.warn('nodes are not registered here yet; they keep trying', { ...trouble });
    else log.warn('no node is registered here yet; they keep trying until the balancer is there', { ...trouble });
  }
}

export function showChanges(tellings: readonly Telling[], screen: SimulatorScreen): void {
  const now = new Date();
  if (screen.json) {
    const time = now.toISOString();
    for (const telling of tellings) {
      screen.document({ schemaVersion: SCHEMA_VERSION, event: 'change', time, ...telling });
    }
    return;
  }
  for (const line of changeLines(now, tellings, screen.paint)) screen.line(line);
}

export interface EndWishes {
  /** Ends by itself after so long; undefined: when told to. */
  readonly durationMs: number | undefined;
  /** The wish to end; its reason is the name of a signal. */
  readonly stop: AbortSignal;
}

/** Resolves when the wish to end comes, or the time is over; says why. */
export function endOf({ stop, durationMs }: EndWishes): Promise<LogFields> {
  return new Promise((resolve) => {
    const timer = durationMs === undefined ? undefined : setTimeout(() => resolve({ duration: 'over' }), durationMs);
    const onAbort = (): void => {
      clearTimeout(timer);
      resolve({ signal: String(stop.reason) });
    };
    if (stop.aborted) onAbort();
    else stop.addEventListener('abort', onAbort, { once: true });
  });
}
