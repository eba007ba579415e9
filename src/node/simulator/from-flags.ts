import { discoveryOf } from '../../advertise/discover-options.ts';
import type { ArgsOf } from '../../cli/command.ts';
import { clientTlsOf } from '../../client/command-options.ts';
import type { McmpClientTls } from '../../client/sockets.ts';
import { DEFAULT_PACKET_BYTES } from '../../core/ajp/index.ts';
import { UsageError } from '../../core/errors.ts';
import { systemClock } from '../clock.ts';
import { createFaultBoard } from '../faults/board.ts';
import { checkFaultFits } from '../faults/fits.ts';
import { parseFault } from '../faults/grammar.ts';
import { routeMatcher } from '../faults/route-pattern.ts';
import type { FaultSpec } from '../faults/types.ts';
import { openLoad } from '../load/open-load.ts';
import { parseLoad } from '../load/parse-load.ts';
import { DEFAULT_BLIND_DRAIN_MS, PROBE_DEFAULTS } from '../sidecar/settings.ts';
import { parseStatusRange } from '../sidecar/status-range.ts';
import type { SidecarOptions } from '../sidecar/types.ts';
import { readUpstream } from '../sidecar/upstream.ts';
import { configParameters } from './config-flags.ts';
import { connectorOptions } from './connector-options.ts';
import type { NODE_SIM_OPTIONS } from './flags.ts';
import { type FleetOptions, fleetRoutes } from './fleet.ts';
import type { FollowOptions } from './follow.ts';

export type NodeSimArgs = ArgsOf<typeof NODE_SIM_OPTIONS, Record<never, never>>;

/**
 * The fleet that was asked for; its faults count from now.
 * @throws UsageError
 */
export function fleetOptions(args: NodeSimArgs): FleetOptions {
  refuseFlags(args, ONLY_SIDECAR, 'is for an application that runs elsewhere', 'Say where it runs: --upstream URL.');
  const contexts = args.contexts.length === 0 ? ['/app'] : args.contexts;
  return {
    ...commonOptions(args),
    nodes: args.nodes,
    contexts: contexts.map((path) => ({ path, wish: args.born })),
    sharePort: args.sharePort,
    load: parseLoad(args.load),
    drainSessions: args.drainSessions,
    // Through the control API faults may come later.
    ...(args.fault.length === 0 && args.control === undefined
      ? {}
      : { faults: createFaultBoard({ seed: args.seed, specs: faultsOf(args) }) }),
    ...connectorOptions(args),
  };
}

type FlagRow = readonly [flag: string, isGiven: (args: NodeSimArgs) => boolean];

/** What makes no sense of an application that runs elsewhere. */
const ONLY_SIMULATED: readonly FlagRow[] = [
  ['--nodes', ({ nodes }) => nodes > 1],
  ['--share-port', ({ sharePort }) => sharePort],
  ['--born', ({ born }) => born !== 'enabled'],
  ['--drain-sessions', ({ drainSessions }) => drainSessions],
  ['--fault', ({ fault }) => fault.length > 0],
  ['--control', ({ control }) => control !== undefined],
  ['--node-tls', ({ nodeTls }) => nodeTls !== undefined],
  ['--node-ca', ({ nodeCa }) => nodeCa !== undefined],
  ['--ajp-secret-file', ({ ajpSecretFile }) => ajpSecretFile !== undefined],
  ['--ajp-packet-size', ({ ajpPacketSize }) => ajpPacketSize !== DEFAULT_PACKET_BYTES],
];

/** What makes no sense of one that speaks AJP. */
const ONLY_HTTP_PROBES: readonly FlagRow[] = [
  ['--probe-path', ({ probePath }) => probePath !== undefined],
  ['--probe-status', ({ probeStatus }) => probeStatus !== PROBE_DEFAULTS.status],
];

/** What makes no sense without one. */
const ONLY_SIDECAR: readonly FlagRow[] = [
  ['--probe-path', ({ probePath }) => probePath !== undefined],
  ['--probe-status', ({ probeStatus }) => probeStatus !== PROBE_DEFAULTS.status],
  ['--probe-interval', ({ probeInterval }) => probeInterval !== PROBE_DEFAULTS.intervalMs],
  ['--probe-timeout', ({ probeTimeout }) => probeTimeout !== PROBE_DEFAULTS.timeoutMs],
  ['--probe-fall', ({ probeFall }) => probeFall !== PROBE_DEFAULTS.fall],
  ['--probe-rise', ({ probeRise }) => probeRise !== PROBE_DEFAULTS.rise],
  ['--on-sick', ({ onSick }) => onSick !== 'disable'],
  ['--blind-drain', ({ blindDrain }) => blindDrain !== DEFAULT_BLIND_DRAIN_MS],
];

