import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { createMcmpClient } from '../../../src/client/client.ts';
import { createFaultBoard } from '../../../src/node/faults/board.ts';
import { forEachBounded } from '../../../src/node/simulator/bounded.ts';
import { type FleetHooks, type FleetOptions, fleetRoutes, startFleet } from '../../../src/node/simulator/fleet.ts';
import { checkOpenFiles, openFilesNeeded } from '../../../src/node/simulator/open-files.ts';
import type { Fleet } from '../../../src/node/simulator/types.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { hostPort } from '../../support/raw-http.ts';
import { startScriptedBalancer } from '../../support/scripted-balancer.ts';

const UNDERTOW_OK = { headers: { 'Content-Type': 'text/plain' } };

async function fleetOf(
  balancers: readonly string[],
  options: Partial<FleetOptions> = {},
  hooks: FleetHooks = {},
): Promise<Fleet> {
  const fleet = await startFleet(
    { route: 'node', nodes: 3, balancers, faults: createFaultBoard(), drainPollMs: 10, ...options },
    hooks,
  );
  freeAfter(() => fleet.kill());
  return fleet;
}

function mcmpUrl({ mcmpPort }: TestBalancer): string {
  return `http://${hostPort(mcmpPort)}`;
}

async function namesAt(lb: TestBalancer): Promise<string[]> {
  const client = createMcmpClient(mcmpUrl(lb));
  try {
    const { view } = await client.readState();
    return view.nodes.map(({ name }) => name).sort();
  } finally {
    await client.close();
  }
}

/** The first of two ports side by side that nobody has. */
async function freePorts(): Promise<number> {
  for (;;) {
    const probe = await fleetOf([], { nodes: 1 });
    const port = probe.nodes.get('node')?.port ?? 0;
    const second = await fleetOf([], { nodes: 1, port: port + 1 }).catch(() => undefined);
    await Promise.all([probe.kill(), second?.kill()]);
    if (second !== undefined) return port;
  }
}

