const PIECE_BYTES = 32 * 1024;

/**
 * A text of very many lines. V8 keeps `text += line` as a tree and makes a string of it when it is read; for a million
 * lines that takes longer than all the rest of an INFO, so it is done here piece by piece, while they are in the cache.
 */
export class LongText {
  readonly #pieces: string[] = [];
  #piece = '';

  /** @param line byte string */
  add(line: string): void {
    this.#piece += line;
    if (this.#piece.length < PIECE_BYTES) return;
    this.#pieces.push(Buffer.from(this.#piece, 'latin1').toString('latin1'));
    this.#piece = '';
  }

  toString(): string {
    return this.#pieces.join('') + this.#piece;
  }
}
