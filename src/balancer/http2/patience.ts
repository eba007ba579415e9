/**
 * What a session may cost without carrying anything, in bytes: more than any client needs, and far less than an attack has to
 * spend. What it did not use up to this moment is kept, but not more than the beginning.
 */
const BUDGET = 4 * 1024 * 1024;
const BUDGET_PER_SECOND = 256 * 1024;
/** A stream that came to nothing made a node work: so 256 of them at once exhaust the patience, and 16 a second do not. */
const RESET_COST = 16 * 1024;
/** PING and SETTINGS are answered. */
const ANSWERED_FRAME_COST = 256;
/** What is received for a stream that is fine, beside its body: header fields, priorities, the framing of DATA. */
const STREAM_ALLOWANCE = 1024;
/** Header of a frame, and what TLS adds to each record. */
const FRAME_ALLOWANCE = 64;
/** A client says of each so many bytes that it took them. */
const BYTES_OF_RESPONSE_A_BYTE = 32;

/**
 * Tells a session that works from one that only makes work: resets (CVE-2023-44487, CVE-2025-9784), floods of PING, SETTINGS,
 * PRIORITY, WINDOW_UPDATE, empty DATA and frames nobody knows (CVE-2019-9511 to 9518). Each kind alone could be counted, but
 * all have in common that bytes come which carry nothing; so those are counted, and a reset counts for many.
 */
export class Patience {
  #left = BUDGET;
  #lastMs: number;
  #bytesRead = 0;
  #bytesWritten = 0;
  #carried = 0;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /** @param wanted its request was answered, and the answer was taken */
  streamOver(wanted: boolean): void {
    if (wanted) this.#carried += STREAM_ALLOWANCE + RESET_COST;
    else this.#left -= RESET_COST;
  }

  /** One frame with so many bytes of a body. None makes it a frame that carries nothing. */
  data(bytes: number): void {
    if (bytes > 0) this.#carried += bytes + FRAME_ALLOWANCE;
  }

  /** @param bytes of header fields, unpacked */
  headers(bytes: number): void {
    this.#carried += bytes;
  }

  answeredFrame(): void {
    this.#left -= ANSWERED_FRAME_COST;
  }

  /**
   * Settles what came since the last time.
   *
   * @param bytesRead of the connection, from its beginning
   * @param bytesWritten likewise
   * @param waitingBytes tells how much came of bodies that nodes have not taken yet: an upload is no attack while it waits,
   *   and the windows of its streams bound it. Asked only when the rest does not suffice
   * @returns whether the session may go on
   */
  settle(nowMs: number, bytesRead: number, bytesWritten: number, waitingBytes: () => number): boolean {
    const came = bytesRead - this.#bytesRead;
    const went = bytesWritten - this.#bytesWritten;
    const regained = (BUDGET_PER_SECOND * (nowMs - this.#lastMs)) / 1000;
    this.#bytesRead = bytesRead;
    this.#bytesWritten = bytesWritten;
    this.#lastMs = nowMs;
    this.#left = Math.min(BUDGET, this.#left + regained + this.#carried + went / BYTES_OF_RESPONSE_A_BYTE - came);
    this.#carried = 0;
    return this.#left > 0 || this.#left + waitingBytes() > 0;
  }
}
