import type { RecordedExchange } from '../wire/recorded.ts';

/** What the engine keeps of a case while it runs; trials are made of it. */
export interface CaseRun {
  /** Number of the case in this run: part of the names it uses. */
  readonly number: number;
  readonly signal: AbortSignal;
  /** Milliseconds since the case began. */
  nowMs(): number;
  /** Until its deadline. */
  leftMs(): number;
  random(): number;
  record(exchange: RecordedExchange): void;
  /** A state was waited for. */
  waited(what: string, tookMs: number): void;
  /** To be undone when the case ends, last first. */
  after(undo: () => Promise<void> | void): void;
}