describe('a fleet', () => {
  it('is registered when it has started, tells how far it is, and leaves nothing behind', async () => {
    const lb = await startTestBalancer({ waitBeforeRemoveMs: 50 });
    const progress: string[] = [];
    const fleet = await fleetOf(
      [mcmpUrl(lb)],
      { nodes: 12, contexts: ['/a', '/b'] },
      { onProgress: ({ done, registered, nodes }) => progress.push(`${done} ${registered} ${nodes}`) },
    );
    await fleet.registered(5000);
    expect([...fleet.nodes.keys()]).toEqual(fleetRoutes('node', 12));
    expect(progress).toHaveLength(12);
    expect(progress.at(-1)).toBe('12 12 12');
    expect(await namesAt(lb)).toHaveLength(12);
    expect((await request(`http://${hostPort(lb.port)}/b`)).statusCode).toBe(200);
    const left: number[] = [];
    await fleet.leave(1000, (done) => left.push(done));
    expect(left).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    await expect.poll(() => namesAt(lb), { timeout: 5000 }).toEqual([]);
  });

  it('calls a single node by the name alone', async () => {
    const lb = await startTestBalancer();
    await fleetOf([mcmpUrl(lb)], { nodes: 1, route: 'alone' });
    expect(await namesAt(lb)).toEqual(['alone']);
  });

  it('counts on from the first port', async () => {
    const port = await freePorts();
    const fleet = await fleetOf([], { nodes: 2, port });
    expect([...fleet.nodes.values()].map((node) => node.port)).toEqual([port, port + 1]);
  });

  it('starts although a balancer is away, and registers when it is there', async () => {
    const first = await startTestBalancer();
    first.balancer.closeNow();
    const fleet = await fleetOf([mcmpUrl(first)], { statusIntervalMs: 50 });
    const states = (): string[] => [...fleet.nodes.values()].map((node) => node.node().registrations()[0]?.state ?? '');
    expect(states()).not.toContain('registered');
    const second = await startTestBalancer({ mcmp: [{ host: '127.0.0.1', port: first.mcmpPort }] });
    await fleet.registered(10_000);
    expect(await namesAt(second)).toEqual(['node1', 'node2', 'node3']);
  });

  it('starts no more nodes when it is stopped meanwhile', async () => {
    const lb = await startTestBalancer();
    const stop = new AbortController();
    const fleet = await fleetOf(
      [mcmpUrl(lb)],
      { nodes: 500 },
      { signal: stop.signal, onProgress: ({ done }) => done >= 5 && stop.abort() },
    );
    expect(fleet.nodes.size).toBeLessThan(300);
    await fleet.leave(1000);
  });

  it('leaves nothing behind when it cannot start', async () => {
    const port = await freePorts();
    await fleetOf([], { nodes: 1, port: port + 1 });
    await expect(fleetOf([], { nodes: 2, port })).rejects.toMatchObject({ code: 'MCMP_LISTEN' });
    const again = await fleetOf([], { nodes: 1, port });
    expect(again.nodes.size).toBe(1);
  });

  it('can have one port for all its nodes, where the balancer permits it', async () => {
    const undertow = await startScriptedBalancer(() => UNDERTOW_OK);
    freeAfter(() => undertow.close());
    const fleet = await fleetOf([undertow.url], { nodes: 5, sharePort: true });
    expect(new Set([...fleet.nodes.values()].map(({ port }) => port)).size).toBe(1);
    const [first, second] = [...fleet.nodes.values()];
    const url = `http://${hostPort(first?.port ?? 0)}/app`;
    await first?.kill();
    expect((await request(url)).statusCode).toBe(200);
    await first?.restart();
    await second?.leave();
    expect(first?.condition()).toBe('running');
    expect((await request(url)).statusCode).toBe(200);
    await fleet.leave(1000);
    await expect(request(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('with one port is refused by mcmp serve, in words', async () => {
    const lb = await startTestBalancer();
    const fleet = await fleetOf([mcmpUrl(lb)], { nodes: 2, sharePort: true });
    const failures = [...fleet.nodes.values()].map((node) => node.node().registrations()[0]?.lastFailure);
    expect(failures.filter((failure) => failure !== '')).toEqual([expect.stringMatching(/^CONFIG: MEM: Another /)]);
  });

  it.each([
    [{ nodes: 0 }, 'MCMP_FLEET_SIZE'],
    [{ nodes: 10_001 }, 'MCMP_FLEET_SIZE'],
    [{ nodes: 1000, port: 65_000 }, 'MCMP_PORTS'],
  ])('cannot be: %j', async (options, code) => {
    await expect(fleetOf([], options)).rejects.toMatchObject({ kind: 'usage', code });
  });
});

describe('the open files of a fleet', () => {
  it('are ports, connections to balancers, and some from them', () => {
    expect(openFilesNeeded({ nodes: 1000, balancers: 1, sharedPort: false })).toBe(4064);
    expect(openFilesNeeded({ nodes: 1000, balancers: 2, sharedPort: true })).toBe(6065);
  });

  it('are looked at first, and the number that is needed is said', () => {
    const size = { nodes: 1000, balancers: 1, sharedPort: false };
    expect(() => checkOpenFiles(size, 4064)).not.toThrow();
    expect(() => checkOpenFiles(size, 1024)).toThrow(
      expect.objectContaining({
        code: 'MCMP_OPEN_FILES',
        message: '1000 nodes need about 4064 open files, and this process may have 1024',
        hint: expect.stringContaining('ulimit -n 4064'),
      }),
    );
  });
});

describe('doing something with many', () => {
  it('does it with so many at once, in their order', async () => {
    const begun: number[] = [];
    let atWork = 0;
    let most = 0;
    await forEachBounded(
      Array.from({ length: 20 }, (_, index) => index),
      4,
      async (item) => {
        begun.push(item);
        atWork += 1;
        most = Math.max(most, atWork);
        await Promise.resolve();
        atWork -= 1;
      },
    );
    expect(begun).toEqual([...begun].sort((a, b) => a - b));
    expect([begun.length, most]).toEqual([20, 4]);
  });

  it('begins no more after a failure, and tells the first one', async () => {
    const begun: number[] = [];
    const failing = forEachBounded([1, 2, 3, 4, 5, 6], 2, async (item) => {
      begun.push(item);
      if (item === 2) throw new Error('two');
      await Promise.resolve();
    });
    await expect(failing).rejects.toThrow('two');
    expect(begun.length).toBeLessThan(6);
  });
});
