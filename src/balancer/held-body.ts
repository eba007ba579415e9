/**
 * What is known of a request's body whatever protocol the node speaks, and those bytes of it that may have to be sent (again).
 * The client is paused while bytes wait here, so they are never more than one read of its socket and what came with the head.
 */
export class HeldBody {
  /** Bytes were sent that are not held any more: no other node can be given the whole request. */
  gone = false;
  /** As it came from the client, with its framing. */
  receivedBytes = 0;
  /** Its first bytes came with the head: they and the head can leave in one write. */
  follows = false;
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** Another request begins. @param follows see there */
  begin(follows: boolean): void {
    this.gone = false;
    this.receivedBytes = 0;
    this.follows = follows;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  get pieces(): readonly Buffer[] {
    return this.#pieces;
  }

  /**
   * Copies them: the buffer is overwritten by the next read.
   * @returns the copy
   */
  hold(buffer: Buffer, from: number, to: number): Buffer {
    const piece = Buffer.from(buffer.subarray(from, to));
    this.#pieces.push(piece);
    this.#bytes += to - from;
    return piece;
  }

  release(): void {
    if (this.#bytes === 0) return;
    this.#pieces = [];
    this.#bytes = 0;
  }
}