function refuseFlags(args: NodeSimArgs, flags: readonly FlagRow[], why: string, hint: string): void {
  for (const [flag, isGiven] of flags) {
    if (isGiven(args)) throw new UsageError(`${flag} ${why}`, { hint });
  }
}

/** The faults, each for a node that there is: one that is for nobody would be waited for in vain. */
function faultsOf({ fault, route, nodes, type = 'http' }: NodeSimArgs): FaultSpec[] {
  const routes = fleetRoutes(route, nodes);
  const specs = fault.map(parseFault);
  for (const spec of specs) checkFaultFits(spec.fault, type);
  for (const { text, nodes: patterns } of specs) {
    const nobody = patterns.find((pattern) => !routes.some(routeMatcher([pattern])));
    if (nobody === undefined) continue;
    throw new UsageError(`the fault ${text} is for ${nobody}, and no node is called that`, {
      code: 'MCMP_NO_SUCH_NODE',
      hint: routes.length === 1 ? `The only node is ${routes[0]}.` : `They are ${routes[0]} to ${routes.at(-1)}.`,
    });
  }
  return specs;
}

/**
 * The application that was asked to be registered.
 * @throws UsageError
 */
export function sidecarOptions(args: NodeSimArgs, upstream: string, log: (problem: string) => void): SidecarOptions {
  const notFor = 'is for simulated nodes, not for an application that runs elsewhere';
  refuseFlags(args, ONLY_SIMULATED, notFor, 'Leave it out, or leave --upstream out.');
  const { type } = args;
  if (readUpstream(upstream).type === 'ajp') {
    const why = 'cannot be: by AJP an application is only asked whether it is there (CPING)';
    refuseFlags(
      args,
      ONLY_HTTP_PROBES,
      why,
      'Leave it out, or probe its HTTP port: --upstream http://.. --type ajp --port 8009.',
    );
  }
  const spec = parseLoad(args.load);
  if (spec.kind === 'busy' || spec.kind === 'requests') {
    throw new UsageError(
      `the load ${spec.text} counts requests, and those of an application elsewhere are not seen here`,
      {
        hint: 'cpu, a number and cmd:COMMAND are possible.',
      },
    );
  }
  const meter = openLoad(spec, { inFlight: () => 0, clock: systemClock, route: args.route, log });
  return {
    ...commonOptions(args),
    upstream,
    ...(args.contexts.length === 0 ? {} : { contexts: args.contexts }),
    load: () => meter.next(),
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
    ...(type === undefined ? {} : { type }),
  };
}

function commonOptions(args: NodeSimArgs) {
  return {
    route: args.route,
    balancers: balancersOf(args),
    excludedContexts: args.exclude,
    aliases: args.alias,
    statusIntervalMs: args.statusInterval,
    drainTimeoutMs: args.drainTimeout,
    config: configParameters(args),
    tls: mcmpTls(args),
    manners: args.javaManners ? 'java' : 'mcmp',
    ...(args.host === undefined ? {} : { host: args.host }),
    ...(args.port === undefined ? {} : { port: args.port }),
    ...(args.mcmpTimeout === undefined ? {} : { mcmpTimeoutMs: args.mcmpTimeout }),
  } as const;
}

/** The one on this machine when none is named, and none looked for. */
const DEFAULT_BALANCER = new URL('http://127.0.0.1:8090');

function balancersOf({ balancer, discover }: NodeSimArgs): readonly URL[] {
  return balancer.length === 0 && !discover ? [DEFAULT_BALANCER] : balancer;
}

/**
 * How balancers are found that are not named.
 * @returns undefined: not at all
 * @throws UsageError
 */
export function followOptions(args: NodeSimArgs): FollowOptions | undefined {
  const discover = discoveryOf(args);
  return discover === undefined ? undefined : { discover, named: args.balancer, ignoresGoodbyes: args.javaManners };
}

function mcmpTls({ mcmpCa, mcmpCert, mcmpKey, mcmpInsecure }: NodeSimArgs): McmpClientTls {
  return clientTlsOf({ ca: mcmpCa, cert: mcmpCert, key: mcmpKey, insecure: mcmpInsecure }, 'mcmp-');
}
