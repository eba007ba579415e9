import type { Shared } from '../../shared.ts';
import type { AnswerStream, StreamSource } from '../route.ts';
import { PieceWriter, type Slices } from '../slices.ts';
import { EVERYTHING, statePieces } from '../state.ts';
import { type EventLog, eventText } from './event-log.ts';

/** A comment now and then, so that nobody on the way takes the stream for dead. */
const SIGN_OF_LIFE_MS = 15_000;
const SIGN_OF_LIFE = 'nothing new';
/**
 * What a reader may have before it. What else happens meanwhile stays in the log, which all readers share, and when it is not
 * there any more either, the reader gets a new snapshot: it costs no more memory however slow it is.
 */
const MOST_UNREAD_BYTES = 256 * 1024;
const WRITE_AT_BYTES = 32 * 1024;

export interface ReaderOptions {
  readonly shared: Shared;
  readonly log: EventLog;
  readonly slices: Slices;
  readonly stream: AnswerStream;
  /** Undefined: all. */
  readonly types: ReadonlySet<string> | undefined;
  readonly onOver: () => void;
}

/** Where a reader begins: with everything, or behind an event. */
export type Beginning =
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'reset'; readonly reason: string }
  | { readonly kind: 'behind'; readonly sequence: number };

/** One reader of the events. */
export class EventReader implements StreamSource {
  readonly #options: ReaderOptions;
  /** The last event that it was given, or need not be given. */
  #sequence = 0;
  #snapshot: PieceWriter | null = null;
  #writtenMs: number;

  constructor(options: ReaderOptions, beginning: Beginning) {
    this.#options = options;
    this.#writtenMs = options.shared.clock.nowMs;
    if (beginning.kind === 'reset') this.#reset(beginning.reason);
    else if (beginning.kind === 'snapshot') this.#beginSnapshot();
    else {
      this.#sequence = beginning.sequence;
      this.#signOfLife();
      this.read();
    }
  }

  /** Gives the reader what it has not been given yet, as far as it takes it. */
  read(): void {
    try {
      if (this.#snapshot === null) this.#readLog();
    } catch (error) {
      this.#options.shared.onFault(error);
      this.#options.stream.abort();
    }
  }

  #readLog(): void {
    const { log, stream, types } = this.#options;
    let waiting: Buffer[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (bytes > 0)
        this.#write(waiting.length === 1 && waiting[0] !== undefined ? waiting[0] : Buffer.concat(waiting));
      waiting = [];
      bytes = 0;
    };
    while (this.#sequence < log.last && stream.unreadBytes <= MOST_UNREAD_BYTES) {
      const event = log.at(this.#sequence + 1);
      if (event === undefined) {
        flush();
        this.#reset('more has happened than is kept');
        return;
      }
      this.#sequence++;
      if (types !== undefined && !types.has(event.type)) continue;
      waiting.push(event.bytes);
      bytes += event.bytes.length;
      if (bytes >= WRITE_AT_BYTES) flush();
    }
    flush();
  }

  onDrained(): void {
    this.#snapshot?.drained();
    this.read();
  }

  onTick(nowMs: number): void {
    // A document has no place for comments, and is not silent.
    if (this.#snapshot === null && nowMs - this.#writtenMs >= SIGN_OF_LIFE_MS) this.#signOfLife();
  }

  onClosing(): void {
    this.read();
    this.#options.stream.end();
  }

  onOver(): void {
    this.#snapshot?.stop();
    this.#options.onOver();
  }

  /**
   * Without an id: who is cut off before the snapshot is complete comes back with the id that it had, and is told the same
   * again.
   */
  #reset(reason: string): void {
    this.#write(eventText('reset', JSON.stringify({ schemaVersion: 1, type: 'reset', reason })));
    this.#beginSnapshot();
  }

  #beginSnapshot(): void {
    const { shared, log, slices, stream, types } = this.#options;
    const id = log.lastId();
    this.#sequence = log.last;
    if (types !== undefined && !types.has('snapshot')) {
      this.#signOfLife();
      return;
    }
    this.#snapshot = new PieceWriter({
      stream,
      pieces: snapshotPieces(shared, id),
      slices,
      onDone: () => {
        this.#snapshot = null;
        this.#writtenMs = shared.clock.nowMs;
        this.read();
      },
      onFault: shared.onFault,
    });
  }

  /** No event, but an id to come back with: of what was filtered out, the reader need not be told again. */
  #signOfLife(): void {
    this.#write(`: ${SIGN_OF_LIFE}\nid: ${this.#options.log.idOf(this.#sequence)}\n\n`);
  }

  #write(data: string | Buffer): void {
    this.#writtenMs = this.#options.shared.clock.nowMs;
    this.#options.stream.write(data);
  }
}

function* snapshotPieces(shared: Shared, id: string): Generator<string, void> {
  yield `id: ${id}\nevent: snapshot\ndata: `;
  yield* statePieces(shared, EVERYTHING, id);
  yield '\n\n';
}
