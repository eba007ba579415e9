import { isEncryptedType } from '../../core/mcmp/connector-types.ts';
import type { LogFields } from '../../observe/types.ts';
import { nodeDocument } from './documents.ts';
import { type FleetHooks, type FleetOptions, type FleetProgress, startFleet } from './fleet.ts';
import { type FollowOptions, followAdvertisements } from './follow.ts';
import type { OpenControl } from './open-control.ts';
import { type EndWishes, endOf, type SimulatorScreen, showChanges, showNodes } from './screen.ts';
import { createTeller } from './teller.ts';
import type { Fleet } from './types.ts';

/** Changes of a fleet come in crowds; they are told together. */
const GATHER_MS = 250;
const FEW_NODES = 20;

export interface RunOptions extends EndWishes {
  readonly fleet: FleetOptions;
  /** Ends without a word to the balancers. */
  readonly stay: boolean;
  readonly control: OpenControl | undefined;
  /** Balancers are found by their advertisements, besides those that are named. */
  readonly follow: FollowOptions | undefined;
}

/**
 * Runs a fleet from its start to its end: shows how it comes, how it stands, what changes, and how it goes.
 *
 * @throws McmpError when it cannot start; balancers that are away are no reason
 */
export async function runSimulator(options: RunOptions, screen: SimulatorScreen): Promise<void> {
  const { stop } = options;
  const { log, progress } = screen;
  let isTelling = false;
  let control: Awaited<ReturnType<OpenControl>> | undefined;
  const teller = createTeller({
    gatherMs: screen.json || options.fleet.nodes <= FEW_NODES ? 0 : GATHER_MS,
    tell: (tellings) => {
      for (const { route } of tellings) control?.changed(route);
      if (isTelling) showChanges(tellings, screen);
    },
    warn: (route, balancer, problem) => log.warn('a registration may not go as expected', { route, balancer, problem }),
  });
  const hooks: FleetHooks = {
    signal: stop,
    onProgress: (state) => showStart(state, screen),
    onEvent: (route, event) => {
      teller.event(route, event);
      if (event.kind !== 'exchange') return;
      const { message, balancer, answer } = event;
      log.debug('exchange', { route, balancer, method: message.method, target: message.target, status: answer.status });
    },
    onCondition: (route, _from, to) => teller.condition(route, to),
    onTrouble: (route, problem) => log.warn('the load of this node cannot be measured', { route, problem }),
  };

  const { type, nodeTls } = options.fleet;
  if (isEncryptedType(type) && nodeTls?.certificate === undefined && nodeTls?.authority === undefined) {
    log.info('the nodes show a certificate that was made for this run, of an authority that nobody knows', {
      hint: 'balancers have to be told to believe any, or the nodes to show another: --node-tls, --node-ca',
    });
  }
  const fleet = await startFleet(options.fleet, hooks);
  progress.clear();
  let why: LogFields = stop.aborted ? { signal: String(stop.reason) } : {};
  let discovery: Awaited<ReturnType<typeof followAdvertisements>> | undefined;
  try {
    control = await options.control?.(fleet);
    if (options.follow !== undefined) discovery = await followAdvertisements(fleet, options.follow, log);
    if (!stop.aborted) {
      // What is in the table is no change any more.
      teller.flush();
      showNodes([...fleet.nodes.values()].map(nodeDocument), control?.address, screen);
      isTelling = true;
      why = await endOf(options);
    }
  } finally {
    await discovery?.close();
    await control?.close();
    // People are told how many have left; programs hear of each.
    isTelling &&= screen.json;
    await goodbye(fleet, options, why, screen);
    teller.flush();
  }
}

function showStart({ done, registered, nodes }: FleetProgress, { progress }: SimulatorScreen): void {
  progress.show(`starting nodes: ${done} of ${nodes}, ${registered} registered`, 'starting nodes', {
    started: done,
    registered,
    nodes,
  });
}

async function goodbye(fleet: Fleet, options: RunOptions, why: LogFields, screen: SimulatorScreen): Promise<void> {
  const { log, progress } = screen;
  const nodes = fleet.nodes.size;
  if (options.stay) {
    log.info('ending without a word: the balancers keep the nodes until they find them gone', { nodes, ...why });
    await fleet.desert();
    return;
  }
  log.info('leaving; a second signal ends at once', { nodes, ...why });
  await fleet.leave(undefined, (left) => {
    progress.show(`leaving: ${left} of ${nodes} nodes have gone`, 'leaving', { left, nodes });
  });
  progress.clear();
  log.info('all nodes have left', { nodes });
}
