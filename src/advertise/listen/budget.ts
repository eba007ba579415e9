/** Lets so many things a second be told; the others are counted. */
export interface Budget {
  /** @param nowMs monotonic */
  take(nowMs: number): boolean;
  /** How many were not let through since this was last asked. */
  leftOut(): number;
}

/** @param burst so many at once, when it was quiet before */
export function createBudget(perSecond: number, burst: number): Budget {
  let tokens = burst;
  let lastMs: number | undefined;
  let leftOut = 0;
  return {
    take(nowMs) {
      tokens = Math.min(burst, tokens + ((nowMs - (lastMs ?? nowMs)) / 1000) * perSecond);
      lastMs = nowMs;
      if (tokens < 1) {
        leftOut += 1;
        return false;
      }
      tokens -= 1;
      return true;
    },
    leftOut() {
      const count = leftOut;
      leftOut = 0;
      return count;
    },
  };
}
