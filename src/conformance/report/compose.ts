import type { Reporter } from '../result.ts';

/** Several reporters as one; each is told everything, in their order. */
export function composeReporters(reporters: readonly Reporter[]): Reporter {
  return {
    targetBegins(target, cases) {
      for (const one of reporters) one.targetBegins?.(target, cases);
    },
    caseBegins(target, facts) {
      for (const one of reporters) one.caseBegins?.(target, facts);
    },
    caseEnds(target, result) {
      for (const one of reporters) one.caseEnds?.(target, result);
    },
    targetEnds(report) {
      for (const one of reporters) one.targetEnds?.(report);
    },
    async runEnds(report) {
      for (const one of reporters) await one.runEnds?.(report);
    },
  };
}
