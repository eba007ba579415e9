import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import type { NodeMind, NodeRequest } from '../support/java-node.ts';
import { startNode, startRawNode } from '../support/node-server.ts';
import type { NodeExchange } from '../support/recordings.ts';
import { createPeer, type McmpPeer, type NodeAnswer } from './mcmp-peer.ts';
import { changeContexts, configure, mindOf, nodeSetup } from './recorded-node.ts';

/** Something of a recording as it happened again. */
export interface Step {
  readonly balancer: ReplayedBalancer;
  /** `CONFIG /`, `REMOVE-APP /*`. */
  readonly line: string;
  /** With real ports. */
  readonly body: string;
  readonly answer: NodeAnswer;
  /** What the node itself knows at this time. */
  readonly mind: NodeMind;
  /** Whether the node's connector takes connections. */
  readonly usable: boolean;
  /** What an administrator sent to this balancer since its last step. */
  readonly meanwhile: readonly NodeRequest[];
}

/** One of the balancers of a recording. */
export interface ReplayedBalancer {
  readonly number: number;
  /** How often it lost its state. */
  readonly lives: number;
  /** INFO, asked on a connection of our own. */
  info(): Promise<string>;
  /** Something that an administrator does. */
  send(line: string, body: string): Promise<NodeAnswer>;
}

interface Backend {
  port: number;
  kill: (() => void) | undefined;
}

/**
 * Plays the part of the recorded node again: its requests byte for byte (ports apart), each on the connection that it
 * took, while its connector lives and dies as it did. What the recorded balancer answered does not matter.
 */
export async function* replayNode(entries: readonly NodeExchange[], type: 'http' | 'ajp'): AsyncGenerator<Step> {
  const backends = new Map<number, Backend>();
  const balancers = new Map<number, RunningBalancer>();
  let node = nodeSetup('', type);
  let alive = false;
  let meanwhile: NodeRequest[] = [];
  const connector = async (up: boolean): Promise<void> => {
    const backend = backends.get(node.port) ?? { port: 0, kill: undefined };
    backends.set(node.port, backend);
    backend.kill?.();
    backend.kill = undefined;
    alive = up;
    if (!up) return;
    const { port, kill } = await startConnector(node.type, backend.port);
    backend.port = port;
    backend.kill = kill;
  };
  const balancerOf = async (number: number): Promise<RunningBalancer> => {
    const known = balancers.get(number);
    if (known !== undefined) return known;
    const balancer = new RunningBalancer(number, await startTestBalancer());
    balancers.set(number, balancer);
    return balancer;
  };
  await connector(true);
  for (const { event, request, ...entry } of entries) {
    const number = numberIn(entry, 'balancer', 1);
    if (event?.startsWith('node: started with ')) {
      node = nodeSetup(event, type);
      await connector(true);
    } else if (event !== undefined) {
      if (/^node: (killed|OK stop-connector|OK exit)/.test(event)) await connector(false);
      if (/^node: OK start-connector/.test(event)) await connector(true);
      changeContexts(node.contexts, event);
      if (event === 'the balancer lost its state') await (await balancerOf(number)).restart();
      if (event.startsWith('the balancer is gone')) await (await balancerOf(number)).restart();
      const closed = /^connection (\d+) closed by the node$/.exec(event)?.[1];
      if (closed !== undefined) (await balancerOf(number)).peer(Number(closed)).close();
      const disabled = /^an administrator disabled (\S+) on the balancer$/.exec(event)?.[1];
      if (disabled !== undefined) {
        const body = `JVMRoute=${node.route}&Alias=localhost&Context=${disabled}`;
        const order = { line: 'DISABLE-APP /', body };
        await (await balancerOf(number)).send(order.line, order.body);
        meanwhile.push(order);
      }
    }
    if (request === undefined) continue;
    const balancer = await balancerOf(number);
    const renumber = (text: string): string =>
      text.replace(/\b181\d\d\b/g, (port) => String(backends.get(Number(port))?.port ?? port));
    const body = renumber(request.body);
    const headers = Object.entries(request.headers).map(
      ([name, value]) => `${name}: ${name === 'Content-Length' ? body.length : value}\r\n`,
    );
    const bytes = `${request.line}\r\n${headers.join('')}\r\n${body}`;
    const answer = await balancer.peer(numberIn(entry, 'connection', 1)).ask(bytes);
    const line = request.line.replace(/ HTTP\/1\.1$/, '');
    if (line.startsWith('CONFIG ')) configure(node, body);
    yield { balancer, line, body, answer, usable: alive, meanwhile, mind: mindOf(node) };
    meanwhile = [];
  }
}

class RunningBalancer implements ReplayedBalancer {
  readonly number: number;
  lives = 0;
  #balancer: TestBalancer;
  readonly #peers = new Map<number, McmpPeer>();

  constructor(number: number, balancer: TestBalancer) {
    this.number = number;
    this.#balancer = balancer;
  }

  peer(connection: number): McmpPeer {
    const peer = this.#peers.get(connection) ?? createPeer(this.#balancer.mcmpPort);
    this.#peers.set(connection, peer);
    return peer;
  }

  /** With other ports, which a node cannot see here: its connections are ours to make. */
  async restart(): Promise<void> {
    this.#balancer.balancer.closeNow();
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
    this.#balancer = await startTestBalancer();
    this.lives++;
  }

  async info(): Promise<string> {
    const { status, body } = await this.send('INFO /', '');
    if (status !== 200) throw new Error(`INFO was refused with ${status}`);
    return body;
  }

  async send(line: string, body: string): Promise<NodeAnswer> {
    const head = `${line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`;
    return await this.peer(0).ask(head + body);
  }
}

const CPING = Buffer.from('123400010a', 'hex');
const CPONG = Buffer.from('4142000109', 'hex');

async function startConnector(type: 'http' | 'ajp', port: number): Promise<{ port: number; kill(): void }> {
  if (type === 'http') return await startNode('node1', undefined, port);
  return await startRawNode((socket) => {
    socket.on('data', (packet: Buffer) => {
      if (packet.equals(CPING)) socket.write(CPONG);
    });
  }, port);
}

function numberIn(entry: object, name: string, otherwise: number): number {
  const value: unknown = Reflect.get(entry, name);
  return typeof value === 'number' ? value : otherwise;
}
