/** One exchange to the last byte, for reports and to be sent again. */
export interface RecordedExchange {
  /** Whom it was with: the MCMP address, the web traffic, or, seen from a node of ours, the balancer. */
  readonly with: 'mcmp' | 'traffic' | 'node';
  /** Address, as `host:port`. */
  readonly address: string;
  /** Milliseconds after the case began. */
  readonly atMs: number;
  readonly tookMs: number;
  /** Byte strings. */
  readonly sent: string;
  readonly received: string;
  readonly end: ConnectionEnd;
}

/** How a connection was left: the peer closed it, reset it, or it was open when we had what we wanted. */
export type ConnectionEnd = 'closed' | 'reset' | 'open';

/** Longest part of a direction that is kept of one exchange, in bytes; what is left out is said. */
export const MOST_KEPT_BYTES = 64 * 1024;

/** Cuts a byte string to what reports keep. */
export function kept(bytes: string): string {
  if (bytes.length <= MOST_KEPT_BYTES) return bytes;
  // A copy: a slice of a string keeps the whole of it in memory, and results are kept until the run is over.
  const copy = Buffer.from(bytes.slice(0, MOST_KEPT_BYTES), 'latin1').toString('latin1');
  return `${copy}\n... ${bytes.length - MOST_KEPT_BYTES} bytes more`;
}

/** Whether bytes were cut: the end of them is a note, not what went over the wire. */
export function isCut(bytes: string): boolean {
  return bytes.length > MOST_KEPT_BYTES;
}
