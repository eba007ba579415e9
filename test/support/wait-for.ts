/** Polls until a condition holds; fails when it does not in time. */
export async function waitFor(condition: () => boolean | Promise<boolean>, deadlineMs = 8_000): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`the awaited state did not come within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
