import { onTestFinished } from 'vitest';

/** Frees something when the running test is over, whatever became of it. */
export function freeAfter(free: () => void | Promise<void>): void {
  onTestFinished(free);
}
