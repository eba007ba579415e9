import { type Clock, systemClock } from '../clock.ts';
import { createNode } from '../registrar/create-node.ts';
import type { ContextWish, LoadSource, McmpNode } from '../registrar/types.ts';
import type { Health } from './probe-verdict.ts';
import { DEFAULT_BLIND_DRAIN_MS, noticesAbout, probeSettings } from './settings.ts';
import type { ApplicationView, OnSick, Sidecar, SidecarEvent, SidecarOptions } from './types.ts';
import { readUpstream } from './upstream.ts';
import { describeOutcome, watch } from './watch.ts';

export interface SidecarSurroundings {
  readonly onEvent?: (event: SidecarEvent) => void;
  readonly clock?: Clock;
}

const OUT_OF_ORDER = -1;

/** What a context is told to be, by what is believed of the application. */
const WISHES: Readonly<Record<Health, (onSick: OnSick) => ContextWish>> = {
  // As an application server that boots: known, but nothing goes there (needs B13).
  starting: () => 'stopped',
  well: () => 'enabled',
  sick: (onSick) => (onSick === 'stop' ? 'stopped' : 'disabled'),
};

/**
 * Registers an application that runs elsewhere and does not speak MCMP: balancers send it requests directly. Its contexts
 * are stopped until a probe finds it well, enabled while it is well, disabled (or stopped) while it is sick; while nobody
 * takes connections there, its load is told as -1 (reference §9.8, NODE-52).
 * @throws UsageError when the upstream or a probe setting cannot be
 */
export async function startSidecar(options: SidecarOptions, surroundings: SidecarSurroundings = {}): Promise<Sidecar> {
  const { clock = systemClock, onEvent = () => undefined } = surroundings;
  const { onSick = 'disable' } = options;
  const upstream = readUpstream(options.upstream);
  const paths = options.contexts ?? ['/'];
  const settings = probeSettings(options.probe ?? {}, paths);
  const type = options.type ?? upstream.type;
  for (const message of noticesAbout(type)) onEvent({ kind: 'notice', message });

  let view: ApplicationView = { health: 'starting', wish: 'stopped', outOfOrder: false, lastProbe: '' };
  const ownLoad = options.load ?? 100;
  const load = (): number => (view.outOfOrder ? OUT_OF_ORDER : loadNow(ownLoad));
  const node = createNode({
    ...options,
    contexts: paths.map((path) => ({ path, wish: 'stopped' })),
    connector: { host: options.host ?? upstream.host, port: options.port ?? upstream.port, type },
    blindDrainMs: options.blindDrainMs ?? DEFAULT_BLIND_DRAIN_MS,
    load,
    onEvent,
    clock,
  });

  const stopping = new AbortController();
  const told = (what: Promise<unknown>): void => {
    what.catch((error: unknown) => onEvent({ kind: 'notice', message: `balancers were not told: ${String(error)}` }));
  };
  const watching = watch(upstream.origin, settings, clock, stopping.signal, ({ verdict, outcome }) => {
    const { health } = verdict;
    const before = view;
    const lastProbe = describeOutcome(outcome);
    const wish = WISHES[health](onSick);
    view = { health, wish, outOfOrder: health !== 'well' && outcome.kind === 'gone', lastProbe };
    // One that has not been well yet may never be: then somebody has to learn why.
    const isNews = health !== before.health || (health === 'starting' && lastProbe !== before.lastProbe);
    if (isNews) onEvent({ kind: 'health', from: before.health, to: health, reason: lastProbe });
    if (wish !== before.wish) for (const { path } of node.contexts()) told(node.wish(path, wish));
    // Not with the next STATUS, which may be ten seconds away: until then balancers would try, or stay away.
    if (view.outOfOrder !== before.outOfOrder) told(report(node, load));
  });

  let leaving: Promise<void> | undefined;
  return {
    node,
    application: () => view,
    leave(leaveOptions) {
      stopping.abort();
      leaving ??= watching.then(() => node.leave(leaveOptions));
      return leaving;
    },
    async abandon() {
      stopping.abort();
      await Promise.all([watching, node.abandon()]);
    },
  };
}

/** To the balancers that have the node; the others get the load with their first STATUS. */
async function report(node: McmpNode, load: () => number): Promise<void> {
  if (!node.registrations().some(({ state }) => state === 'registered' || state === 'changing')) return;
  await node.say({
    method: 'STATUS',
    target: '/',
    pairs: [
      ['JVMRoute', node.route],
      ['Load', String(load())],
    ],
  });
}

function loadNow(load: LoadSource): number {
  return typeof load === 'function' ? load() : load;
}
