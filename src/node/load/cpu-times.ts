import { cpus } from 'node:os';
import type { CpuTimes } from './types.ts';

/** A thousand nodes that ask together get one reading: it costs as much as many requests. */
const FRESH_MS = 100;

let latest: { readonly atMs: number; readonly times: CpuTimes } | undefined;

/** Times of all processors of this machine together since it was started. */
export function readCpuTimes(): CpuTimes {
  const atMs = performance.now();
  if (latest !== undefined && atMs - latest.atMs < FRESH_MS) return latest.times;
  let busyMs = 0;
  let idleMs = 0;
  for (const { times } of cpus()) {
    busyMs += times.user + times.nice + times.sys + times.irq;
    idleMs += times.idle;
  }
  latest = { atMs, times: { busyMs, totalMs: busyMs + idleMs } };
  return latest.times;
}

/** @returns how busy the processors were since it was asked last, 0 .. 1; the same again when no time went by */
export function createCpuRatio(read: () => CpuTimes): () => number {
  let before = read();
  let ratio = 0;
  return () => {
    const now = read();
    const totalMs = now.totalMs - before.totalMs;
    if (totalMs <= 0) return ratio;
    // Counters of single processors have been seen going back a tick.
    ratio = Math.min(1, Math.max(0, (now.busyMs - before.busyMs) / totalMs));
    before = now;
    return ratio;
  };
}
