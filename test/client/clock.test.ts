import { expect, it } from 'vitest';
import { sleepFor } from '../../src/client/clock.ts';

it.each([2 ** 31, 40 * 24 * 3_600_000, Number.MAX_SAFE_INTEGER])(
  'sleeps for more milliseconds than a timer of Node.js takes: %d',
  async (ms) => {
    const ending = new AbortController();
    let awake = false;
    const slept = sleepFor(ms, ending.signal).then(() => {
      awake = true;
    });
    // A timer that was asked for too much fires after a millisecond, and so before this one.
    await sleepFor(5, new AbortController().signal);
    expect(awake).toBe(false);
    ending.abort();
    await slept;
  },
);

it('does not begin to sleep when it is over already', async () => {
  await sleepFor(Number.MAX_SAFE_INTEGER, AbortSignal.abort());
});
