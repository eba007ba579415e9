import { DEFAULT_BLIND_DRAIN_MS, PROBE_DEFAULTS } from './settings.ts';
import { parseStatusRange } from './status-range.ts';
import type { OnSick, SidecarOptions } from './types.ts';

const SIDECAR = 'An application that runs elsewhere';

/** The command line's words for a sidecar, beside those of every node. */
export const SIDECAR_FLAGS = {
  upstream: {
    kind: 'string',
    placeholder: 'URL',
    group: SIDECAR,
    describe: 'register the application at this address (scheme, host and port) instead of simulating one',
  },
  'probe-path': {
    kind: 'string',
    placeholder: 'PATH',
    group: SIDECAR,
    describe: 'what to ask the application for; unsaid: its first context',
  },
  'probe-status': {
    kind: 'string',
    placeholder: 'CODES',
    default: PROBE_DEFAULTS.status,
    group: SIDECAR,
    describe: 'answers that are good, such as 200-399,404',
  },
  'probe-interval': {
    kind: 'duration',
    default: `${PROBE_DEFAULTS.intervalMs / 1000}s`,
    group: SIDECAR,
    describe: 'from the end of one probe to the next',
  },
  'probe-timeout': {
    kind: 'duration',
    default: `${PROBE_DEFAULTS.timeoutMs / 1000}s`,
    group: SIDECAR,
    describe: 'for one probe',
  },
  'probe-fall': {
    kind: 'number',
    integer: true,
    min: 1,
    default: PROBE_DEFAULTS.fall,
    group: SIDECAR,
    describe: 'bad probes in a row that make it sick',
  },
  'probe-rise': {
    kind: 'number',
    integer: true,
    min: 1,
    default: PROBE_DEFAULTS.rise,
    group: SIDECAR,
    describe: 'good probes in a row that make it well again',
  },
  'on-sick': {
    kind: 'choice',
    choices: ['disable', 'stop'],
    default: 'disable',
    group: SIDECAR,
    describe: 'what its contexts become: without new sessions, or without requests',
  },
  'blind-drain': {
    kind: 'duration',
    zero: true,
    default: `${DEFAULT_BLIND_DRAIN_MS / 1000}s`,
    group: SIDECAR,
    describe: 'when leaving, for requests that the balancer does not count',
  },
} as const;

/** What the command line makes of the flags. */
export interface SidecarArgs {
  readonly upstream: string | undefined;
  readonly probePath: string | undefined;
  readonly probeStatus: string;
  readonly probeInterval: number;
  readonly probeTimeout: number;
  readonly probeFall: number;
  readonly probeRise: number;
  readonly onSick: OnSick;
  readonly blindDrain: number;
}

/**
 * The settings that these flags make, for `startSidecar`; undefined when there is no upstream.
 * @throws UsageError for a status that is none
 */
export function sidecarSettings(
  args: SidecarArgs,
): Pick<SidecarOptions, 'upstream' | 'probe' | 'onSick' | 'blindDrainMs'> | undefined {
  if (args.upstream === undefined) return undefined;
  return {
    upstream: args.upstream,
    probe: {
      ...(args.probePath === undefined ? {} : { path: args.probePath }),
      status: parseStatusRange(args.probeStatus),
      intervalMs: args.probeInterval,
      timeoutMs: args.probeTimeout,
      fall: args.probeFall,
      rise: args.probeRise,
    },
    onSick: args.onSick,
    blindDrainMs: args.blindDrain,
  };
}
