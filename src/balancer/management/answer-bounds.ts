/** How long answers may hold one turn of the event loop, those of all connections together. */
const TURN_MS = 10;
/** Answers that nobody takes may hold so much, those of all connections together; one more of any size may be begun. */
const MOST_UNREAD_BYTES = 128 * 1024 * 1024;
/** Smaller ones are not counted: the limit of connections bounds them. */
const LARGE_BYTES = 64 * 1024;

/** A connection, as far as it holds bytes that its reader has not taken. */
export interface Unread {
  readonly pendingBytes: number;
  readonly destroyed: boolean;
}

/**
 * Keeps the answers of one balancer's management address from taking all its time and memory. A page of a large cluster takes
 * tens of milliseconds and a megabyte; one packet can ask for hundreds of them, and a thousand readers need not read. Web
 * traffic goes on between two answers, and who asks meanwhile waits.
 */
export class AnswerBounds {
  readonly #waiting: (() => void)[] = [];
  readonly #holders = new Set<Unread>();
  #spentMs = 0;
  #scheduled = false;

  /** Makes an answer now, when nobody waits and there is time left in this turn; else in a turn of its own. */
  make<T>(make: () => T | Promise<T>): Promise<T> {
    if (this.#waiting.length === 0 && this.#spentMs < TURN_MS) return this.#timed(make);
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        this.#timed(make).then(resolve, reject);
      });
      this.#schedule();
    });
  }

  /** Whether an answer may be given, or has to be refused because too much of others is unread. */
  hasRoomFor(bytes: number): boolean {
    if (bytes < LARGE_BYTES) return true;
    let unread = 0;
    for (const holder of this.#holders) {
      if (holder.destroyed || holder.pendingBytes < LARGE_BYTES) this.#holders.delete(holder);
      else unread += holder.pendingBytes;
    }
    return unread < MOST_UNREAD_BYTES;
  }

  /** An answer was written. */
  given(to: Unread): void {
    if (to.pendingBytes >= LARGE_BYTES) this.#holders.add(to);
  }

  /** Time for which an answer waited for something else counts as well, but in one turn only. */
  async #timed<T>(make: () => T | Promise<T>): Promise<T> {
    let sinceMs = performance.now();
    const count = (): void => {
      const nowMs = performance.now();
      this.#spentMs += nowMs - sinceMs;
      sinceMs = nowMs;
    };
    try {
      const made = make();
      count();
      return await made;
    } finally {
      count();
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#spentMs = 0;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
