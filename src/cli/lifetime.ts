import { McmpError } from '../core/errors.ts';
import type { Log } from '../observe/types.ts';
import type { CommandContext } from './command.ts';

/** Something that runs until it is told to stop. */
export interface Service {
  /** Takes nothing new, lets what runs finish, and closes. */
  close(): Promise<void>;
  /** Ends in the middle of whatever runs. */
  closeNow(): void;
}

/** Real addresses, by role; `:0` has become a port that scripts must be told. */
export type ReadyAddresses = Readonly<Record<string, readonly string[]>>;

/**
 * Says that a service is ready, on stderr whatever the log level, and with `--json` as one object on stdout.
 */
export function announceReady(context: CommandContext, addresses: ReadyAddresses): void {
  if (context.json) context.out.json({ schemaVersion: 1, event: 'ready', ...addresses });
  const fields = Object.entries(addresses).map(([role, list]) => [role, list.join(',')] as const);
  context.notice('ready', Object.fromEntries(fields));
}

/**
 * Starts a service and stays with it: the first SIGINT or SIGTERM closes it politely, a second one at once, SIGHUP calls
 * `onReload`. Resolves when the service has closed.
 *
 * @param start resolves when the service is ready; what it throws ends the command
 */
export async function runUntilStopped<S extends Service>(
  context: CommandContext,
  start: () => Promise<S>,
  wishes: { readonly onReady: (service: S) => void; readonly onReload: (service: S) => void },
): Promise<void> {
  let started: S | undefined;
  // Before the start, which others may already know of: an advertised balancer has a goodbye to say.
  const stop = context.signals.takeOver({
    onSecond: () => started?.closeNow(),
    onHangup: () => {
      const service = started;
      if (service !== undefined) reload(context.log, () => wishes.onReload(service));
    },
  });
  const service = await start();
  started = service;
  wishes.onReady(service);
  if (!stop.aborted) {
    await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  }
  context.log.info('stopping; a second signal ends at once', { signal: String(stop.reason) });
  await service.close();
}

/** A configuration that has become wrong must not end what runs well. */
function reload(log: Log, apply: () => void): void {
  try {
    apply();
  } catch (error) {
    log.error('the configuration was not reloaded; what runs stays as it is', {
      problem: error instanceof Error ? error.message : String(error),
      ...(error instanceof McmpError && error.hint !== undefined ? { hint: error.hint } : {}),
    });
  }
}
