import { randomBytes } from 'node:crypto';

/** What the page says once at its top: what was done, or why not. */
export interface Notice {
  readonly tone: 'done' | 'refused';
  /** A sentence. */
  readonly text: string;
}

/** Who does not come back for a notice does not keep it for ever. */
const MOST_KEPT = 100;

/**
 * Notices on their way through a redirect. Only an id that cannot be guessed goes through the URL: a link that somebody
 * else made can say nothing in the name of the page.
 */
export class Notices {
  readonly #byId = new Map<string, Notice>();

  /** @returns the id by which it can be had, once */
  keep(notice: Notice): string {
    const id = randomBytes(16).toString('hex');
    this.#byId.set(id, notice);
    for (const oldest of this.#byId.keys()) {
      if (this.#byId.size <= MOST_KEPT) break;
      this.#byId.delete(oldest);
    }
    return id;
  }

  take(id: string): Notice | undefined {
    const notice = this.#byId.get(id);
    this.#byId.delete(id);
    return notice;
  }
}
