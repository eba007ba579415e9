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
  /**
   * `answered`: and the answer was taken. `reset`: ended before that, whoever reset them. `refused`: before anything was done
   * for them, because too many ran at once or the balancer stops.
   */
  readonly streamsOver: Record<'answered' | 'reset' | 'refused', number>;
  readonly goaways: Record<GoawayReason, number>;
}

export function createHttp2Counts(): Http2Counts {
  return {
    sessions: 0,
    streams: 0,
    streamsOver: { answered: 0, reset: 0, refused: 0 },
    goaways: { idle: 0, closing: 0, calm: 0, 'no-settings': 0, broken: 0 },
  };
}
