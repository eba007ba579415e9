/** What a registrar is doing with one balancer; each state but the waiting ones and `ended` sends something. */
export type LifeState =
  /** INFO: who is there, and what does it know of us? */
  | 'introducing'
  /** CONFIG */
  | 'configuring'
  /** ENABLE-APP, DISABLE-APP or STOP-APP, one for each context */
  | 'deploying'
  /** STATUS */
  | 'reporting'
  /** All said; waits for the next report. */
  | 'registered'
  /** The balancer refused, forgot us or is not there; waits, longer each time, but not before the first new attempt. */
  | 'retrying'
  /** The balancer calls our message wrong (Type SYNTAX); waits long before it tries again. */
  | 'rejected'
  /** DISABLE-APP for each context: no new sessions. */
  | 'disabling'
  /** STOP-APP for each context, again and again, until no request is left or the deadline has come. */
  | 'draining'
  /** REMOVE-APP for each context */
  | 'withdrawing'
  /** REMOVE-APP /* */
  | 'removing'
  | 'ended';

export type LifeEvent =
  /** 200 to everything the state sends. */
  | 'done'
  /** An MCMP error whose type is not SYNTAX, or another status than 200. */
  | 'refused'
  /** An MCMP error with `Type: SYNTAX`. */
  | 'rejected'
  /** No answer: not reachable, closed, timed out. */
  | 'lost'
  /** The waiting is over. */
  | 'due'
  /** The node shall go. Looked at between two exchanges, never in the middle of one. */
  | 'leave';

/**
 * The life of a registration (reference §9.3), as a table. A pair that is not there cannot happen.
 *
 * It differs from the Java node in three places. That node falls silent for ever after SYNTAX, where we try again slowly;
 * it waits for its next period when a STATUS is refused, where we register anew at once (`retryDelayMs`); and it leaves
 * without a word when it last failed, where we say REMOVE-APP to whoever may still have our rows.
 */
export const LIFE_CYCLE: Readonly<Record<LifeState, Readonly<Partial<Record<LifeEvent, LifeState>>>>> = {
  introducing: { done: 'configuring', refused: 'retrying', rejected: 'rejected', lost: 'retrying', leave: 'ended' },
  configuring: { done: 'deploying', refused: 'retrying', rejected: 'rejected', lost: 'retrying', leave: 'removing' },
  deploying: { done: 'reporting', refused: 'retrying', rejected: 'rejected', lost: 'retrying', leave: 'removing' },
  reporting: { done: 'registered', refused: 'retrying', rejected: 'rejected', lost: 'retrying', leave: 'disabling' },
  registered: { due: 'reporting', leave: 'disabling' },
  retrying: { due: 'introducing', leave: 'removing' },
  rejected: { due: 'introducing', leave: 'removing' },
  disabling: { done: 'draining', refused: 'removing', rejected: 'removing', lost: 'removing' },
  draining: { done: 'withdrawing', refused: 'removing', rejected: 'removing', lost: 'removing' },
  withdrawing: { done: 'removing', refused: 'removing', rejected: 'removing', lost: 'removing' },
  removing: { done: 'ended', refused: 'ended', rejected: 'ended', lost: 'ended' },
  ended: {},
};

/** @throws Error when the table has no such pair, which is a bug */
export function nextLifeState(state: LifeState, event: LifeEvent): LifeState {
  const next = LIFE_CYCLE[state][event];
  if (next === undefined) throw new Error(`a registration cannot see '${event}' while ${state}`);
  return next;
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 10_000;
/** Between two attempts to be understood by a balancer that answered SYNTAX. */
export const REJECTED_PAUSE_MS = 60_000;

/**
 * How long to wait before asking again: not at all the first time (a balancer that restarted has us back at once), then
 * twice as long each time, with jitter so that a fleet does not come back in step.
 * @param failures in a row, from 1
 * @param random from 0 up to but not including 1
 */
export function retryDelayMs(failures: number, random: number): number {
  if (failures <= 1) return 0;
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 2)) * (0.5 + random / 2);
}
