import { McmpError } from '../../core/errors.ts';
import { systemClock } from '../clock.ts';
import { balancerUrl } from '../wire/balancer-url.ts';
import type { McmpWire } from '../wire/types.ts';
import { createWire } from '../wire/wire.ts';
import { checkNames, checkTimes } from './check-options.ts';
import { connectorSource } from './connector-source.ts';
import { createContexts } from './contexts.ts';
import type { LifeState } from './life-cycle.ts';
import { createLoadReader } from './load-source.ts';
import { MANNERS } from './manners.ts';
import { startRegistrar } from './registrar.ts';
import type { Registrar } from './registrar-types.ts';
import type { Subject } from './subject.ts';
import type { ContextWish, CreateNodeOptions, McmpNode, NodeContextView, NodeEvent } from './types.ts';
import { createWaiters } from './waiters.ts';

const DEFAULT_STATUS_INTERVAL_MS = 10_000;
const DEFAULT_DRAIN_TIMEOUT_MS = 10_000;
const DEFAULT_DRAIN_POLL_MS = 100;
const DEFAULT_REGISTERED_TIMEOUT_MS = 30_000;

interface Member {
  readonly registrar: Registrar;
  /** Set when it says goodbye. */
  leaving: Promise<void> | undefined;
  /** Whether it was asked for again meanwhile. */
  comesBack: boolean;
}

/**
 * Registers a web server as a node with MCMP balancers, and keeps it registered until it leaves (reference §9). Balancers
 * that are dead, slow or gone delay nobody; each is served when it can be.
 * @throws UsageError when an option can never be right
 */
