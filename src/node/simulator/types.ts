import type { FaultBoard } from '../faults/types.ts';
import type { LoadMeter } from '../load/types.ts';
import type { CreateNodeOptions, McmpNode, NodeEvent } from '../registrar/types.ts';

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
  readonly type?: 'http' | 'ws';
  readonly meter?: LoadMeter;
  readonly faults?: FaultBoard;
  readonly onEvent?: (event: NodeEvent) => void;
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
  readonly requestCount: () => number;
  readonly inFlight: () => number;
  /** Last load sent. */
  setLoad(meter: LoadMeter): void;
  /** Goes politely; the port closes last. */
  leave(drainTimeoutMs?: number): Promise<void>;
  /** Dies as a process does: every socket is reset, nobody is told. */
  kill(): Promise<void>;
  /** Comes back on the same port, after `leave` or `kill`; kills first when it is running. */
  restart(): Promise<void>;
}

/** Many simulated nodes, one set of faults. */
export interface Fleet {
  readonly nodes: ReadonlyMap<string, SimulatedNode>;
  readonly faults: FaultBoard;
  /** Resolves when every node is registered everywhere. @throws McmpError `MCMP_NOT_REGISTERED` */
  registered(timeoutMs: number): Promise<void>;
  leave(drainTimeoutMs?: number): Promise<void>;
  kill(): Promise<void>;
}
