import type { Log } from '../types.ts';
import type { Destination } from './destination.ts';

/** A batch that is as large as this is written without waiting for the next tick. */
const BATCH_BYTES = 64 * 1024;
/** What may wait for a slow disk or reader; lines beyond that are left out. */
export const MOST_WAITING_BYTES = 8 * 1024 * 1024;

/** Lines on their way to a destination: gathered, and written in batches, one behind the other. */
export class Batches {
  /** Lines that were left out because too many were waiting, or that could not be written. */
  lostLines = 0;
  readonly #destination: Destination;
  readonly #log: Log;
  readonly #mostWaitingBytes: number;
  /** ASCII, so its length is bytes. */
  #text = '';
  #lines = 0;
  /** Full batches, the oldest first. */
  #full: { readonly bytes: Buffer; readonly lines: number }[] = [];
  /** In full batches, the one that is being written included. */
  #waitingBytes = 0;
  #writing = false;
  /** Lines are being lost: said already. */
  #losing = false;
  #whenEmpty: (() => void)[] = [];
  #closed = false;

  constructor(destination: Destination, log: Log, mostWaitingBytes = MOST_WAITING_BYTES) {
    this.#destination = destination;
    this.#log = log;
    this.#mostWaitingBytes = mostWaitingBytes;
  }

  /** @param line ASCII, with its line end */
  add(line: string): void {
    if (this.#closed) return;
    if (this.#waitingBytes + this.#text.length > this.#mostWaitingBytes) {
      this.#lose(1, 'they are not taken as fast as they come');
      return;
    }
    this.#text += line;
    this.#lines++;
    if (this.#text.length >= BATCH_BYTES) this.#fill();
  }

  /** Writes what there is, unless an earlier batch is still being written. To be called now and then. */
  flush(): void {
    if (!this.#writing && this.#text !== '') this.#fill();
  }

  /** Takes no more lines. Resolves when all lines so far are written, or lost. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#text !== '') this.#fill();
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  #fill(): void {
    const bytes = Buffer.from(this.#text, 'latin1');
    this.#full.push({ bytes, lines: this.#lines });
    this.#waitingBytes += bytes.length;
    this.#text = '';
    this.#lines = 0;
    this.#next();
  }

  #next(): void {
    if (this.#writing) return;
    const batch = this.#full.shift();
    if (batch === undefined) {
      for (const told of this.#whenEmpty.splice(0)) told();
      return;
    }
    this.#writing = true;
    this.#destination.write(batch.bytes, (error) => {
      this.#writing = false;
      this.#waitingBytes -= batch.bytes.length;
      if (error !== null) this.#lose(batch.lines, error.message);
      else if (this.#full.length === 0) this.#wellAgain();
      this.#next();
    });
  }

  #lose(lines: number, problem: string): void {
    this.lostLines += lines;
    if (this.#losing) return;
    this.#losing = true;
    this.#log.warn('Lines of the access log are lost', { file: this.#destination.name, problem });
  }

  #wellAgain(): void {
    if (!this.#losing) return;
    this.#losing = false;
    this.#log.info('The access log is written again', {
      file: this.#destination.name,
      lostLinesSinceStart: this.lostLines,
    });
  }
}
