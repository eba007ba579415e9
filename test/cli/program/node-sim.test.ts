import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BalancerOptions } from '../../../src/balancer/index.ts';
import { createMcmpClient } from '../../../src/client/client.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Program, runProgram, startProgram } from './start-program.ts';

interface Served {
  readonly web: string;
  readonly mcmp: string;
  readonly mcmpPort: number;
  /** Ends it at once, as a crash does. */
  kill(): void;
  /** Names of the nodes that it knows. */
  nodes(): Promise<string[]>;
}

/** A balancer of ours in this process: the program that is looked at here is the other one. */
async function serve(overrides: Partial<BalancerOptions> = {}): Promise<Served> {
  const { balancer, port, mcmpPort } = await startTestBalancer({ waitBeforeRemoveMs: 50, ...overrides });
  const client = createMcmpClient(`http://127.0.0.1:${mcmpPort}`);
  onTestFinished(() => client.close());
  return {
    web: `http://127.0.0.1:${port}`,
    mcmp: `127.0.0.1:${mcmpPort}`,
    mcmpPort,
    kill: balancer.closeNow,
    nodes: async () => (await client.readState()).view.nodes.map(({ name }) => name).sort(),
  };
}

function nodeSim(balancer: string, ...words: string[]): Program {
  return startProgram(['node-sim', '--balancer', balancer, '--status-interval', '100ms', ...words]);
}

