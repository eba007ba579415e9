import { createFaultBoard } from '../../src/node/faults/board.ts';
import { parseFault } from '../../src/node/faults/grammar.ts';
import { type FaultConnector, type FaultName, faultRow } from '../../src/node/faults/table.ts';
import { startSimulatedNode } from '../../src/node/simulator/simulated-node.ts';
import type { SimulatedNode, SimulatedNodeOptions } from '../../src/node/simulator/types.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { testCertificates } from '../support/certificates.ts';
import { freeAfter } from '../support/cleanup.ts';
import { hostPort, openRaw, type RawAnswer } from '../support/raw-http.ts';

/** Which nodes there are besides the faulty one. */
export type Company = 'alone' | 'with another node';

export interface Outcome {
  /** What the client saw, in words for a table. */
  readonly seen: string;
  /** How often a node of the cluster received the request whole enough to act on it. */
  readonly delivered: number;
}

/** Short, so that a table of all faults takes seconds; what is shown does not depend on how short. */
const UPSTREAM_TIMEOUT_MS = 400;
const NEVER_MS = 3_600_000;
/** Long enough that each fault which counts bytes strikes in the middle of it. */
const RESPONSE_BYTES = 4096;
const BODY = 'x'.repeat(2048);

/** Amounts that show the fault quickly; other faults are used as their table's example-free form. */
const AMOUNTS: ReadonlyMap<FaultName, string> = new Map([
  ['hang-after', '1000'],
  ['reset-after', '1000'],
  ['latency', '50ms'],
  ['bandwidth', '64KiB'],
  ['slow-read', '64KiB'],
  ['error', '500'],
]);

/**
 * One request through a balancer to a node that has just gone wrong: connections to it are open already, its last STATUS
 * was good, and no ping has noticed anything.
 */
export async function request(fault: FaultName, method: 'GET' | 'POST', company: Company): Promise<Outcome> {
  const { authority, ca } = testCertificates();
  const balancer = await startTestBalancer({
    upstreamTimeoutMs: UPSTREAM_TIMEOUT_MS,
    pingIntervalMs: NEVER_MS,
    upstreamTls: { ca, certificate: null, insecure: false },
  });
  const { connector = 'http' } = faultRow(fault);
  const kind: NodeKind = { type: TYPES[connector] };
  if (connector === 'tls') kind.nodeTls = { authority: { cert: authority.certPem, key: authority.keyPem } };
  const faults = createFaultBoard({});
  const faulty = await node(balancer, 'n1', 100, kind, faults);
  // A hot standby: it gets what the faulty node cannot answer, and nothing else.
  const other = company === 'alone' ? undefined : await node(balancer, 'n2', 0, kind);
  // Faults of TLS strike connections that are new: none may be left to use again.
  const closing = connector === 'tls' ? faults.add(parseFault('close')) : undefined;
  await exchange(balancer.port, 'GET');
  if (closing !== undefined) faults.remove(closing);
  const before = requestsOf(faulty, other);
  const amount = AMOUNTS.get(fault);
  faults.add(parseFault(amount === undefined ? fault : `${fault}:${amount}`));
  // These change what a ping finds, and the next STATUS makes the balancer ping.
  if (faultRow(fault).class === 'health') await balancer.mcmp('STATUS', 'JVMRoute=n1&Load=100');
  const answer = await exchange(balancer.port, method);
  return { seen: inWords(answer), delivered: requestsOf(faulty, other) - before };
}

/** What a node speaks that can have the fault. */
const TYPES = { http: 'http', ajp: 'ajp', tls: 'https' } as const satisfies Record<FaultConnector, string>;

type NodeKind = { -readonly [Key in 'type' | 'nodeTls']?: NonNullable<SimulatedNodeOptions[Key]> };

async function node(
  balancer: TestBalancer,
  route: string,
  load: number,
  kind: NodeKind,
  faults?: ReturnType<typeof createFaultBoard>,
): Promise<SimulatedNode> {
  const started = await startSimulatedNode({
    ...kind,
    route,
    balancers: [`http://${hostPort(balancer.mcmpPort)}`],
    contexts: ['/app'],
    statusIntervalMs: NEVER_MS,
    load: { text: String(load), kind: 'fixed', load },
    config: { StickySessionForce: 'No', ping: '1' },
    ...(faults === undefined ? {} : { faults }),
  });
  freeAfter(() => started.kill());
  await started.node().registered(5000);
  return started;
}

function requestsOf(...nodes: readonly (SimulatedNode | undefined)[]): number {
  return nodes.reduce((sum, one) => sum + (one?.requestCount() ?? 0), 0);
}

async function exchange(port: number, method: 'GET' | 'POST'): Promise<RawAnswer> {
  const client = await openRaw(port);
  const head = `${method} /app?size=${RESPONSE_BYTES} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
  client.write(method === 'GET' ? `${head}\r\n` : `${head}Content-Length: ${BODY.length}\r\n\r\n${BODY}`);
  return await client.closed(15_000);
}

function inWords({ status, headers, body, end }: RawAnswer): string {
  if (status === 0) return end === 'reset' ? 'connection reset' : 'connection closed';
  const length = Number(headers.get('content-length') ?? Number.NaN);
  const whole = Number.isNaN(length) ? body.endsWith('0\r\n\r\n') : body.length === length;
  return whole ? String(status) : `${status}, cut short`;
}
