import { escapeForTerminal } from '../../core/text.ts';
import type { ListenEvent, Silence } from './events.ts';
import type { Picture } from './picture.ts';
import type { ListenState } from './session.ts';
import { silenceLines } from './silence-text.ts';
import { ttlWords } from './ttl.ts';
import { openTable } from './view.tsx';
import { clockWords, dangerLine, datagramLine, joinedWords, probeLine, summaryLines } from './words.ts';

interface TableScreen {
  readonly color: boolean;
  line(text: string): void;
  loud(text: string): void;
}

const LOOK_INTERVAL_MS = 250;
/** Ages have to move on although nothing is heard; drawing is what an idle listener costs. */
const IDLE_REDRAW_MS = 2000;
const EMPTY_REDRAW_MS = 5000;
const EVENTS_KEPT = 20;

/** A live table of balancers. It is drawn four times a second at most, whatever is heard. */
export function createTableShow(screen: TableScreen): {
  readonly onEvent: (event: ListenEvent) => void;
  readonly onStart: (state: ListenState) => void;
} {
  const events: string[] = [];
  let where = '';
  let hasKey = false;
  let probes = false;
  let lastSilence: Silence | undefined;
  let end: () => void = () => undefined;

  return {
    onEvent(event) {
      if (event.kind === 'ready') {
        where = joinedWords(event.joined);
        hasKey = event.plan.key !== undefined;
        probes = event.plan.probe;
        return;
      }
      if (event.kind === 'silence') lastSilence = event.silence;
      if (event.kind === 'datagram' || event.kind === 'danger') lastSilence = undefined;
      if (event.kind === 'end') {
        end();
        // What had no room in the picture.
        if (lastSilence !== undefined) for (const text of silenceLines(lastSilence)) screen.line(text);
        for (const danger of event.summary.dangers) screen.loud(dangerLine(danger));
        for (const text of summaryLines(event.summary)) screen.line(text);
        return;
      }
      const text = eventLine(event);
      if (text === undefined) return;
      events.push(text);
      if (events.length > EVENTS_KEPT) events.shift();
    },
    onStart(state) {
      const look = (): Picture => {
        const { received, droppedHere, droppedByKernel } = state.counts();
        return {
          where,
          hasKey,
          probes,
          elapsedMs: state.elapsedMs(),
          received: received - state.ownDatagrams(),
          dropped: droppedHere + (droppedByKernel ?? 0),
          balancers: state.balancers().map((balancer) => ({ ...balancer, probe: state.probeOf(balancer) })),
          dangers: state.dangers(),
          groupFindings: state.groupFindings(),
          ttl: state.ttl(),
          silence: state.silence(),
          events,
          nowMs: Date.now(),
        };
      };
      const table = openTable(look(), screen.color);
      let drawnAtMs = performance.now();
      let told = 0;
      let silenceDrawn: Silence | undefined;
      const timer = setInterval(() => {
        const nowMs = performance.now();
        const handled = state.handled();
        const dueMs = state.balancers().length > 0 ? IDLE_REDRAW_MS : EMPTY_REDRAW_MS;
        if (handled === told && state.silence() === silenceDrawn && nowMs - drawnAtMs < dueMs) return;
        told = handled;
        silenceDrawn = state.silence();
        drawnAtMs = nowMs;
        table.update(look());
      }, LOOK_INTERVAL_MS);
      end = () => {
        clearInterval(timer);
        table.update(look());
        table.close();
      };
    },
  };
}

function eventLine(event: ListenEvent): string | undefined {
  const now = clockWords(Date.now());
  switch (event.kind) {
    case 'datagram':
      return datagramLine(event);
    case 'danger':
      return `${now}  ${dangerLine(event.danger)}`;
    case 'group':
      return `${now}  ${escapeForTerminal(event.finding.message)}  [${event.finding.id}]`;
    case 'ttl':
      return `${now}  ${ttlWords(event.finding)}`;
    case 'probe':
      return `${now}  ${probeLine(event.result).trim()}`;
    case 'silence':
      return `${now}  silence: looked for the causes`;
    case 'left-out':
      return `${now}  ${event.count} more datagrams, judged and not shown`;
    case 'ready':
    case 'end':
      return undefined;
  }
}
