import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';

const CLIENTS = 32;
const PROGRAM = fileURLToPath(new URL('../support/node-process.mjs', import.meta.url));

interface ProcessNode {
  readonly process: ChildProcess;
  readonly port: number;
  /** Bodies of POSTs that the node acted upon. */
  readonly acted: string[];
}

async function startProcessNode(): Promise<ProcessNode> {
  const child = fork(PROGRAM, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  freeAfter(() => {
    child.kill('SIGKILL');
  });
  const acted: string[] = [];
  child.on('message', (body) => acted.push(String(body)));
  const port = await new Promise<number>((resolve) => child.stdout?.once('data', (line) => resolve(Number(line))));
  return { process: child, port, acted };
}

interface Outcome {
  readonly status: number | 'reset';
  readonly tookMs: number;
  readonly id: string;
}

/** 32 clients, each one request after the other, until `enough` says so. */
async function drive(lb: TestBalancer, method: 'GET' | 'POST', enough: () => boolean): Promise<Outcome[]> {
  const agent = new Agent({ connections: CLIENTS, pipelining: 1 });
  freeAfter(() => agent.destroy());
  const outcomes: Outcome[] = [];
  const visit = async (client: number): Promise<void> => {
    for (let i = 0; !enough(); i++) {
      const id = `${client}-${i}`;
      const startedMs = performance.now();
      const status = await request(`http://127.0.0.1:${lb.port}/app`, {
        method,
        dispatcher: agent,
        ...(method === 'POST' ? { body: id } : {}),
      }).then(
        async ({ statusCode, body }) => {
          await body.dump();
          return statusCode;
        },
        () => 'reset' as const,
      );
      outcomes.push({ status, tookMs: performance.now() - startedMs, id });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => visit(client)));
  return outcomes;
}

async function twoNodes(): Promise<{ lb: TestBalancer; nodes: [ProcessNode, ProcessNode] }> {
  const lb = await startTestBalancer();
  const nodes: [ProcessNode, ProcessNode] = [await startProcessNode(), await startProcessNode()];
  for (const [i, node] of nodes.entries()) await lb.register(`n${i}`, node.port, { config: 'ping=1' });
  return { lb, nodes };
}

/** True from some time after `act` was called on; `act` is called after the first hundreds of requests. */
function afterAWhile(act: () => void, thenMs: number): { enough: () => boolean } {
  const startedMs = performance.now();
  let actedMs = 0;
  return {
    enough: () => {
      const nowMs = performance.now();
      if (actedMs === 0 && nowMs - startedMs > 400) {
        actedMs = nowMs;
        act();
      }
      return actedMs > 0 && nowMs - actedMs > thenMs;
    },
  };
}

const count = (outcomes: readonly Outcome[], status: Outcome['status']): number =>
  outcomes.filter((outcome) => outcome.status === status).length;

it('loses no GET when a node is killed under 32 clients', async () => {
  const { lb, nodes } = await twoNodes();
  const { enough } = afterAWhile(() => nodes[0].process.kill('SIGKILL'), 600);
  const outcomes = await drive(lb, 'GET', enough);
  expect(outcomes.length).toBeGreaterThan(CLIENTS * 3);
  expect(count(outcomes, 200)).toBe(outcomes.length);
});

it('answers each POST 200 or 502 when a node is killed under 32 clients, and sends none twice', async () => {
  const { lb, nodes } = await twoNodes();
  const { enough } = afterAWhile(() => nodes[0].process.kill('SIGKILL'), 600);
  const outcomes = await drive(lb, 'POST', enough);
  expect(count(outcomes, 200) + count(outcomes, 502)).toBe(outcomes.length);
  expect(count(outcomes, 502)).toBeLessThanOrEqual(CLIENTS);
  const acted = nodes.flatMap((node) => node.acted);
  expect(new Set(acted).size).toBe(acted.length);
});

it('lets no client of a paused node wait longer than its ping time-out and a second, and fails no GET', async () => {
  const { lb, nodes } = await twoNodes();
  const { enough } = afterAWhile(() => nodes[0].process.kill('SIGSTOP'), 3000);
  const outcomes = await drive(lb, 'GET', enough);
  expect(count(outcomes, 200)).toBe(outcomes.length);
  // ping=1: one second of silence, one of ping; the rest is for a busy machine.
  expect(Math.max(...outcomes.map(({ tookMs }) => tookMs))).toBeLessThan(2500);
});

it('loses nothing when a node leaves politely under 32 clients', async () => {
  const { lb, nodes } = await twoNodes();
  const { enough } = afterAWhile(() => {
    void lb
      .mcmp('DISABLE-APP', 'JVMRoute=n0', '/*')
      .then(() => lb.mcmp('STOP-APP', 'JVMRoute=n0', '/*'))
      .then(() => lb.mcmp('REMOVE-APP', 'JVMRoute=n0', '/*'));
  }, 600);
  const outcomes = await drive(lb, 'POST', enough);
  expect(count(outcomes, 200)).toBe(outcomes.length);
  expect(nodes[0].acted.length + nodes[1].acted.length).toBe(outcomes.length);
});
