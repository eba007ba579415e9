import { type ChunkScanner, createChunkScanner } from '../../core/http/index.ts';

/** Data of a request's body that came and was not sent yet, without the framing of the client. */
export class BodyQueue {
  /** How many bytes wait. */
  bytes = 0;
  #pieces: Buffer[] = [];
  /** The piece that is read next, and how far it was read. */
  #at = 0;
  #offset = 0;
  #isChunked = false;
  #chunks: ChunkScanner | null = null;

  /** Another body begins. @param isChunked it comes in chunks; their trailers end here, AJP has none */
  begin(isChunked: boolean): void {
    this.#forget();
    this.#isChunked = isChunked;
    if (!isChunked) return;
    this.#chunks ??= createChunkScanner();
    this.#chunks.reset();
  }

  /** @param piece bytes that nobody changes, as they came; their chunks were checked when they were received */
  add(piece: Buffer): void {
    if (this.bytes === 0) this.#forget();
    if (this.#isChunked) {
      this.#chunks?.scan(piece, 0, piece.length, (from, to) => this.#push(piece.subarray(from, to)));
    } else {
      this.#push(piece);
    }
  }

  /** Moves the next bytes into `target`, behind `at`. @param count at most `bytes` */
  take(target: Buffer, at: number, count: number): void {
    let copied = 0;
    while (copied < count) {
      const piece = this.#pieces[this.#at];
      if (piece === undefined) return;
      const length = piece.copy(
        target,
        at + copied,
        this.#offset,
        Math.min(piece.length, this.#offset + count - copied),
      );
      copied += length;
      this.#offset += length;
      if (this.#offset === piece.length) {
        this.#at++;
        this.#offset = 0;
      }
    }
    this.bytes -= copied;
  }

  #push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.bytes += piece.length;
  }

  #forget(): void {
    this.#pieces = [];
    this.#at = 0;
    this.#offset = 0;
    this.bytes = 0;
  }
}
