import type { DumpBalancer, DumpNode } from '../../core/mcmp/dump.ts';
import type { InfoNode } from '../../core/mcmp/info.ts';
import { demand, demandEqual } from '../verdict.ts';
import type { Backend } from './backend.ts';
import { encodeFields, PING_SECONDS } from './create-trial.ts';
import type { BalancerTrial } from './trial.ts';

type Values = Readonly<Record<string, string | number>>;

/** A node that is about to be registered: the CONFIG itself is what the case looks at. */
export interface OwnNode {
  readonly route: string;
  readonly backend: Backend;
  /** All fields of its CONFIG. */
  readonly fields: Values;
  /** The same without `JVMRoute`. */
  readonly address: Values;
}

/** Fields of a node that no other case has; a web server of ours listens at its address. @param more further fields */
export async function ownNode(trial: BalancerTrial, more: Values = {}, route = trial.route()): Promise<OwnNode> {
  const backend = await trial.backend();
  backend.route = route;
  const { host, port } = backend;
  const address = { Host: host, Port: port, Type: 'http', ping: PING_SECONDS, Balancer: trial.balancer, ...more };
  trial.forget(route);
  return { route, backend, fields: { JVMRoute: route, ...address }, address };
}

/** A body whose last pair goes out as it is written here. */
export function bodyEndingIn(fields: Values, pair: string): string {
  return `${encodeFields(fields)}&${pair}`;
}

const NODE_KEYS = [
  'balancer',
  'domain',
  'host',
  'port',
  'type',
  'flushPackets',
  'flushWaitMs',
  'pingSeconds',
  'smax',
  'ttlSeconds',
  'load',
] as const satisfies readonly (keyof InfoNode)[];

/** What a line of a node says. */
export type NodeFacts = Partial<Pick<InfoNode, (typeof NODE_KEYS)[number]>>;

/** @throws Deviation unless INFO has the node, and says of it what is wanted */
export async function demandNode(trial: BalancerTrial, route: string, wanted: NodeFacts = {}): Promise<void> {
  const { nodes } = await trial.info();
  const named = (): string => `no such line among ${nodes.length}: ${nodes.map(({ name }) => name).join(', ')}`;
  const [node, second] = nodes.filter(({ name }) => name === route);
  demand(node !== undefined, `a line in INFO with Name: ${shortened(route)}`, () => shortened(named()));
  demand(second === undefined, `one line in INFO with Name: ${shortened(route)}`, 'several');
  for (const key of NODE_KEYS) {
    const value = wanted[key];
    if (value !== undefined) demandEqual(`${key} in INFO`, node[key], value);
  }
}

/** @throws Deviation when INFO has a node whose name begins so */
export async function demandNoNode(trial: BalancerTrial, route: string): Promise<void> {
  const { nodes } = await trial.info();
  const found = nodes.find(({ name }) => name.startsWith(route));
  demand(found === undefined, `no line in INFO with Name: ${shortened(route)}`, () => shortened(found?.name ?? ''));
}

/** The line of a balancer in DUMP. @throws Deviation when there is none, or more than one */
export async function balancerLine(trial: BalancerTrial, balancer: string = trial.balancer): Promise<DumpBalancer> {
  const { balancers } = await trial.dump();
  const [line, second] = balancers.filter(({ name }) => name === balancer);
  demand(line !== undefined, `a line in DUMP for the balancer ${shortened(balancer)}`, 'none');
  demand(second === undefined, `one line in DUMP for the balancer ${shortened(balancer)}`, 'several');
  return line;
}

/** The line of a node in DUMP. @throws Deviation when there is none */
export async function nodeInDump(trial: BalancerTrial, route: string): Promise<DumpNode> {
  const { nodes } = await trial.dump();
  const line = nodes.find((node) => node.route === route);
  demand(line !== undefined, `a line in DUMP with JVMRoute: ${shortened(route)}`, 'none');
  return line;
}

function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}… (${text.length} bytes)`;
}
