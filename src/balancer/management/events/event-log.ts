import { printJson } from '../route.ts';

/** As many events can be read again by whoever was cut off, */
const MOST_EVENTS = 10_000;
/** and as many bytes of them. */
const MOST_BYTES = 8 * 1024 * 1024;

/** One event as the stream carries it, made once for all readers. */
export interface LoggedEvent {
  readonly sequence: number;
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * The latest events in their order. Nothing is kept before somebody has asked for the first id: until then nobody can ask
 * for what came since.
 */
export interface EventLog {
  /** Whether events are kept. */
  readonly begun: boolean;
  /** `<incarnation>-<sequence>` of the last event; from now on events are kept. */
  lastId(): string;
  /** Sequence of the last event. */
  readonly last: number;
  add(type: string, data: object): void;
  /** So much has happened that nobody shall read it event by event. */
  skip(): void;
  /** The event of that sequence; undefined when it is not kept any more, or has not happened yet. */
  at(sequence: number): LoggedEvent | undefined;
  /**
   * Behind which event somebody who knows an id goes on.
   * @returns undefined when that is not kept any more, or is of another incarnation, or no id at all
   */
  sequenceOf(id: string): number | undefined;
  idOf(sequence: number): string;
}

/** @param incarnation digits; another after each start of the balancer */
export function createEventLog(incarnation: string): EventLog {
  const ring: (LoggedEvent | undefined)[] = [];
  let begun = false;
  let last = 0;
  let oldest = 1;
  let bytes = 0;
  const idOf = (sequence: number): string => `${incarnation}-${sequence}`;
  const dropOldest = (): void => {
    bytes -= ring[oldest % MOST_EVENTS]?.bytes.length ?? 0;
    ring[oldest % MOST_EVENTS] = undefined;
    oldest++;
  };
  return {
    get begun() {
      return begun;
    },
    get last() {
      return last;
    },
    lastId() {
      begun = true;
      return idOf(last);
    },
    add(type, data) {
      last++;
      if (last - oldest >= MOST_EVENTS) dropOldest();
      const event = { sequence: last, type, bytes: Buffer.from(eventText(type, printJson(data), idOf(last))) };
      ring[last % MOST_EVENTS] = event;
      bytes += event.bytes.length;
      while (bytes > MOST_BYTES) dropOldest();
    },
    skip() {
      last++;
      while (oldest <= last) dropOldest();
    },
    at(sequence) {
      const event = ring[sequence % MOST_EVENTS];
      return event?.sequence === sequence ? event : undefined;
    },
    sequenceOf(id) {
      const [, of = '', digits = ''] = /^([0-9]{1,20})-([0-9]{1,15})$/.exec(id) ?? [];
      const sequence = Number(digits);
      return of === incarnation && digits !== '' && sequence >= oldest - 1 && sequence <= last ? sequence : undefined;
    },
    idOf,
  };
}

/**
 * An event in the words of the stream (WHATWG HTML, section 9.2).
 *
 * @param json without line breaks
 * @param id with which its reader may come back; undefined: with that of the event before
 */
export function eventText(type: string, json: string, id?: string): string {
  const text = `event: ${type}\ndata: ${json}\n\n`;
  return id === undefined ? text : `id: ${id}\n${text}`;
}
