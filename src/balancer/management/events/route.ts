import { headerValue } from '../../../core/http/find-header.ts';
import { closestName } from '../../../core/suggest.ts';
import type { Shared } from '../../shared.ts';
import { readQuery } from '../query.ts';
import { errorOf, type ManagementRoute, type WholeAnswer } from '../route.ts';
import type { Slices } from '../slices.ts';
import type { EventLog } from './event-log.ts';
import { type Beginning, EventReader } from './reader.ts';
import { EVENT_TYPES, recordEvents } from './record.ts';

const MOST_READERS = 64;
const TYPE_NAMES: readonly string[] = Object.keys(EVENT_TYPES);

export interface EventsRoute extends ManagementRoute {
  /** How many read at the moment. */
  readonly readerCount: number;
}

/** `GET /api/v1/events`: the state, and then each change of it, as server-sent events (WHATWG HTML, section 9.2). */
export function createEventsRoute(shared: Shared, log: EventLog, slices: Slices): EventsRoute {
  const readers = new Set<EventReader>();
  let readersWait = false;
  recordEvents(shared, log, () => {
    if (readersWait || readers.size === 0) return;
    readersWait = true;
    // What happens in one turn of the event loop is written together.
    setImmediate(() => {
      readersWait = false;
      for (const reader of readers) reader.read();
    });
  });
  return {
    get readerCount() {
      return readers.size;
    },
    methods: ['GET'],
    describe:
      'server-sent events: the state, then each change; ?types=node-state,... chooses, ?from=now leaves the state out',
    answer({ query, head }) {
      const read = readQuery(query, ['types', 'from', 'lastEventId']);
      if ('kind' in read) return read;
      const types = typesOf(read.get('types') ?? []);
      if (types !== undefined && 'kind' in types) return types;
      const beginning = beginningOf(log, read, headerValue(head, 'last-event-id'));
      if (beginning.kind === 'whole') return beginning;
      if (readers.size >= MOST_READERS) {
        const error = `${MOST_READERS} readers of events are connected already`;
        const hint = 'End one of them, such as a forgotten curl, or ask for /api/v1/state.';
        return errorOf(503, { code: 'MCMP_TOO_MANY_READERS', error, hint }, [['Retry-After', '5']]);
      }
      return {
        kind: 'stream',
        headers: [
          ['Content-Type', 'text/event-stream'],
          ['Cache-Control', 'no-store'],
          ['X-Content-Type-Options', 'nosniff'],
          // Proxies of the nginx kind keep back what they think is a page.
          ['X-Accel-Buffering', 'no'],
        ],
        start(stream) {
          const onOver = (): void => {
            readers.delete(reader);
          };
          const reader = new EventReader({ shared, log, slices, stream, types, onOver }, beginning);
          readers.add(reader);
          return reader;
        },
      };
    },
  };
}

function typesOf(lists: readonly string[]): ReadonlySet<string> | undefined | WholeAnswer {
  const names = lists.flatMap((list) => list.split(',')).filter((name) => name !== '');
  if (lists.length === 0) return undefined;
  const unknown = names.find((name) => !TYPE_NAMES.includes(name));
  if (unknown === undefined && names.length > 0) return new Set(names);
  const meant = closestName((unknown ?? '').slice(0, 100), TYPE_NAMES);
  return errorOf(400, {
    code: 'MCMP_BAD_QUERY',
    error: unknown === undefined ? 'types names no type' : `there is no type of event "${unknown.slice(0, 100)}"`,
    hint: meant === undefined ? `There are: ${TYPE_NAMES.join(', ')}.` : `Did you mean ${meant}?`,
  });
}

/**
 * A browser that reconnects sends the header by itself, to the same address: so the header counts before what the address
 * says.
 */
function beginningOf(
  log: EventLog,
  query: ReadonlyMap<string, readonly string[]>,
  header: string,
): Beginning | WholeAnswer {
  const [from] = query.get('from') ?? [];
  if (from !== undefined && from !== 'now') {
    const hint = 'Leave it out to get the state first.';
    return errorOf(400, { code: 'MCMP_BAD_QUERY', error: 'from is only ever "now"', hint });
  }
  const id = header === '' ? (query.get('lastEventId')?.[0] ?? '') : header;
  const isFirst = id === '';
  if (isFirst && from === undefined) return { kind: 'snapshot' };
  // Asked for before anything is kept, so that all is kept from now on.
  const now = log.lastId();
  const sequence = log.sequenceOf(isFirst ? now : id);
  if (sequence !== undefined) return { kind: 'behind', sequence };
  return { kind: 'reset', reason: 'the last event that was read is not kept any more, or is of another start' };
}
