import type { Smoothing } from './types.ts';

/**
 * Makes published loads of measured ones exactly as the Java node does (reference §9.8): the average of the measurements,
 * each weighing `decay` times less than the next newer, in percent, rounded half up, cut to 0..99 and taken from 100.
 *
 * @returns takes a measurement, 0 idle .. 1 at capacity and more beyond, and gives 1 busy .. 100 idle
 */
export function createSmoothing({ history, decay, initial }: Smoothing): (ratio: number) => number {
  /** Newest first; with the newest one more than the history. */
  const measured = initial === undefined ? [] : new Array<number>(history).fill(1 - initial / 100);
  return (ratio) => {
    measured.unshift(ratio);
    measured.length = Math.min(measured.length, history + 1);
    let sum = 0;
    let weights = 0;
    for (const [age, value] of measured.entries()) {
      const weight = 1 / decay ** age;
      sum += value * weight;
      weights += weight;
    }
    const percent = Math.round((100 * sum) / weights);
    return 100 - Math.max(0, Math.min(percent, 99));
  };
}
