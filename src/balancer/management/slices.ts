import type { AnswerStream } from './route.ts';

/** How long one slice may hold the event loop. */
const SLICE_MS = 5;
/** Pieces are sent together up to this size, in characters. */
const WRITE_AT_CHARACTERS = 32 * 1024;
/** What a reader may have before it; with more, its document waits for it. */
const MOST_UNREAD_BYTES = 256 * 1024;

/** Does something for a short while. Returns whether it wants another turn. */
type Job = () => boolean;

/**
 * Long documents of one balancer, made in slices: one slice of one of them in each turn of the event loop, so that many
 * readers hold requests up no more than one does.
 */
export class Slices {
  readonly #waiting: Job[] = [];
  #scheduled = false;

  add(job: Job): void {
    this.#waiting.push(job);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const job = this.#waiting.shift();
      if (job?.()) this.#waiting.push(job);
      this.#schedule();
    });
  }
}

export interface PieceWriterOptions {
  readonly stream: AnswerStream;
  readonly pieces: Iterator<string, void>;
  readonly slices: Slices;
  /** The last piece is written. */
  readonly onDone: () => void;
  /** The pieces could not be made, which is a bug: the stream is aborted. */
  readonly onFault: (error: unknown) => void;
}

/** Writes a document piece by piece, as fast as its reader takes it. */
export class PieceWriter {
  readonly #options: PieceWriterOptions;
  #over = false;
  #waitsForReader = false;

  constructor(options: PieceWriterOptions) {
    this.#options = options;
    options.slices.add(() => this.#run());
  }

  /** The reader took everything. */
  drained(): void {
    if (!this.#waitsForReader) return;
    this.#waitsForReader = false;
    this.#options.slices.add(() => this.#run());
  }

  /** The reader is gone. */
  stop(): void {
    this.#over = true;
  }

  #run(): boolean {
    if (this.#over) return false;
    try {
      return this.#writeSlice();
    } catch (error) {
      this.#over = true;
      this.#options.onFault(error);
      this.#options.stream.abort();
      return false;
    }
  }

  #writeSlice(): boolean {
    const { stream, pieces, onDone } = this.#options;
    const endMs = performance.now() + SLICE_MS;
    let text = '';
    do {
      const { value, done } = pieces.next();
      if (done === true) {
        this.#over = true;
        stream.write(text);
        onDone();
        return false;
      }
      text += value;
      if (text.length < WRITE_AT_CHARACTERS) continue;
      stream.write(text);
      text = '';
      if (stream.unreadBytes > MOST_UNREAD_BYTES) {
        this.#waitsForReader = true;
        return false;
      }
    } while (performance.now() < endMs);
    stream.write(text);
    return true;
  }
}
