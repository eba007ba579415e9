/** Why a session was told to go away (RFC 9113 §6.8), or was ended without that. */
export const GOAWAY_REASONS = [
  /** Nothing ran for `--idle-timeout`. */
  'idle',
  /** The balancer stops. */
  'closing',
  /** It cost more than it carried: resets, or frames that carry nothing. */
  'calm',
  /** It sent no settings, or did not take ours. */
  'no-settings',
  /** It broke the framing of HTTP/2; Node.js said so itself. */
  'broken',
] as const;
export type GoawayReason = (typeof GOAWAY_REASONS)[number];

/** The numbers of HTTP/2: plain, and but for the first two only ever counted up. */
export interface Http2Counts {
  /** Connections that speak HTTP/2 now. */
  sessions: number;
  /** Requests on them now. */
  streams: number;
  sessionsOpened: number;
  streamsOpened: number;
  /** Streams that ended before their request was answered and the answer taken, whoever reset them. */
  resets: number;
  /** Streams that were refused before anything was done for them: too many at once, or the balancer stops. */
  refused: number;
  readonly goaways: Record<GoawayReason, number>;
}

export function createHttp2Counts(): Http2Counts {
  return {
    sessions: 0,
    streams: 0,
    sessionsOpened: 0,
    streamsOpened: 0,
    resets: 0,
    refused: 0,
    goaways: { idle: 0, closing: 0, calm: 0, 'no-settings': 0, broken: 0 },
  };
}
