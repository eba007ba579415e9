import type { Log } from '../types.ts';
import type { Destination } from './destination.ts';

/** A batch that has no room for the next line is written without waiting for the next tick. */
const BATCH_BYTES = 64 * 1024;
const MOST_SPARE_BUFFERS = 8;
/** What may wait for a slow disk or reader; lines beyond that are left out. */
export const MOST_WAITING_BYTES = 8 * 1024 * 1024;

interface Batch {
  readonly buffer: Buffer;
  readonly bytes: number;
  readonly lines: number;
}

/** Lines on their way to a destination: gathered, and written in batches, one behind the other. */
export class Batches {
  /** Lines that were left out because too many were waiting, or that could not be written. */
  lostLines = 0;
  readonly #destination: Destination;
  readonly #log: Log;
  readonly #mostWaitingBytes: number;
  /** Where lines are gathered: each is printed into it at once, since joined strings are costly when other work comes between. */
  #buffer: Buffer = Buffer.allocUnsafeSlow(BATCH_BYTES);
  #bytes = 0;
  #lines = 0;
  readonly #spareBuffers: Buffer[] = [];
  /** Full batches, the oldest first. */
  #full: Batch[] = [];
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
    if (this.#waitingBytes + this.#bytes > this.#mostWaitingBytes) {
      this.#lose(1, 'they are not taken as fast as they come');
      return;
    }
    if (line.length > BATCH_BYTES - this.#bytes) this.#fill();
    if (line.length > BATCH_BYTES) {
      this.#queue({ buffer: Buffer.from(line, 'latin1'), bytes: line.length, lines: 1 });
      return;
    }
    this.#bytes += this.#buffer.write(line, this.#bytes, 'latin1');
    this.#lines++;
  }

  /** Writes what there is, unless an earlier batch is still being written. To be called now and then. */
  flush(): void {
    if (!this.#writing) this.#fill();
  }

  /** Takes no more lines. Resolves when all lines so far are written, or lost. */
  close(): Promise<void> {
    this.#closed = true;
    this.#fill();
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  #fill(): void {
    if (this.#bytes === 0) return;
    const batch = { buffer: this.#buffer, bytes: this.#bytes, lines: this.#lines };
    this.#buffer = this.#spareBuffers.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES);
    this.#bytes = 0;
    this.#lines = 0;
    this.#queue(batch);
  }

  #queue(batch: Batch): void {
    this.#full.push(batch);
    this.#waitingBytes += batch.buffer.length;
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
    const { buffer } = batch;
    this.#destination.write(buffer.subarray(0, batch.bytes), (error) => {
      this.#writing = false;
      this.#waitingBytes -= buffer.length;
      if (buffer.length === BATCH_BYTES && this.#spareBuffers.length < MOST_SPARE_BUFFERS) {
        this.#spareBuffers.push(buffer);
      }
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
