import type { Clock } from '../clock.ts';
import type { ReplayStep } from './replay.ts';

/** Gives the load of each STATUS: 1 (busy) .. 100 (idle), 0 hot standby, -1 out of order. */
export interface LoadMeter {
  /** The value to publish now; called once for each STATUS. Never throws. */
  next(): number;
  /** As it was asked for, for views: `sine:30,90,60s`. */
  readonly text: string;
  close(): void;
}

/** How a measured load becomes a published one, by the names and defaults of the Java node (reference §9.8). */
export interface Smoothing {
  /** Earlier measurements that count beside the newest. */
  readonly history: number;
  /** Each measurement weighs so many times less than the next newer one; at least 1. */
  readonly decay: number;
  /** The load, 0 (busy) .. 100 (idle), that the history is filled with at the start; undefined: it begins empty. */
  readonly initial: number | undefined;
}

/** A load as somebody asked for it, read by `parseLoad`. One of them can be opened for many nodes. */
export type LoadSpec = { readonly text: string } & (
  | { readonly kind: 'fixed'; readonly load: number }
  | { readonly kind: 'cpu'; readonly smoothing: Smoothing }
  | { readonly kind: 'busy' | 'requests'; readonly capacity: number; readonly smoothing: Smoothing }
  | { readonly kind: 'sine'; readonly min: number; readonly max: number; readonly periodMs: number }
  | { readonly kind: 'replay'; readonly steps: readonly ReplayStep[] }
  | { readonly kind: 'cmd'; readonly command: string }
);

/** What loads are measured on. */
export interface LoadSurroundings {
  /** Requests being answered now. */
  readonly inFlight: () => number;
  /** Requests since the start, for `requests`; without it none are counted. */
  readonly requestCount?: () => number;
  readonly clock: Clock;
  /** From 0 up to but not including 1, for where a wave begins; default that of the clock. */
  readonly random?: () => number;
  /** Told to a command as `MCMP_ROUTE`. */
  readonly route?: string;
  /** Told what went wrong, a line at a time, when it begins to go wrong. */
  readonly log?: (line: string) => void;
  /** Times of all processors together; default those of this machine. */
  readonly cpuTimes?: () => CpuTimes;
}

export interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
}
