import type { HeardEvent, ListenOutcome } from './events.ts';
import { errorsOf } from './events.ts';
import type { ListenPlan } from './plan.ts';
import { managerUrl } from './probe.ts';

export interface OutcomeBook {
  /** @returns true: with `--once` all has been heard that is needed */
  take(event: HeardEvent): boolean;
  /** @param timedOut the time was over; else somebody ended it */
  settle(timedOut: boolean): { readonly outcome: ListenOutcome; readonly reason: string };
}

/**
 * Decides how the command ends. With `--once`: done at the first datagram that is fine (and the expected one), failed at
 * once by one that ends discovery in Java nodes, and when the time is over by any that was wrong.
 */
export function createOutcomeBook({ once, expect }: Pick<ListenPlan, 'once' | 'expect'>): OutcomeBook {
  const wanted = expect?.origin;
  let heard = 0;
  let wrong: string | undefined;
  let deadly: string | undefined;
  let fine: string | undefined;
  let expectedWrong: string | undefined;

  return {
    take({ judgement }) {
      const { heard: datagram, reading, findings } = judgement;
      heard += 1;
      const source = datagram.source.address;
      const [worst] = errorsOf(findings);
      const url = managerUrl(reading.managerAddress, reading.managerProtocol);
      const isExpected =
        wanted === undefined || (url !== undefined && new URL(url).origin === wanted && reading.status === 200);
      if (worst?.severity === 'danger') deadly ??= `${worst.id} from ${source}: ${worst.message}`;
      else if (worst !== undefined) {
        wrong = `${worst.id} from ${source}: ${worst.message}`;
        if (wanted !== undefined && isExpected) expectedWrong = wrong;
      } else if (isExpected) {
        fine = `${url ?? `a datagram with status ${reading.status}`} from ${source}`;
        expectedWrong = undefined;
      }
      return once && (deadly !== undefined || fine !== undefined);
    },
    settle(timedOut) {
      if (once && deadly !== undefined) return { outcome: 'check-failed', reason: deadly };
      if (expectedWrong !== undefined) return { outcome: 'check-failed', reason: expectedWrong };
      if (wanted !== undefined && fine === undefined && (heard > 0 || !once)) {
        return { outcome: 'check-failed', reason: `${wanted} was not heard${wrong === undefined ? '' : `; ${wrong}`}` };
      }
      if (once && fine === undefined && heard > 0)
        return { outcome: 'check-failed', reason: wrong ?? 'nothing was fine' };
      if (timedOut && heard === 0) return { outcome: 'timeout', reason: 'nothing was heard' };
      return { outcome: 'done', reason: fine === undefined ? 'ended' : `heard ${fine}` };
    },
  };
}