export function createNode(options: CreateNodeOptions): McmpNode {
  const { route, clock = systemClock } = options;
  const aliases = options.aliases ?? ['localhost'];
  checkNames(route, aliases);
  checkTimes(options);
  const contexts = createContexts(options.contexts ?? ['/'], options.excludedContexts ?? [], aliases);
  const manners = MANNERS[options.manners ?? 'mcmp'];
  const drainTimeoutMs = options.drainTimeoutMs ?? DEFAULT_DRAIN_TIMEOUT_MS;
  const statusIntervalMs = options.statusIntervalMs ?? DEFAULT_STATUS_INTERVAL_MS;
  const members = new Map<string, Member>();
  const waiters = createWaiters(clock);
  const readLoad = createLoadReader();
  let load = options.load ?? 100;
  let ending: Promise<void> | undefined;

  const wakeAll = (): void => {
    for (const { registrar } of members.values()) registrar.wake();
  };
  const connector = connectorSource(options.connector, {
    opened: wakeAll,
    requestEnded: (path) => {
      for (const { registrar } of members.values()) registrar.requestEnded(path);
    },
  });
  const onEvent = (event: NodeEvent): void => {
    if (event.kind === 'life') waiters.look();
    try {
      options.onEvent?.(event);
    } catch (error) {
      // The listener's mistake is shown as one, but not in the middle of a conversation.
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  const subject: Subject = {
    route,
    aliases,
    parameters: options.config ?? {},
    statusIntervalMs,
    drainTimeoutMs,
    drainPollMs: options.drainPollMs ?? DEFAULT_DRAIN_POLL_MS,
    blindDrainMs: options.blindDrainMs ?? 0,
    connector,
    wishes: contexts.wishes,
    sessions: sessionCounter(options.sessions, onEvent),
    load: (warn) => (connector.isOpen() ? readLoad(load, warn) : -1),
  };

  const join = (url: URL): void => {
    const events = [...members.values()].map(({ registrar }) => registrar.nextEventMs());
    const wire = openWire(url, options);
    const registrar = startRegistrar(subject, wire, {
      clock,
      manners,
      tamper: options.tamper,
      onEvent,
      onProgress: waiters.look,
      firstEventMs: Math.min(statusIntervalMs, ...events),
    });
    members.set(url.href, { registrar, leaving: undefined, comesBack: false });
  };
  const settled = (path: string): Promise<void> =>
    waiters.until(() => [...members.values()].every(({ registrar }) => registrar.isSettled(path)));
  /** Contexts that are being undeployed, and by how many callers. */
  const going = new Map<string, number>();
  const viewOf = (path: string, wish: ContextWish, references: number): NodeContextView => ({
    path,
    wish,
    references,
    inFlight: connector.inFlight(path),
  });
  const mustBeHere = (): void => {
    if (ending !== undefined) {
      throw new McmpError('check-failed', 'MCMP_NODE_GONE', `${route} has left, or is leaving`, {
        hint: 'Create another node.',
      });
    }
  };
  const end = (goodbye: (registrar: Registrar) => Promise<void>): Promise<void> => {
    const all = [...members.values()].map(({ registrar }) => goodbye(registrar));
    return Promise.all(all).then(() => {
      connector.close();
      waiters.look();
    });
  };

  for (const url of new Set(options.balancers.map((text) => balancerUrl(text).href))) join(new URL(url));

  return {
    route,
    registrations: () => [...members.values()].map(({ registrar }) => registrar.view()),
    contexts: () => [
      ...[...contexts.rows].map(([path, { wish, references }]) => viewOf(path, wish, references)),
      ...[...going.keys()].filter((path) => !contexts.rows.has(path)).map((path) => viewOf(path, 'stopped', 0)),
    ],
    async registered(timeoutMs = DEFAULT_REGISTERED_TIMEOUT_MS) {
      mustBeHere();
      const all = (isRegistered: (registrar: Registrar) => boolean): boolean =>
        [...members.values()].every(({ registrar }) => isRegistered(registrar));
      // A report that is under way is waited for: it may be the one that finds the balancer gone.
      const isSure = ({ view }: Registrar): boolean => SURE.has(view().state);
      await waiters.until(() => all(isSure) || ending !== undefined, timeoutMs);
      mustBeHere();
      if (!all(({ isRegistered }) => isRegistered())) throw notRegistered(route, [...members.values()], timeoutMs);
    },
    async deploy(path, wish) {
      mustBeHere();
      const spelt = contexts.deploy(path, wish);
      for (const { registrar } of members.values()) registrar.insist(spelt);
      await settled(spelt);
    },
    async undeploy(path) {
      mustBeHere();
      const spelt = contexts.undeploy(path);
      // Requests may come until the last balancer knows.
      going.set(spelt, (going.get(spelt) ?? 0) + 1);
      wakeAll();
      try {
        await settled(spelt);
      } finally {
        const others = (going.get(spelt) ?? 1) - 1;
        if (others === 0) going.delete(spelt);
        else going.set(spelt, others);
      }
    },
    async wish(path, wish) {
      mustBeHere();
      const spelt = contexts.wish(path, wish);
      for (const { registrar } of members.values()) registrar.insist(spelt);
      await settled(spelt);
    },
    setLoad(source) {
      load = source;
    },
    addBalancer(text) {
      mustBeHere();
      const url = balancerUrl(text);
      const member = members.get(url.href);
      if (member === undefined) join(url);
      else member.comesBack = member.leaving !== undefined;
      if (manners.refreshes === 'at-next-event') reconnectAll(members);
    },
    async removeBalancer(text, { goodbye = true } = {}) {
      const { href } = balancerUrl(text);
      const member = members.get(href);
      if (member === undefined) return;
      member.comesBack = false;
      const { registrar } = member;
      // Without a word also ends a goodbye that is on its way.
      const left = goodbye ? registrar.leave(drainTimeoutMs, members.size > 1) : registrar.abandon();
      member.leaving ??= left.then(() => {
        members.delete(href);
        if (member.comesBack && ending === undefined) join(new URL(href));
        waiters.look();
      });
      await member.leaving;
      if (manners.refreshes === 'at-next-event') reconnectAll(members);
    },
    refresh() {
      for (const { registrar } of members.values()) registrar.refresh();
    },
    say: (message) =>
      Promise.all(
        [...members.values()].map(async ({ registrar }) => {
          const answer = await registrar.say(message).catch((error: unknown) => asError(error));
          return { balancer: registrar.view().balancer, answer };
        }),
      ),
    leave(leaveOptions = {}) {
      ending ??= end((registrar) => registrar.leave(leaveOptions.drainTimeoutMs ?? drainTimeoutMs, false));
      return ending;
    },
    async abandon() {
      const dying = end((registrar) => registrar.abandon());
      ending = dying;
      await dying;
    },
  };
}

/** States in which the last that a balancer said was that it has the node. */
const SURE: ReadonlySet<LifeState> = new Set<LifeState>(['registered', 'changing']);

function openWire(url: URL, options: CreateNodeOptions): McmpWire {
  const { clock, manners, mcmpTimeoutMs, tamper, tls } = options;
  const wire: McmpWire = createWire(url, {
    ...(clock === undefined ? {} : { clock }),
    ...(manners === undefined ? {} : { manners }),
    ...(mcmpTimeoutMs === undefined ? {} : { timeoutMs: mcmpTimeoutMs }),
    ...(tls === undefined ? {} : { tls }),
    ...(tamper === undefined
      ? {}
      : {
          pace: () => tamper.pace(wire.address),
          leavesConnectionOpen: () => tamper.leavesConnectionOpen(wire.address),
        }),
  });
  return wire;
}

function reconnectAll(members: ReadonlyMap<string, Member>): void {
  for (const { registrar } of members.values()) registrar.reconnect();
}

/** An application that cannot count its sessions does not keep its contexts. */
function sessionCounter(
  sessions: CreateNodeOptions['sessions'],
  onEvent: (event: NodeEvent) => void,
): (path: string) => number {
  if (sessions === undefined) return () => 0;
  return (path) => {
    try {
      return sessions(path);
    } catch (error) {
      onEvent({ kind: 'warning', balancer: '', message: `sessions of ${path} cannot be counted: ${String(error)}` });
      return 0;
    }
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function notRegistered(route: string, members: readonly Member[], timeoutMs: number): McmpError {
  const why = members
    .filter(({ registrar }) => !registrar.isRegistered())
    .map(({ registrar }) => registrar.view())
    .map(({ balancer, state, lastFailure }) => `${balancer}: ${lastFailure === '' ? state : lastFailure}`);
  return new McmpError(
    'timeout',
    'MCMP_NOT_REGISTERED',
    `${route} is not registered after ${timeoutMs} ms (${why.join('; ')})`,
    { hint: 'mcmp send INFO --balancer URL says whether the balancer can be reached from here.' },
  );
}
