import { McmpError } from '../../../src/core/errors.ts';
import { createFaultBoard } from '../../../src/node/faults/board.ts';
import type { FaultBoard } from '../../../src/node/faults/types.ts';
import type { ContextWish, McmpNode, NodeContextView, Registration } from '../../../src/node/registrar/types.ts';
import type { Fleet, NodeCondition, SimulatedNode } from '../../../src/node/simulator/types.ts';
import { freeAfter } from '../../support/cleanup.ts';

/** A node that only remembers what it was told. */
export interface StandInNode extends SimulatedNode {
  /** What was asked of it, in order. */
  readonly told: string[];
  become(condition: NodeCondition): void;
  /** The next action waits for it. */
  holdUntil(released: Promise<void>): void;
  /** The next action fails with it. */
  failWith(error: Error): void;
  /** Whatever else a balancer may think of it. */
  standing: Registration;
}

interface StoredContext {
  wish: ContextWish;
  references: number;
}

export function standInNode(route: string, port: number): StandInNode {
  const told: string[] = [];
  const contexts = new Map<string, StoredContext>([['/app', { wish: 'enabled', references: 1 }]]);
  let condition: NodeCondition = 'running';
  let hold: Promise<void> | undefined;
  let failure: Error | undefined;
  const act = async (what: string): Promise<void> => {
    told.push(what);
    const [waited, failed] = [hold, failure];
    hold = undefined;
    failure = undefined;
    await waited;
    if (failed !== undefined) throw failed;
  };
  const views = (): NodeContextView[] =>
    [...contexts].map(([path, { wish, references }]) => ({ path, wish, references, inFlight: undefined }));
  const node: McmpNode = {
    route,
    registrations: () => [stand.standing],
    contexts: views,
    registered: async () => {},
    async deploy(path, wish = 'enabled') {
      await act(`deploy ${path} ${wish}`);
      const known = contexts.get(path);
      contexts.set(path, { wish: known?.wish ?? wish, references: (known?.references ?? 0) + 1 });
    },
    async undeploy(path) {
      await act(`undeploy ${path}`);
      const known = contexts.get(path);
      if (known === undefined || known.references === 1) contexts.delete(path);
      else known.references -= 1;
    },
    async wish(path, wish) {
      await act(`wish ${path} ${wish}`);
      const known = contexts.get(path);
      if (known !== undefined) known.wish = wish;
    },
    setLoad: () => {},
    addBalancer: () => {},
    removeBalancer: async () => {},
    refresh: () => void told.push('refresh'),
    async say({ method, target, pairs }) {
      await act(`say ${method} ${target} ${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`);
      const answer = {
        method,
        target,
        status: 200,
        statusText: 'OK',
        headers: new Map([['content-type', 'text/plain']]),
        body: 'Type=PING-RSP&State=OK',
        elapsedMs: 1,
      };
      return [
        { balancer: '127.0.0.1:8090', answer },
        { balancer: '127.0.0.1:8091', answer: new McmpError('unreachable', 'MCMP_UNREACHABLE', 'nothing listens') },
      ];
    },
    leave: async () => {},
    abandon: async () => {},
  };
  const stand: StandInNode = {
    route,
    host: '127.0.0.1',
    port,
    told,
    standing: { balancer: '127.0.0.1:8090', state: 'registered', lastFailure: '', reportedState: 'OK', load: 100 },
    condition: () => condition,
    node: () => node,
    requestCount: () => 7,
    inFlight: () => 0,
    setLoad: (meter) => void told.push(`load ${meter.text} = ${meter.next()}`),
    async leave() {
      condition = 'leaving';
      await act('leave');
      condition = 'gone';
    },
    async kill() {
      await act('kill');
      condition = 'killed';
    },
    async desert() {
      await act('desert');
      condition = 'gone';
    },
    async restart() {
      await act('restart');
      condition = 'running';
    },
    connector: () => {
      throw new Error('a stand-in has no connector');
    },
    close: () => {},
    become: (next) => {
      condition = next;
    },
    holdUntil: (released) => {
      hold = released;
    },
    failWith: (error) => {
      failure = error;
    },
  };
  return stand;
}

export interface StandInFleet extends Fleet {
  readonly nodes: ReadonlyMap<string, StandInNode>;
  readonly faults: FaultBoard;
}

/** `node1`, `node2`, ... that do nothing but remember. */
export function standInFleet(count = 3): StandInFleet {
  const faults = createFaultBoard();
  freeAfter(() => faults.close());
  const nodes = Array.from({ length: count }, (_, index) => standInNode(`node${index + 1}`, 9001 + index));
  return {
    nodes: new Map(nodes.map((node) => [node.route, node])),
    type: 'http',
    faults,
    addBalancer: () => {},
    removeBalancer: async () => {},
    registered: async () => {},
    leave: async () => {},
    desert: async () => {},
    kill: async () => {},
  };
}
