/**
 * Body bytes that came before there was a connection to send them on, kept as long as they may have to be sent again. The
 * client is paused meanwhile, so they are never more than one read of its socket and what came with the head.
 */
export class HeldBody {
  #pieces: Buffer[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  get pieces(): readonly Buffer[] {
    return this.#pieces;
  }

  /** Copies them: the buffer is overwritten by the next read. */
  hold(buffer: Buffer, from: number, to: number): void {
    this.#pieces.push(Buffer.from(buffer.subarray(from, to)));
    this.#bytes += to - from;
  }

  release(): void {
    if (this.#bytes === 0) return;
    this.#pieces = [];
    this.#bytes = 0;
  }
}
