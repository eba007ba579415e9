import type { HttpAnswer } from '../../client/answer.ts';
import type { Outgoing } from '../wire/types.ts';

/** What an operator wants said, in the order in which it was asked for. */
export interface Sayings {
  /** @returns the answer, whatever it is; rejected with the error when there is none */
  add(message: Outgoing): Promise<HttpAnswer>;
  /** Says what is waiting. @returns how the first of it failed that `counts`; the rest stays */
  serve(tell: (message: Outgoing) => Promise<HttpAnswer>, counts: boolean): Promise<'refused' | 'lost' | undefined>;
  rejectAll(error: Error): void;
}

export function createSayings(): Sayings {
  const waiting: {
    readonly message: Outgoing;
    readonly resolve: (answer: HttpAnswer) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  return {
    add: (message) => new Promise((resolve, reject) => waiting.push({ message, resolve, reject })),
    async serve(tell, counts) {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        try {
          const answer = await tell(next.message);
          next.resolve(answer);
          if (counts && answer.status !== 200) return 'refused';
        } catch (error) {
          next.reject(error instanceof Error ? error : new Error(String(error)));
          if (counts) return 'lost';
        }
      }
      return undefined;
    },
    rejectAll(error) {
      for (const { reject } of waiting.splice(0)) reject(error);
    },
  };
}
