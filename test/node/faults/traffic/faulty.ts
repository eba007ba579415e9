import { connect } from 'node:net';
import type { ConnectorOptions } from '../../../../src/node/connector/types.ts';
import { createFaultBoard } from '../../../../src/node/faults/board.ts';
import { parseFault } from '../../../../src/node/faults/grammar.ts';
import type { FaultBoard } from '../../../../src/node/faults/types.ts';
import { freeAfter } from '../../../support/cleanup.ts';
import { type Served, serve } from '../../connector/serve.ts';

export interface FaultyNode extends Served {
  readonly board: FaultBoard;
  /** Switches a fault on; the function that comes back switches it off. */
  suffer(fault: string): () => void;
  /** How often faults struck, all together. */
  strikes(): number;
}

/** A node of the route n1 with a board of faults. */
export async function faultyNode(options: Partial<ConnectorOptions> = {}): Promise<FaultyNode> {
  const board = createFaultBoard({ seed: 1 });
  const served = await serve({ faults: board, ...options });
  freeAfter(() => board.close());
  return {
    ...served,
    board,
    suffer: (fault) => {
      const id = board.add(parseFault(fault));
      return () => board.remove(id);
    },
    strikes: () => board.list().reduce((sum, { strikes }) => sum + strikes, 0),
  };
}

export interface Ending {
  readonly text: string;
  readonly end: 'fin' | 'reset';
}

/**
 * Sends bytes and tells how the connection ended. A reset that arrives together with bytes is shown as an end by libuv; but
 * then nothing can be written any more, as it can after a FIN.
 */
export function endingOf(port: number, bytes: string): Promise<Ending> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    freeAfter(() => {
      socket.destroy();
    });
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => resolve({ text, end: 'reset' }));
    socket.on('end', () => {
      socket.write('x', (error) => {
        if (!error) resolve({ text, end: 'fin' });
      });
    });
    socket.write(bytes, 'latin1');
  });
}
