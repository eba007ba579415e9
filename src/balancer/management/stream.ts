import type { ClientConnection } from '../client-connection.ts';
import type { AnswerStream, StreamedAnswer, StreamSource } from './route.ts';

/**
 * A streamed answer on its way: frames what its source makes (RFC 9112 §7.1; for HTTP/1.0, which knows no chunks, the end
 * is the end of the connection), and tells the source what becomes of it.
 */
export class RunningStream implements AnswerStream {
  readonly #client: ClientConnection;
  readonly #onOver: () => void;
  readonly #chunked: boolean;
  #source: StreamSource | null = null;
  #over = false;

  /** @param onOver the response is complete or lost: the connection may go on */
  constructor(client: ClientConnection, onOver: () => void) {
    this.#client = client;
    this.#chunked = client.head.minorVersion === 1;
    this.#onOver = onOver;
  }

  start(answer: StreamedAnswer): void {
    const source = answer.start(this);
    // It may have been short: written and ended at once.
    if (this.#over) source.onOver();
    else this.#source = source;
  }

  get unreadBytes(): number {
    return this.#client.wire.pendingBytes;
  }

  write(data: string | Buffer): void {
    if (this.#over || data.length === 0) return;
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    const { wire } = this.#client;
    if (!this.#chunked) {
      wire.write(bytes);
      return;
    }
    wire.cork();
    wire.write(`${bytes.length.toString(16)}\r\n`);
    wire.write(bytes);
    wire.write('\r\n');
    wire.uncork();
  }

  end(): void {
    if (this.#over) return;
    if (this.#chunked) this.#client.wire.write('0\r\n\r\n');
    this.#finish();
    this.#client.responseDone();
  }

  abort(): void {
    if (this.#over) return;
    this.#finish();
    this.#client.abort();
  }

  /** The client is gone. */
  lost(): void {
    this.#finish();
  }

  drained(): void {
    this.#source?.onDrained();
  }

  tick(nowMs: number): void {
    const { shared } = this.#client;
    if (shared.closing) this.#source?.onClosing();
    if (!this.#over) this.#source?.onTick(nowMs);
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onOver();
    const source = this.#source;
    this.#source = null;
    source?.onOver();
  }
}
