import type { ConnectorType } from '../../core/mcmp/connector-types.ts';
import type { AjpConnectorOptions, Connector } from '../connector/types.ts';
import type { FaultBoard } from '../faults/types.ts';
import type { LoadMeter, LoadSpec } from '../load/types.ts';
import type { CreateNodeOptions, McmpNode, NodeEvent } from '../registrar/types.ts';
import type { NodeTls } from './node-tls.ts';

/** What a simulated node is; the fields of the library's node that it does not decide itself keep their meaning. */
export interface SimulatedNodeOptions
  extends Pick<
    CreateNodeOptions,
    | 'route'
    | 'balancers'
    | 'contexts'
    | 'excludedContexts'
    | 'aliases'
    | 'statusIntervalMs'
    | 'drainTimeoutMs'
    | 'drainPollMs'
    | 'config'
    | 'tls'
    | 'mcmpTimeoutMs'
    | 'manners'
    | 'clock'
  > {
  /** Address of the connector, told to the balancers; default `127.0.0.1`. */
  readonly host?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Default `http`. */
  readonly type?: ConnectorType;
  /** Of a node of type `https` or `wss`; default: a certificate that is made for it, of an authority that nobody knows. */
  readonly nodeTls?: NodeTls;
  /** Of a node of type `ajp`. */
  readonly ajp?: AjpConnectorOptions;
  /** Another node of this process, if there is one, at whose address to answer; host and port are those of that one. */
  readonly shareWith?: () => Connector | undefined;
  /** Contexts that are stopped stay disabled until they have no session left, or the drain time-out. */
  readonly drainSessions?: boolean;
  /** What it reports; default: always 100. */
  readonly load?: LoadSpec;
  /** Told what goes wrong with the load. */
  readonly log?: (line: string) => void;
  readonly faults?: FaultBoard;
  /** Route of the first node, which the fault `duplicate-route` takes; default: its own, which makes that fault harmless. */
  readonly firstRoute?: string;
  readonly onEvent?: (event: NodeEvent) => void;
  readonly onCondition?: (from: NodeCondition, to: NodeCondition) => void;
}

export type NodeCondition = 'starting' | 'running' | 'leaving' | 'gone' | 'killed';

/** A node with a connector and an application of its own, that can die and come back. */
export interface SimulatedNode {
  readonly route: string;
  readonly host: string;
  /** The same after a restart. */
  readonly port: number;
  readonly condition: () => NodeCondition;
  /** The registered part; a new one after each restart. */
  readonly node: () => McmpNode;
  /** Since the first start. */
  readonly requestCount: () => number;
  readonly inFlight: () => number;
  /** Takes over the meter; the one before is closed. */
  setLoad(meter: LoadMeter): void;
  /** Goes politely; the port closes last. Resolves when it is gone, also when somebody killed it meanwhile. */
  leave(drainTimeoutMs?: number): Promise<void>;
  /** Dies as a process does: every socket is reset, nobody is told. */
  kill(): Promise<void>;
  /** Ends without a word to the balancers, whose rows stay, but answers what it has begun. */
  desert(drainTimeoutMs?: number): Promise<void>;
  /**
   * Comes back on the same port, after `leave` or `kill`; kills first when it is running.
   * @throws McmpError `MCMP_LISTEN` when somebody else has the port meanwhile
   */
  restart(): Promise<void>;
  /** Connector of this life, for nodes that answer at the same address. */
  readonly connector: () => Connector;
  /** Lets go of the load meter; for a node that has ended and shall not come back. */
  close(): void;
}

/** Told again and again how many nodes of a fleet are done. */
export type CountDone = (done: number) => void;

/** Many simulated nodes, one set of faults. */
export interface Fleet {
  /** In the order of their numbers. */
  readonly nodes: ReadonlyMap<string, SimulatedNode>;
  /** Of their connectors. */
  readonly type: string;
  /** What can go wrong on purpose; of a fleet that was started without faults nothing strikes. */
  readonly faults: FaultBoard;
  /** Of all nodes, and of those that come back later. */
  addBalancer(url: URL | string): void;
  removeBalancer: McmpNode['removeBalancer'];
  /** Resolves when every node is registered everywhere. @throws McmpError `MCMP_NOT_REGISTERED` */
  registered(timeoutMs: number): Promise<void>;
  /** All go politely, so many at a time; for good. */
  leave(drainTimeoutMs?: number, onDone?: CountDone): Promise<void>;
  /** All end without a word to the balancers, but answer what they have begun; for good. */
  desert(drainTimeoutMs?: number): Promise<void>;
  /** All die; for good. */
  kill(): Promise<void>;
}
