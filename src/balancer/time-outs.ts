import type { NodeRecord } from '../core/cluster/records.ts';
import type { ClientConnection } from './client-connection.ts';

/** A node that says nothing for this long is pinged (a tick less than a second, so that a second is kept). */
const SILENCE_MS = 850;

/** Answers to requests that took too long; the code is also that of those which are cut off in their response. */
export const TIMED_OUT = {
  'request-timeout': { status: 504, words: 'the request took longer than this balancer allows' },
  'upstream-timeout': { status: 504, words: 'the node did not answer in time' },
  'client-timeout': { status: 408, words: 'the request body did not arrive in time' },
} as const;

export type Lateness = 'in-time' | 'node-silent' | keyof typeof TIMED_OUT;

/** @param silentMs since the node took or sent bytes */
export function isSilent(silentMs: number): boolean {
  return silentMs > SILENCE_MS;
}

/**
 * Whether a request that is with a node has waited too long, and for whom: a client that does not take the response, or owes
 * more of its body, makes no node late.
 *
 * @param clientOwes the node has all that came of the body and waits for more
 * @param startedMs when the request began
 * @param nodeProgressMs last time the node took or sent bytes
 */
export function latenessOf(
  client: ClientConnection,
  clientOwes: boolean,
  node: NodeRecord | null,
  startedMs: number,
  nodeProgressMs: number,
): Lateness {
  const { clock, options } = client.shared;
  const { nowMs } = clock;
  if (options.requestTimeoutMs > 0 && nowMs - startedMs > options.requestTimeoutMs) return 'request-timeout';
  if (clientOwes || client.wire.pendingBytes > 0)
    return nowMs - client.lastProgressMs > options.idleTimeoutMs ? 'client-timeout' : 'in-time';
  const silentMs = nowMs - nodeProgressMs;
  if (!isSilent(silentMs) || node === null) return 'in-time';
  const limitMs = node.timeoutMs > 0 ? node.timeoutMs : options.upstreamTimeoutMs;
  return silentMs > limitMs ? 'upstream-timeout' : 'node-silent';
}

/** A tunnel may be silent for ever; half closed, it waits for last words only as long as an idle connection may. */
export function isTunnelOver(client: ClientConnection, nodeEnded: boolean, nodeProgressMs: number): boolean {
  if (!client.ended && !nodeEnded) return false;
  const { clock, options } = client.shared;
  return clock.nowMs - Math.max(client.lastProgressMs, nodeProgressMs) > options.idleTimeoutMs;
}
