/** What a registrar is doing with one balancer; each state sends something, but for the waiting ones and `ended`. */
export type LifeState =
  /** There is nothing to tell yet: the connector does not listen, or (Java manners) the first event has not come. */
  | 'waiting'
  /** INFO: who is there, and what does it know of us? */
  | 'introducing'
  /** REMOVE-APP for what INFO shows of us and we have no longer */
  | 'tidying'
  /** CONFIG */
  | 'configuring'
  /** ENABLE-APP, DISABLE-APP or STOP-APP, until each context is what it shall be */
  | 'deploying'
  /** STATUS */
  | 'reporting'
  /** All said; waits for the next report, or for a change. */
  | 'registered'
  /** A context came, went, or shall be something else; STATUS goes on. */
  | 'changing'
  /** The balancer refused, forgot us or is not there; waits, longer each time, but not before the first new attempt. */
  | 'retrying'
  /** The balancer calls our message wrong (Type SYNTAX); waits long before it tries again. */
  | 'rejected'
  /** The same with Java manners: never speaks to it again, unless told to refresh. */
  | 'silent'
  /** DISABLE-APP for each context: no new sessions. With Java manners, all that there is to say about each in its turn. */
  | 'disabling'
  /** STOP-APP for each context, again and again, until no request is left or the deadline has come; STATUS goes on. */
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
  /** The same, in the ears of a Java node. */
  | 'silenced'
  /** No answer: not reachable, closed, timed out. */
  | 'lost'
  /** An answer to INFO that a Java node cannot read: it neither configures nor gives up. */
  | 'puzzled'
  /** The waiting is over. */
  | 'due'
  /** What is told is not what is wished. */
  | 'change'
  /** Begin anew: another balancer answers now, the connector moved, or somebody asked for it. */
  | 'again'
  /** The node shall go, and this balancer may have rows of it. Looked at between two exchanges. */
  | 'leave'
  /** The node goes and there is nothing to say, or nobody to say it. */
  | 'vanish';

type Row = Readonly<Partial<Record<LifeEvent, LifeState>>>;

const FAILURES = { refused: 'retrying', rejected: 'rejected', silenced: 'silent', lost: 'retrying' } as const;
const GOES = { leave: 'disabling', vanish: 'ended' } as const;
/** A goodbye that fails goes straight for the last word: the balancer may still have our rows. */
const GIVES_UP = {
  refused: 'removing',
  rejected: 'removing',
  silenced: 'ended',
  lost: 'removing',
  vanish: 'ended',
} as const;

/**
 * The life of a registration (reference §9.3), as a table. A pair that is not there cannot happen.
 *
 * Ours differs from the Java node in four places. That node falls silent for ever after SYNTAX, where we try again slowly;
 * it waits for its next period when a STATUS is refused, where we register anew at once (`retryDelayMs`); it does not look
 * at the `id` of a balancer, where another one makes us begin anew; and it leaves without a word when it last failed, where
 * we say REMOVE-APP to whoever may still have our rows. Which of them happens is said by the table of manners.
 */
export const LIFE_CYCLE: Readonly<Record<LifeState, Row>> = {
  waiting: { due: 'introducing', leave: 'ended', vanish: 'ended' },
  introducing: { ...FAILURES, done: 'tidying', puzzled: 'registered', leave: 'removing', vanish: 'ended' },
  tidying: { ...FAILURES, ...GOES, done: 'configuring' },
  configuring: { ...FAILURES, ...GOES, done: 'deploying' },
  deploying: { ...FAILURES, ...GOES, done: 'reporting', again: 'introducing' },
  reporting: { ...FAILURES, ...GOES, done: 'registered', again: 'introducing' },
  registered: { ...FAILURES, ...GOES, due: 'reporting', change: 'changing', again: 'introducing' },
  changing: { ...FAILURES, ...GOES, done: 'registered', again: 'introducing' },
  retrying: { due: 'introducing', leave: 'removing', vanish: 'ended' },
  rejected: { due: 'introducing', leave: 'removing', vanish: 'ended' },
  silent: { due: 'introducing', leave: 'ended', vanish: 'ended' },
  disabling: { ...GIVES_UP, done: 'draining' },
  draining: { ...GIVES_UP, done: 'withdrawing' },
  withdrawing: { ...GIVES_UP, done: 'removing' },
  removing: { done: 'ended', refused: 'ended', rejected: 'ended', silenced: 'ended', lost: 'ended', vanish: 'ended' },
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
 * @param statusIntervalMs of the node: one that reports often wants to be back soon
 */
export function retryDelayMs(failures: number, random: number, statusIntervalMs: number): number {
  if (failures <= 1) return 0;
  const longestMs = Math.min(LONGEST_RETRY_MS, statusIntervalMs);
  return Math.min(longestMs, FIRST_RETRY_MS * 2 ** (failures - 2)) * (0.5 + random / 2);
}

/** Moments of an interval at which reports are made. */
const SLOTS_OF_AN_INTERVAL = 50;

/**
 * Nodes of one process report a little early, together with others whose time is near: to be woken for each of a thousand
 * nodes costs more than what they say.
 * @param dueMs when a report is due, by the clock of the process
 * @returns that time, or up to a fiftieth of the interval before it
 */
export function slotBefore(dueMs: number, statusIntervalMs: number): number {
  const slotMs = statusIntervalMs / SLOTS_OF_AN_INTERVAL;
  return Math.floor(dueMs / slotMs) * slotMs;
}
