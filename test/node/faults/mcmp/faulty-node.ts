import { createServer } from 'node:http';
import { createTamper } from '../../../../src/node/faults/mcmp/tamper.ts';
import { createNode } from '../../../../src/node/registrar/create-node.ts';
import type { McmpNode, NodeEvent } from '../../../../src/node/registrar/types.ts';
import { freeAfter } from '../../../support/cleanup.ts';
import { type SimpleBoard, simpleBoard } from './simple-board.ts';

export interface FaultyNode {
  readonly node: McmpNode;
  readonly board: SimpleBoard;
  readonly port: number;
  /** `CONFIG 200`, `STATUS 500 MEM: Can't read node ...`: what each message was answered, in order. */
  readonly answers: string[];
  /** The web server ends as a process does. */
  closeServer(): Promise<void>;
}

export interface FaultyNodeOptions {
  readonly route?: string;
  readonly balancers: readonly string[];
  readonly statusIntervalMs?: number;
  /** Switched on before the node says anything. */
  readonly prepare?: (board: SimpleBoard) => void;
}

/** A web server that answers with its route, registered as the second of two nodes, with faults to be switched. */
export async function startFaultyNode(options: FaultyNodeOptions): Promise<FaultyNode> {
  const { route = 'n2', balancers, statusIntervalMs = 50, prepare = () => undefined } = options;
  const board = simpleBoard();
  prepare(board);
  const answers: string[] = [];
  const onEvent = (event: NodeEvent): void => {
    if (event.kind !== 'exchange') return;
    const { answer, message } = event;
    const mess = answer.headers.get('mess');
    answers.push([message.method, answer.status, ...(mess === undefined ? [] : [mess])].join(' '));
  };
  const server = createServer((_, response) => response.end(route));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tamper = createTamper({ board, route, firstRoute: 'n1', nudge: () => node.refresh() });
  const node = createNode({
    route,
    balancers,
    contexts: ['/app'],
    connector: server,
    statusIntervalMs,
    drainPollMs: 5,
    tamper,
    onEvent,
  });
  const closeServer = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  freeAfter(async () => {
    tamper.close();
    await node.abandon();
    await closeServer();
  });
  const address = server.address();
  return {
    node,
    board,
    answers,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    closeServer,
  };
}
