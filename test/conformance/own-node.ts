import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Need } from '../../src/conformance/needs.ts';
import type { Action } from '../../src/conformance/node/actions.ts';
import type { NodeUnderTest, StartNode, StartWishes } from '../../src/conformance/node/node-under-test.ts';
import { formatGroup } from '../../src/core/advertise/group.ts';
import {
  type ConfigParameters,
  createNode,
  type Fleet,
  type FleetOptions,
  type Manners,
  openLoad,
  parseLoad,
  startFleet,
  systemClock,
} from '../../src/node/index.ts';
import { followAdvertisements } from '../../src/node/simulator/follow.ts';

/** What a node of ours can be told to do, and how it can be configured. */
export const OWN_FEATURES: ReadonlyMap<Need, string> = new Map<Need, string>([
  ...(
    [
      'node-deploy',
      'node-undeploy',
      'node-enable',
      'node-disable',
      'node-stop',
      'node-load',
      'node-ping',
      'node-add-balancer',
      'node-second-balancer',
      'node-contexts',
      'node-root-context',
      'node-aliases',
      'node-excluded',
      'node-born-disabled',
      'node-defaults',
      'node-domain',
      'node-balancer-name',
      'node-flush',
      'node-cookie',
      'node-wildcard',
      'node-generated-route',
      'node-engines',
      'node-sessions',
      'node-load-metric',
      'node-proxy-path',
      'node-ipv6',
      'node-tls',
      'node-discovery',
      'patience',
    ] as const
  ).map((need) => [need, ''] as const),
  ['node-timeout', '400ms'],
  ['node-no-interface', ''],
]);

const QUIET = { error() {}, warn() {}, info() {}, debug() {} };

export interface OwnNodeOptions {
  readonly manners: Manners;
  readonly statusIntervalMs: number;
  readonly mcmpTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Of its connector; default `http`. */
  readonly type?: NonNullable<FleetOptions['type']>;
}

/** Starts `node-sim` in this process, configured as a case wishes. */
export function ownNode(options: OwnNodeOptions): StartNode {
  return async (wishes) => {
    const { settings } = wishes;
    const fleet = startFleet({
      ...optionsOf(wishes),
      ...options,
      route: settings.has('node-generated-route') ? randomUUID() : 'cfnode',
      balancers: wishes.balancers,
    });
    const following =
      wishes.discovers === undefined
        ? undefined
        : fleet.then((running) =>
            followAdvertisements(
              running,
              {
                discover: { group: formatGroup(wishes.discovers ?? never()), interface: '127.0.0.1' },
                named: [],
                ignoresGoodbyes: options.manners === 'java',
              },
              QUIET,
            ),
          );
    await following;
    return nodeUnderTest(
      fleet,
      async () => {
        await (await following)?.close();
        await (await fleet).kill();
      },
      options,
    );
  };
}

function never(): never {
  throw new Error('unreachable');
}

/** What a node of the library can be told: its server is the caller's. */
export const LIBRARY_FEATURES: ReadonlyMap<Need, string> = new Map<Need, string>([
  ['node-stop-connector', ''],
  ['node-defaults', ''],
]);

/** Registers a web server of this process by `createNode`. */
export function libraryNode({ manners, statusIntervalMs, mcmpTimeoutMs, drainTimeoutMs }: OwnNodeOptions): StartNode {
  return async ({ balancers }) => {
    const server = createServer((_, response) => response.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const node = createNode({
      ...{ route: 'cfnode', balancers, contexts: ['/one', '/two'], connector: server },
      ...{ manners, statusIntervalMs, mcmpTimeoutMs, drainTimeoutMs },
    });
    const close = (): void => {
      server.close();
      server.closeAllConnections();
    };
    return {
      output: () => '',
      async end() {
        await node.abandon();
        close();
      },
      async act(action) {
        if (action === 'exit') await node.leave();
        else if (action === 'stop-connector') close();
        else throw new Error(`nobody can do this to a node of the library here: ${action}`);
      },
    };
  };
}

function optionsOf({ settings }: StartWishes): Omit<FleetOptions, 'route' | 'balancers'> {
  const config: [keyof ConfigParameters, string | undefined][] = [
    ['Domain', settings.get('node-domain')],
    ['Balancer', settings.get('node-balancer-name')],
    ['flushpackets', settings.get('node-flush')],
    ['StickySessionCookie', settings.get('node-cookie')],
  ];
  const own = settings.get('node-contexts') ?? settings.get('node-root-context');
  const paths = ['/one', '/two', ...(own === undefined ? [] : [own])];
  const hidden = settings.get('node-excluded');
  const wish = settings.has('node-born-disabled') ? 'disabled' : 'enabled';
  return {
    nodes: Number(settings.get('node-engines') ?? '1'),
    contexts: [...paths, ...(hidden === undefined ? [] : [hidden])].map((path) => ({ path, wish }) as const),
    excludedContexts: hidden === undefined ? [] : [hidden],
    aliases: ['localhost', ...(settings.get('node-aliases')?.split(',') ?? [])],
    config: Object.fromEntries(config.filter(([, value]) => value !== undefined)),
    drainSessions: settings.has('node-sessions'),
    ...(settings.has('node-wildcard') ? { host: '0.0.0.0' } : {}),
    ...(settings.has('node-load-metric') ? { load: parseLoad('busy') } : {}),
  };
}

function nodeUnderTest(fleet: Promise<Fleet>, end: () => Promise<void>, { manners }: OwnNodeOptions): NodeUnderTest {
  const problems: string[] = [];
  const inBackground = (work: Promise<unknown>): void => {
    work.catch((error: unknown) => problems.push(String(error)));
  };
  return {
    output: () => problems.join('\n'),
    end,
    async act(action, { context, value, route }) {
      const running = await fleet;
      const [simulated] = running.nodes.values();
      if (simulated === undefined) throw new Error('the fleet has no node');
      const node = simulated.node();
      const ways: Readonly<Partial<Record<Action, () => Promise<unknown>>>> = {
        deploy: () => node.deploy(context),
        undeploy: () => node.undeploy(context),
        enable: () => node.wish(context, 'enabled'),
        disable: () => node.wish(context, 'disabled'),
        stop: () => node.wish(context, 'stopped'),
        ping: () => node.say({ method: 'PING', target: '/', pairs: manners === 'java' ? [] : [['JVMRoute', route]] }),
      };
      if (action === 'exit') await running.leave();
      else if (action === 'add-balancer') running.addBalancer(value);
      else if (action === 'load') {
        simulated.setLoad(
          openLoad(parseLoad(value), { inFlight: () => 0, requestCount: () => 0, clock: systemClock, route }),
        );
      } else {
        const way = ways[action];
        if (way === undefined) throw new Error(`nobody can do this to a node of ours: ${action}`);
        inBackground(way());
      }
    },
  };
}
