import { type Address, formatAddress } from '../../core/address.ts';
import type { CaseRun } from '../engine/types.ts';
import type { Features, Need } from '../needs.ts';
import { ACTION_NAMES, ACTIONS, type Action } from './actions.ts';
import { startStagedBalancer } from './balancer.ts';
import { type AskPerson, perform } from './control.ts';
import { type ControlWay, parseControlLine } from './control-lines.ts';
import { createNodeStage, type StageTarget } from './create-stage.ts';
import { kindByUserAgent, type NodeKind } from './kinds.ts';
import type { NodeUnderTest, StartNode } from './node-under-test.ts';
import { headerOf } from './request.ts';
import type { NodeStage } from './stage.ts';
import { startByCommand } from './start-command.ts';

/** How a node is judged, as the flags of `mcmp conformance node` say it. */
export interface NodeTargetOptions {
  /** `--listen`: where the first balancer of each case listens; undefined: free ports of the loopback interface. */
  readonly listen: Address | undefined;
  /** `--start`: a command line that starts the node, or a function that does; undefined: somebody starts it by hand. */
  readonly start: string | StartNode | undefined;
  /** `--control`, each `ACTION=HOW`. */
  readonly control: readonly string[];
  /** `--with`. */
  readonly features: Features;
  /** `--status-interval`: time between two STATUS, as the node is configured. */
  readonly statusIntervalMs: number;
  /** `--start-timeout`: from its start until it speaks, beyond one interval. */
  readonly startTimeoutMs: number;
  /** A person at a terminal. */
  readonly ask: AskPerson | undefined;
}

/** A node that can be judged. */
export interface NodeTarget {
  /** The start command, or where the node registers. */
  readonly name: string;
  /** For the circumstances of the run: those given, and those that follow from `--start`, `--control` and a person. */
  readonly features: Features;
  /** Cases that may run at a time: one, unless each has a node and a port of its own. */
  readonly mostJobs: number;
  createStage(run: CaseRun): NodeStage;
  /**
   * Lets the node register once and says what kind it is.
   * @param run of no case: what it records is not kept
   * @throws Deviation when no node comes
   */
  recognise(run: CaseRun): Promise<{ readonly kind: NodeKind; readonly calls: string }>;
  close(): Promise<void>;
}

const MANY_JOBS = 64;

/**
 * @throws UsageError for a control line that cannot be read; McmpError `MCMP_LISTEN` when `listen` cannot be had
 */
export async function openNodeTarget(options: NodeTargetOptions): Promise<NodeTarget> {
  const { listen, start, ask, statusIntervalMs, startTimeoutMs } = options;
  const ways = new Map(options.control.map(parseControlLine));
  const features = withPossibilities(options, ways);
  const startNode = typeof start === 'string' ? startByCommand({ command: start, ways, ask, features }) : start;
  const standing =
    startNode === undefined
      ? {
          balancer: await startStagedBalancer(listen ?? {}, {
            nowMs: () => 0,
            record: () => undefined,
            onChange: () => undefined,
          }),
          node: standingNode(ways, ask),
        }
      : undefined;
  const target: StageTarget = { start: startNode, standing, listen, features, statusIntervalMs, startTimeoutMs };
  const createStage = (run: CaseRun): NodeStage => createNodeStage(target, run);
  return {
    name: typeof start === 'string' ? start : `a node at ${standing?.balancer.address ?? listenWords(listen)}`,
    features,
    mostJobs: standing !== undefined || (listen !== undefined && listen.port !== 0) ? 1 : MANY_JOBS,
    createStage,
    async recognise(run) {
      const stage = createStage(run);
      const { balancer } = await stage.begin();
      const request = await stage.until('a node speaks', () => balancer.requests[0], startTimeoutMs + stage.soonMs);
      const calls = headerOf(request, 'User-Agent') ?? '';
      return { kind: kindByUserAgent(calls), calls };
    },
    async close() {
      await standing?.balancer.close();
    },
  };
}

function listenWords(listen: Address | undefined): string {
  return listen === undefined ? 'free ports' : formatAddress(listen);
}

function standingNode(ways: ReadonlyMap<Action, ControlWay>, ask: AskPerson | undefined): NodeUnderTest {
  return {
    act: (action, values) => perform({ ways, ask, write: undefined, names: new Map() }, action, values),
    output: () => '',
    end: () => Promise.resolve(),
  };
}

/** What follows from the other flags for the needs of cases. */
function withPossibilities(
  { features, start, ask }: NodeTargetOptions,
  ways: ReadonlyMap<Action, ControlWay>,
): Features {
  const possible = new Set<Need>();
  if (start !== undefined) possible.add('fresh-node').add('node-exit');
  if (typeof start === 'string' && /\{(balancers|addresses)\}/.test(start)) possible.add('node-second-balancer');
  for (const action of ACTION_NAMES) if (ways.has(action) || ask !== undefined) possible.add(ACTIONS[action].need);
  const added = [...possible].filter((need) => !features.has(need)).map((need) => [need, ''] as const);
  return new Map([...features, ...added]);
}
