import { DurationBuckets } from '../../../observe/metrics/index.ts';
import { type Clock, TICK_MS } from '../../clock.ts';

/** Upper bounds of the buckets, in seconds. Rounding alone makes a tick up to a millisecond late. */
const LAG_BOUNDS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] as const;

/**
 * How late the ticks of the balancer's clock are: what a request waits before anybody looks at it, sampled ten times a
 * second, with no timer of its own.
 */
export function watchLoopLag(clock: Clock): DurationBuckets {
  const lag = new DurationBuckets(LAG_BOUNDS_SECONDS);
  let lastTickMs = clock.nowMs;
  clock.onTick(() => {
    lag.count(Math.max(0, clock.nowMs - lastTickMs - TICK_MS) / 1000);
    lastTickMs = clock.nowMs;
  });
  return lag;
}
