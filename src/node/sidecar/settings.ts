import { UsageError } from '../../core/errors.ts';
import { contextPath } from '../registrar/paths.ts';
import { parseStatusRange } from './status-range.ts';
import type { ProbeSettings } from './types.ts';
import type { UpstreamType } from './upstream.ts';

/** Of probes: what is good, in ms, and in a row. */
export const PROBE_DEFAULTS = {
  status: '200-399',
  intervalMs: 2_000,
  timeoutMs: 1_000,
  fall: 3,
  rise: 2,
} as const;

/** Long enough for most requests; with the rest of a goodbye far below the grace periods of containers (10 s, 30 s). */
export const DEFAULT_BLIND_DRAIN_MS = 5000;

/** No more probes than this; a thousand a second would be a load test. */
const SHORTEST_INTERVAL_MS = 10;

/** Characters that a request target may have (RFC 3986 §3.3, §3.4), and the percent sign. */
const TARGET = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*$/;

/**
 * The settings of the probes with their defaults.
 * @param contexts of the application; the first one is probed
 * @throws UsageError
 */
export function probeSettings(given: Partial<ProbeSettings>, contexts: readonly string[]): ProbeSettings {
  const { intervalMs, timeoutMs, fall, rise } = { ...PROBE_DEFAULTS, ...given };
  const path = given.path ?? encodeURI(contextPath(contexts[0] ?? '/'));
  if (!TARGET.test(path)) {
    throw new UsageError(`'${path}' cannot be probed`, {
      hint: 'A probe path begins with / and has no spaces: --probe-path /health',
    });
  }
  if (!(intervalMs >= SHORTEST_INTERVAL_MS) || !(timeoutMs > 0)) {
    throw new UsageError(`probes every ${intervalMs} ms, each within ${timeoutMs} ms, cannot be`, {
      hint: `The interval is at least ${SHORTEST_INTERVAL_MS} ms, the time-out more than nothing.`,
    });
  }
  for (const [name, count] of [
    ['fall', fall],
    ['rise', rise],
  ] as const) {
    if (!Number.isInteger(count) || count < 1) {
      throw new UsageError(`${name} ${count} is no number of probes`, { hint: 'It is a whole number, at least 1.' });
    }
  }
  return { path, status: given.status ?? parseStatusRange(PROBE_DEFAULTS.status), intervalMs, timeoutMs, fall, rise };
}

/** What the balancers need beside the address, by what the application speaks. */
const NEEDS: ReadonlyMap<UpstreamType, string> = new Map<UpstreamType, string>([
  ['https', 'they have to trust its certificate (mcmp serve --upstream-ca)'],
  ['wss', 'they have to trust its certificate (mcmp serve --upstream-ca)'],
  ['ajp', 'they have to know its secret, if it wants one (mcmp serve --ajp-secret-file)'],
]);

/** What may not go as it is hoped, though it is allowed. */
export function noticesAbout(type: UpstreamType): readonly string[] {
  const needs = NEEDS.get(type);
  return needs === undefined ? [] : [`balancers are told Type=${type}; ${needs}`];
}
