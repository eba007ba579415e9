import { McmpError } from '../../core/errors.ts';
import { startSidecar } from '../sidecar/sidecar.ts';
import type { SidecarEvent, SidecarOptions } from '../sidecar/types.ts';
import { readUpstream } from '../sidecar/upstream.ts';
import { upstreamDocument } from './documents.ts';
import { type FollowOptions, followAdvertisements } from './follow.ts';
import { type EndWishes, endOf, type SimulatorScreen, showChanges, showNodes } from './screen.ts';
import { createTeller } from './teller.ts';

/** How long a balancer that says nothing keeps the first table from being shown. */
const PATIENCE_MS = 2_000;

export interface RunSidecarOptions extends EndWishes {
  readonly sidecar: SidecarOptions;
  /** Ends without a word to the balancers. */
  readonly stay: boolean;
  /** Balancers are found by their advertisements, besides those that are named. */
  readonly follow: FollowOptions | undefined;
}

/**
 * Registers an application that runs elsewhere, and shows what becomes of it, until told to end.
 *
 * @throws UsageError when the application's address or a setting of the probes cannot be
 */
export async function runSidecar(options: RunSidecarOptions, screen: SimulatorScreen): Promise<void> {
  const { sidecar: settings, stop } = options;
  const { route } = settings;
  const { log } = screen;
  const upstream = readUpstream(settings.upstream);
  let isTelling = false;
  const teller = createTeller({
    gatherMs: 0,
    tell: (tellings) => {
      if (isTelling) showChanges(tellings, screen);
    },
    warn: (_, balancer, problem) => log.warn('a registration may not go as expected', { balancer, problem }),
  });
  const onEvent = (event: SidecarEvent): void => {
    if (event.kind === 'notice') log.warn('this may not work as hoped', { problem: event.message });
    else if (event.kind === 'health') teller.health(route, event);
    else teller.event(route, event);
  };

  const sidecar = await startSidecar(settings, { onEvent });
  await firstAnswer(sidecar.node.registered(PATIENCE_MS), stop);
  const address = { host: settings.host ?? upstream.host, port: settings.port ?? upstream.port };
  showNodes([upstreamDocument(sidecar.node, address)], undefined, screen);
  const { health, lastProbe } = sidecar.application();
  if (health === 'starting' && lastProbe !== '') {
    log.warn('the application has not answered well yet, and gets no requests until it does', {
      upstream: settings.upstream,
      probe: lastProbe,
      hint: 'is it running there? --probe-path says what it is asked for, --probe-status which answers are good',
    });
  }
  isTelling = true;
  const { follow } = options;
  const discovery = follow === undefined ? undefined : await followAdvertisements(sidecar.node, follow, log);
  const why = await endOf(options);
  await discovery?.close();
  if (options.stay) {
    log.info('ending without a word: the balancers keep the application until they find it gone', why);
    await sidecar.abandon();
  } else {
    log.info('leaving; a second signal ends at once', why);
    await sidecar.leave();
    log.info('the application is registered no more', { route });
  }
  teller.flush();
}

/** Waits until it is registered, but not for ever: it goes on trying. */
async function firstAnswer(registered: Promise<void>, stop: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const tried = registered.catch((error: unknown) => {
    if (!(error instanceof McmpError && error.code === 'MCMP_NOT_REGISTERED')) throw error;
  });
  await Promise.race([tried, stopped]);
}
