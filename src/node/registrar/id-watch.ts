import { beginningOf } from './beginning.ts';

/** Balancers take a UUID or a number. */
const MOST_ID_CHARACTERS = 100;

/** Watches the `id` of STATUS answers, which is another one after a balancer restarted (reference §2.3, needs B11). */
export interface IdWatch {
  /** Whether this id says that another balancer answers now. */
  isAnother(id: string | undefined): boolean;
  /** The next id is taken as it is. */
  forget(): void;
}

/**
 * The nginx module says another random number each time. So an id that changes twice without ever having been the same in
 * between says nothing any more, until it does stay the same.
 */
export function createIdWatch(): IdWatch {
  let last: string | undefined;
  let changesInARow = 0;
  return {
    isAnother(id) {
      if (id === undefined) return false;
      const before = last;
      last = beginningOf(id, MOST_ID_CHARACTERS);
      if (before === undefined) return false;
      changesInARow = before === last ? 0 : changesInARow + 1;
      return changesInARow === 1;
    },
    forget() {
      last = undefined;
    },
  };
}