function documents(stdout: string): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('mcmp node-sim', () => {
  it('registers nodes, serves their contexts, and lets them leave at SIGTERM', async () => {
    const lb = await serve();
    const program = nodeSim(lb.mcmp, '--nodes', '3', '--contexts', '/shop,/api', '--load', '70');
    await program.written('stdout', /node3 .*registered +70 +\/shop \/api +0\n/);
    await program.written('stderr', /"message":"ready","fields":\{"nodes":3,"registered":3,/);
    expect(await lb.nodes()).toEqual(['node1', 'node2', 'node3']);
    const { statusCode, body } = await request(`${lb.web}/shop/x`);
    expect([statusCode, await body.json()]).toMatchObject([200, { context: '/shop' }]);
    program.child.kill('SIGTERM');
    const { code, stdout, stderr } = await program.ended;
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^node +address +state +load +contexts +requests$/);
    expect(stderr).toContain('all nodes have left');
    await waitFor(async () => (await lb.nodes()).length === 0);
  });

  it('says with --json what is ready, each node, and each change', async () => {
    const lb = await serve();
    const program = nodeSim(lb.mcmp, '--json', '--route', 'n', '--duration', '300ms');
    const { code, stdout } = await program.ended;
    expect(code).toBe(0);
    const [ready, node, ...changes] = documents(stdout);
    expect(ready).toEqual({
      schemaVersion: 1,
      event: 'ready',
      nodes: 1,
      registered: 1,
      balancers: [lb.mcmp],
      control: null,
    });
    expect(node).toEqual({
      ...{ schemaVersion: 1, event: 'node', route: 'n', host: '127.0.0.1', port: expect.any(Number) },
      ...{ condition: 'running', requests: 0, inFlight: 0 },
      contexts: [{ route: 'n', path: '/app', state: 'enabled', references: 1, inFlight: 0 }],
      balancers: [{ balancer: lb.mcmp, state: 'registered', reason: '', reportedState: 'OK', load: 100 }],
    });
    expect(changes.map(({ event, balancer, from, to }) => [event, balancer, from, to])).toEqual([
      ['change', lb.mcmp, 'registered', 'leaving'],
      ['change', lb.mcmp, 'leaving', 'gone'],
      ['change', null, 'running', 'gone'],
    ]);
  });

  it('stays and tries again when no balancer is there, and says so once', async () => {
    const program = nodeSim('127.0.0.1:1', '--nodes', '2');
    await program.written('stderr', /no node is registered here yet; they keep trying.*ECONNREFUSED/);
    await program.written('stdout', /node2 .*retrying +- +\/app/);
    program.child.kill('SIGINT');
    const { code, stderr } = await program.ended;
    expect(code).toBe(0);
    expect(stderr.match(/no node is registered here yet/g)).toHaveLength(1);
  });

  it('tells that the balancer went and came back', async () => {
    const lb = await serve();
    const program = nodeSim(lb.mcmp, '--log-level', 'error');
    await program.written('stdout', /node .*registered/);
    lb.kill();
    await program.written('stdout', /^\d\d:\d\d:\d\d {2}node {2}registered -> retrying {2}127\.0\.0\.1:\d+ {2}\S/m);
    await serve({ mcmp: [{ host: '127.0.0.1', port: lb.mcmpPort }] });
    await program.written('stdout', /node {2}retrying -> registered {2}127\.0\.0\.1:\d+\n/);
  });

  it('starts no fleet when its control API cannot be opened', async () => {
    const lb = await serve();
    const program = nodeSim(lb.mcmp, '--control', lb.mcmp, '--log-level', 'debug');
    const { code, stdout, stderr } = await program.ended;
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^mcmp: the control API cannot listen on .*: the port is taken \(MCMP_LISTEN\)\n/);
    expect(await lb.nodes()).toEqual([]);
  });

  it('lets nodes leave when nobody reads any more what it prints', async () => {
    const lb = await serve();
    const program = nodeSim(lb.mcmp, '--nodes', '2', '--json');
    await program.written('stdout', /"event":"node".*"node2"/);
    program.child.stdout?.destroy();
    await waitFor(async () => (await lb.nodes()).length === 2);
    lb.kill();
    expect((await program.ended).code).toBe(0);
    expect((await program.ended).stderr).toMatch(/leaving.*SIGPIPE.*\n.*all nodes have left/);
  });

  it('stays registered with --stay', async () => {
    const lb = await serve({ brokenNodeTimeoutMs: Number.POSITIVE_INFINITY });
    const { code } = await nodeSim(lb.mcmp, '--stay', '--duration', '100ms').ended;
    expect(code).toBe(0);
    expect(await lb.nodes()).toEqual(['node']);
  });

  it('ends at once at a second signal', async () => {
    const lb = await serve();
    const program = nodeSim(lb.mcmp, '--drain-timeout', '60s');
    await program.written('stderr', /"message":"ready"/);
    const slow = request(`${lb.web}/app?sleep=60s`).catch(() => undefined);
    await waitFor(async () => (await lb.nodes()).length === 1);
    program.child.kill('SIGTERM');
    await program.written('stderr', /leaving; a second signal ends at once/);
    program.child.kill('SIGINT');
    expect((await program.ended).code).toBe(130);
    await slow;
  });

  it('is changed by mcmp node-sim ctl', async () => {
    const lb = await serve();
    const program = nodeSim(lb.mcmp, '--json', '--nodes', '2', '--control', '127.0.0.1:0');
    const [line] = await program.written('stdout', /^.*\n/);
    const { control } = JSON.parse(line) as { control: string };
    const ctl = (...words: string[]) => runProgram(['node-sim', 'ctl', ...words, '--control', control]);
    expect(await ctl('kill', 'node2')).toMatchObject({ code: 0, stdout: expect.stringMatching(/node2 .*killed/) });
    await program.written('stdout', /"route":"node2","balancer":null,"from":"running","to":"killed"/);
    expect((await ctl('restart', 'node2')).code).toBe(0);
    await program.written('stdout', /"route":"node2","balancer":"[^"]*","from":"registering","to":"registered"/);
  });

  it('says why an application that runs elsewhere gets no requests', async () => {
    const lb = await serve();
    const program = nodeSim(lb.mcmp, '--upstream', 'http://127.0.0.1:1', '--probe-interval', '50ms');
    await program.written('stdout', /registered +-1 +\/ \(stopped\)/);
    await program.written('stderr', /has not answered well yet.*http:\/\/127\.0\.0\.1:1.*ECONNREFUSED.*--probe-path/);
  });

  it('registers an application that runs elsewhere, while it is well', async () => {
    const lb = await serve();
    let status = 200;
    const application = createServer((_, response) => response.writeHead(status).end('mine'));
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      application.closeAllConnections();
      application.close();
    });
    const { port } = application.address() as AddressInfo;
    const upstream = ['--upstream', `http://127.0.0.1:${port}`, '--contexts', '/mine'];
    const probing = ['--probe-interval', '50ms', '--probe-fall', '1', '--probe-rise', '1', '--blind-drain', '0'];
    const program = nodeSim(lb.mcmp, ...upstream, ...probing);
    const answer = async (): Promise<number> => {
      const { statusCode, body } = await request(`${lb.web}/mine`);
      await body.dump();
      return statusCode;
    };
    await waitFor(async () => (await answer()) === 200);
    // Before its table it tells of no change: the table says how things are.
    await program.written('stderr', /"message":"ready"/);
    status = 500;
    await program.written('stdout', /node {2}well -> sick {2}/);
    await waitFor(async () => (await answer()) === 404);
    program.child.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
    await waitFor(async () => (await lb.nodes()).length === 0);
  });

  it('and mcmp node-sim ctl are completed by shells', async () => {
    const words = ['--get-yargs-completions', 'mcmp', 'node-sim'];
    const candidates = async (...typed: string[]): Promise<string[]> =>
      (await runProgram([...words, ...typed], { environment: { SHELL: 'bash' } })).stdout.trim().split('\n');
    expect(await candidates('c')).toContain('ctl');
    expect(await candidates('--sticky')).toContain('--sticky-session-force');
    expect(await candidates('ctl', 'ki')).toContain('kill');
  });
});
