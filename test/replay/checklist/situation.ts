import { expect, test } from 'vitest';
import type { DialectName } from '../../../src/core/mcmp/dialect.ts';
import { type RegisterOptions, startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { startNode, type TestNode } from '../../support/node-server.ts';

/** httpd's own table sizes. */
export const HTTPD_LIMITS = { maxNodes: 20, maxContexts: 100, maxHosts: 20 };

export interface SituationNode extends RegisterOptions {
  readonly route: string;
  /** Its server is killed after it registered; a STATUS then tells the balancer. */
  readonly dead?: boolean;
}

/** What a client meets, as a row: nodes, commands, a request, and who answers. */
export interface Situation {
  readonly id: string;
  readonly nodes: readonly SituationNode[];
  readonly useAlias?: boolean;
  /** Commands after the nodes registered, `COMMAND target` and body. */
  readonly commands?: readonly (readonly [line: string, body: string])[];
  readonly path: string;
  /** Header lines, each with CRLF. */
  readonly headers?: string;
  /** How many requests; default 6. */
  readonly times?: number;
  /** Routes that answer, all of them at least once and nobody else; or the status that all requests get. */
  readonly answers: readonly string[] | number;
}

export async function startHttpd2(overrides: Parameters<typeof startTestBalancer>[0] = {}): Promise<TestBalancer> {
  return await startTestBalancer({ dialect: 'httpd-2', limits: HTTPD_LIMITS, ...overrides });
}

/** Sends a command that has to succeed. */
export async function command(balancer: TestBalancer, line: string, body = ''): Promise<string> {
  const [name = '', target = '/'] = line.split(' ');
  const answer = await balancer.mcmp(name, body, target);
  expect(answer.status, `${line} ${body}\n${answer.text}`).toBe(200);
  return answer.body;
}

export function checkSituations(situations: readonly Situation[], dialect: DialectName = 'httpd-2'): void {
  test.for(situations)('$id', async (situation) => {
    const balancer = await startHttpd2({ useAlias: situation.useAlias ?? false, dialect });
    await registerAll(balancer, situation.nodes);
    for (const [line, body] of situation.commands ?? []) await command(balancer, line, body);
    const seen = new Set<string | number>();
    for (let i = 0; i < (situation.times ?? 6); i++) {
      const { status, body } = await balancer.get(situation.path, situation.headers);
      seen.add(status === 200 ? nameIn(body) : status);
    }
    const { answers } = situation;
    expect([...seen].sort()).toEqual(typeof answers === 'number' ? [answers] : [...answers].sort());
  });
}

/** Registers nodes in their order; those that are to be dead die after all are there. */
export async function registerAll(
  balancer: TestBalancer,
  nodes: readonly SituationNode[],
): Promise<ReadonlyMap<string, TestNode>> {
  const servers = new Map<string, TestNode>();
  for (const { route, dead: _, ...options } of nodes) {
    const server = await startNode(route);
    servers.set(route, server);
    await balancer.register(route, server.port, options);
  }
  for (const { route, dead } of nodes) {
    if (dead !== true) continue;
    servers.get(route)?.kill();
    expect(await command(balancer, 'STATUS', `JVMRoute=${route}&Load=100`)).toContain('State=NOTOK');
  }
  return servers;
}

/** Which node answered. */
export function nameIn(body: string): string {
  const { node }: { node: string } = JSON.parse(body);
  return node;
}
