import { expect, it } from 'vitest';
import { TICK_MS } from '../../src/balancer/clock.ts';
import { watchLoopLag } from '../../src/balancer/management/metrics/loop-lag.ts';
import { readExposition } from '../observe/metrics/read-exposition.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

/** `label=value,... value` of all lines of a metric that are not 0. */
async function linesOf(lb: TestBalancer, metric: string): Promise<string[]> {
  const { body } = await talk(lb.mcmpPort, 'GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n');
  const samples = readExposition(body).get(metric)?.samples ?? [];
  return samples
    .filter(({ value }) => value !== 0)
    .map(({ labels, value }) => `${Array.from(labels, ([name, text]) => `${name}=${text}`).join()} ${value}`);
}

it('each node is in one state, and is counted in it', async () => {
  const lb = await startTestBalancer({ waitBeforeRemoveMs: 600_000 });
  const dead = await startNode('dead');
  await lb.register('dead', dead.port, { load: null });
  for (const [route, load] of [
    ['active', 1],
    ['standby', 0],
    ['withdrawn', -1],
    ['leaving', 50],
  ] as const) {
    const node = await startNode(route);
    await lb.register(route, node.port, { load });
  }
  dead.kill();
  await lb.mcmp('STATUS', 'JVMRoute=dead&Load=50');
  await lb.mcmp('REMOVE-APP', 'JVMRoute=leaving', '/*');
  expect(await linesOf(lb, 'mcmp_node_state')).toEqual([
    'node=dead,state=error 1',
    'node=active,state=active 1',
    'node=standby,state=standby 1',
    'node=withdrawn,state=withdrawn 1',
    'node=leaving,state=removing 1',
  ]);
  expect(await linesOf(lb, 'mcmp_node_up')).toEqual(['node=active 1', 'node=standby 1']);
  expect(await linesOf(lb, 'mcmp_nodes')).toEqual([
    'state=active 1',
    'state=standby 1',
    'state=withdrawn 1',
    'state=error 1',
    'state=removing 1',
  ]);
});

it('contexts are counted by status as it is now, however it came to be', async () => {
  const lb = await startTestBalancer();
  await lb.register('n1', 9, { contexts: '/a,/b,/c', load: null });
  expect(await linesOf(lb, 'mcmp_contexts')).toEqual(['status=enabled 3']);
  await lb.mcmp('DISABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/a');
  expect(await linesOf(lb, 'mcmp_contexts')).toEqual(['status=enabled 2', 'status=disabled 1']);
  await lb.mcmp('STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/a');
  expect(await linesOf(lb, 'mcmp_contexts')).toEqual(['status=enabled 2', 'status=stopped 1']);
  await lb.mcmp('REMOVE-APP', 'JVMRoute=n1&Alias=localhost&Context=/b');
  expect(await linesOf(lb, 'mcmp_contexts')).toEqual(['status=enabled 1', 'status=stopped 1']);
});

it('what a node counted that lost its name is counted with the others', async () => {
  const lb = await startTestBalancer({ dialect: 'httpd-2', waitBeforeRemoveMs: 1 });
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  await lb.get('/app/');
  await lb.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*');
  await waitFor(async () => (await linesOf(lb, 'mcmp_node_info')).length === 0);
  const counted = 'result=2xx 1';
  expect(await linesOf(lb, 'mcmp_node_requests_total')).toEqual([`node=(others),${counted}`]);
  expect(await linesOf(lb, 'mcmp_context_requests_total')).toEqual([
    `node=(others),host=(others),context=(others),${counted}`,
  ]);
});

it('the lag of the event loop is what a tick is late, not what lies between two ticks', () => {
  const listeners: (() => void)[] = [];
  const clock = {
    nowMs: 5000,
    wallMs: 0,
    httpDate: '',
    refresh: () => {},
    onTick: (listener: () => void) => {
      listeners.push(listener);
    },
    stop: () => {},
  };
  const lag = watchLoopLag(clock);
  for (const lateMs of [0, 30, 0, 700]) {
    clock.nowMs += TICK_MS + lateMs;
    for (const tick of listeners) tick();
  }
  expect(lag.sum).toBeCloseTo(0.73, 9);
  const counted = lag.buckets.flatMap((count, index) => (count === 0 ? [] : [[lag.bounds[index], count]]));
  expect(counted).toEqual([
    [0.002, 2],
    [0.05, 1],
    [1, 1],
  ]);
});
