import type { Manners } from '../wire/types.ts';
import { REJECTED_PAUSE_MS, retryDelayMs } from './life-cycle.ts';

/** What differs between a node of ours and the Java node, whose weaknesses are measured (reference §9). */
export interface MannersRow {
  /** Java: nothing is sent before the first periodic event. */
  readonly firstContact: 'at-once' | 'after-one-interval';
  /** How long to wait after a failure; undefined, as in Java: until the next periodic event. */
  readonly retryMs: ((failures: number, random: number, statusIntervalMs: number) => number) | undefined;
  /** After `Type: SYNTAX`; undefined: never again. */
  readonly rejectedPauseMs: number | undefined;
  /** Whether a status other than 200 is all that makes a failure; ours also knows a web page from an answer. */
  readonly anyOkIsGood: boolean;
  /** Java: only to balancers that last answered well. */
  readonly goodbyeAfterFailure: boolean;
  /** Java: DISABLE, STOP and REMOVE for one context before the next is looked at. */
  readonly oneContextAtATime: boolean;
  /** Comma lists where the balancer takes them. Java: never. */
  readonly contextLists: boolean;
  /** Whether a REMOVE-APP that is refused before CONFIG does no harm. Java: it breaks off. */
  readonly goesOnAfterTidying: boolean;
  /**
   * How INFO is read, and what follows (`reset.ts`). Java: to the letter, and what it calls ENABLED is not enabled again,
   * also when REMOVE-APP /* goes in front (interop §5.1).
   */
  readonly trustsInfo: 'as-readable' | 'to-the-letter';
  /** Java: only `Requests=` between ampersands, and nothing counts as none (interop §5.7). */
  readonly requestCounts: 'every-form' | 'pairs';
  /** Java: STOP-APP again when a request to the context ended here, else once at the end. */
  readonly stopsAgain: 'by-the-clock' | 'when-a-request-ended';
  /** Java: a context that is DISABLED already is told so again before STOP-APP. */
  readonly disablesAgain: boolean;
  /** Java: STATUS ends when the server begins to stop, however long its sessions take; a context that stops alone lets it go on. */
  readonly reportsWhileLeaving: boolean;
  /**
   * Whether the first report is followed by the second after half an interval or more: nodes that came together would report
   * in step for ever, and find out all at once that their balancer restarted. Java: every interval from its start.
   */
  readonly spreadsReports: boolean;
  /** Whether another `id` in a STATUS answer means another balancer (needs B11). Java: not looked at (NODE-57). */
  readonly noticesNewId: boolean;
  /** Java: whatever an operator says, a refusal breaks the registration (interop §5.8), and in error nothing is said. */
  readonly operatorCanBreak: boolean;
  /** Java: `refresh` waits for the next event; connections are opened anew when a balancer comes or goes. */
  readonly refreshes: 'at-once' | 'at-next-event';
  /** CONFIG parameters that are sent when nobody asked for them (NODE-09). */
  readonly config: readonly (readonly [string, string])[];
  /** Java: a parameter that says what the balancer takes anyway is left out (NODE-10). */
  readonly leavesOutDefaults: boolean;
}

export const MANNERS: Readonly<Record<Manners, MannersRow>> = {
  mcmp: {
    firstContact: 'at-once',
    retryMs: retryDelayMs,
    rejectedPauseMs: REJECTED_PAUSE_MS,
    anyOkIsGood: false,
    goodbyeAfterFailure: true,
    oneContextAtATime: false,
    contextLists: true,
    goesOnAfterTidying: true,
    trustsInfo: 'as-readable',
    requestCounts: 'every-form',
    stopsAgain: 'by-the-clock',
    disablesAgain: false,
    reportsWhileLeaving: true,
    spreadsReports: true,
    noticesNewId: true,
    operatorCanBreak: false,
    refreshes: 'at-once',
    config: [],
    leavesOutDefaults: false,
  },
  java: {
    firstContact: 'after-one-interval',
    retryMs: undefined,
    rejectedPauseMs: undefined,
    anyOkIsGood: true,
    goodbyeAfterFailure: false,
    oneContextAtATime: true,
    contextLists: false,
    goesOnAfterTidying: false,
    trustsInfo: 'to-the-letter',
    requestCounts: 'pairs',
    stopsAgain: 'when-a-request-ended',
    disablesAgain: true,
    reportsWhileLeaving: false,
    spreadsReports: false,
    noticesNewId: false,
    operatorCanBreak: true,
    refreshes: 'at-next-event',
    config: [['StickySessionForce', 'No']],
    leavesOutDefaults: true,
  },
};
