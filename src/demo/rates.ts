const WINDOW_MS = 2000;

/** Events per second over the last two seconds, from totals that are looked at now and then. */
export function createRate(): (total: number, nowMs: number) => number {
  const samples: { total: number; atMs: number }[] = [];
  return (total, nowMs) => {
    samples.push({ total, atMs: nowMs });
    // One sample older than the window stays, so that the window is always covered.
    while (samples.length > 2 && (samples[1]?.atMs ?? nowMs) <= nowMs - WINDOW_MS) samples.shift();
    const first = samples[0];
    if (first === undefined || nowMs - first.atMs < 250) return 0;
    return ((total - first.total) * 1000) / (nowMs - first.atMs);
  };
}
