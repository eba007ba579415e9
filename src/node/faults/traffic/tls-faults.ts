import type { Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import type { TlsFace } from '../../connector/tls/tls-end.ts';
import type { FaultBoard } from '../types.ts';
import { waitWhileOn } from './scene.ts';

/** The faults of one connection before anything is said over it. Each is drawn when it is asked for. */
export interface TlsFaults {
  /** HTTP in clear where TLS is expected. */
  speaksPlain(): boolean;
  /** Resolves when the handshake may begin, or the connection is over. */
  silence(): Promise<void>;
  /** Which certificate is shown, and which versions of TLS are spoken. */
  face(): TlsFace;
  closesBehindHandshake(): boolean;
}

/** In this order; one strikes. */
const FACES = [
  ['tls-expired', 'expired'],
  ['tls-wrong-host', 'wrong-host'],
  ['tls-obsolete', 'obsolete'],
] as const;

/** @param route whose faults they are */
export function tlsFaultsOf(socket: Socket, board: FaultBoard, clock: Clock, route: string): TlsFaults {
  const over = new AbortController();
  socket.once('close', () => over.abort());
  return {
    speaksPlain: () => board.strike('tls-plain', route) !== undefined,
    async silence() {
      if (board.strike('tls-silent', route) === undefined) return;
      await waitWhileOn({ board, clock, route: () => route, over: over.signal }, 'tls-silent');
    },
    face: () => FACES.find(([fault]) => board.strike(fault, route) !== undefined)?.[1] ?? 'usual',
    closesBehindHandshake: () => board.strike('tls-close', route) !== undefined,
  };
}
