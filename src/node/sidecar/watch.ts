import type { Clock } from '../clock.ts';
import { type ProbeOutcome, probe } from './probe.ts';
import { probeByCping } from './probe-by-cping.ts';
import { FIRST_VERDICT, nextVerdict, type Verdict } from './probe-verdict.ts';
import { isInRange } from './status-range.ts';
import type { ProbeSettings } from './types.ts';

/** What is known of the application after a probe. */
export interface Sighting {
  readonly verdict: Verdict;
  readonly outcome: ProbeOutcome;
}

/**
 * Probes an application until the signal is aborted, one probe at a time.
 * @param onSighting called after each probe
 */
export async function watch(
  origin: URL,
  settings: ProbeSettings,
  clock: Clock,
  signal: AbortSignal,
  onSighting: (sighting: Sighting) => void,
): Promise<void> {
  const { path, timeoutMs, intervalMs } = settings;
  const isAjp = origin.protocol === 'ajp:';
  let verdict = FIRST_VERDICT;
  while (!signal.aborted) {
    const outcome = await (isAjp
      ? probeByCping({ origin, timeoutMs }, clock, signal)
      : probe({ origin, path, timeoutMs }, clock, signal));
    // What a probe met that was cut off says nothing about the application.
    if (signal.aborted) return;
    const good =
      outcome.kind === 'ponged' || (outcome.kind === 'answered' && isInRange(outcome.status, settings.status));
    verdict = nextVerdict(verdict, good ? 'good' : 'bad', settings);
    onSighting({ verdict, outcome });
    await clock.sleep(intervalMs, signal);
  }
}

export function describeOutcome(outcome: ProbeOutcome): string {
  switch (outcome.kind) {
    case 'answered':
      return `it answered ${outcome.status}`;
    case 'ponged':
      return 'it answered CPING';
    case 'silent':
      return 'it did not answer in time';
    case 'gone':
      return `nobody takes connections: ${outcome.why}`;
    case 'broken':
      return `no answer that can be read: ${outcome.why}`;
  }
}
