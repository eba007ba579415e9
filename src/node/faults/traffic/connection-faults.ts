import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../clock.ts';
import type { FaultBoard } from '../types.ts';
import { strikeInPlaceOfAnswer } from './in-place-of-answer.ts';
import { createIncoming, type Incoming } from './incoming.ts';
import { createOutgoing } from './outgoing.ts';
import { type Scene, waitWhileOn } from './scene.ts';
import { createShapedStream } from './shaped-stream.ts';

/** The faults of one connection. */
export interface ConnectionFaults {
  /** What the HTTP server reads and writes in place of the socket. */
  readonly stream: Duplex;
  /**
   * Lets strike what is on now.
   * @param response undefined for a WebSocket handshake
   * @param answer called when the application may answer; not when a fault did, or the balancer has gone
   */
  meetRequest(route: string, request: IncomingMessage, response: ServerResponse | undefined, answer: () => void): void;
  /** The same for `OPTIONS *`, by which balancers ask whether a node lives. */
  meetPing(route: string, response: ServerResponse, answer: (status: number) => void): void;
}

/** Pings come as time goes by, so their draws are not those of the requests. */
const PING = 'ping';

/** @param route whose faults hit the connection before its first request is known */
export function putFaultsOn(socket: Socket, board: FaultBoard, clock: Clock, route: string): ConnectionFaults {
  const over = new AbortController();
  // Requests that are pipelined wait side by side; how many of them is limited by whoever reads them.
  setMaxListeners(0, over.signal);
  socket.once('close', () => over.abort());
  let current = route;
  const scene: Scene = { board, clock, route: () => current, over: over.signal };
  const outgoing = createOutgoing(socket, scene);
  const stream: Duplex = createShapedStream(socket, outgoing, () => incoming);
  const incoming: Incoming = createIncoming(socket, scene, () => stream);
  /** Set by faults after which the connection takes no more requests. */
  let isSpoilt = false;

  const responseIsOver = (): void => {
    incoming.responseIsOver();
    outgoing.forget();
  };

  return {
    stream,
    meetRequest(itsRoute, request, response, answer) {
      current = itsRoute;
      if (isSpoilt) {
        request.resume();
        return;
      }
      const slowness = hasBody(request) ? board.strike('slow-read', current)?.amount : undefined;
      incoming.headWasRead(slowness);
      outgoing.plan();
      response?.once('close', responseIsOver);
      if (response !== undefined && board.strike('close', current) !== undefined) response.shouldKeepAlive = false;
      const goOn = (): void => {
        if (over.signal.aborted) return;
        if (strikeInPlaceOfAnswer({ scene, socket, stream, request, response })) {
          isSpoilt = stream.destroyed || stream.writableEnded;
          return;
        }
        if (response === undefined) outgoing.becomeWebSocket();
        answer();
      };
      if (board.strike('hang', current) === undefined) goOn();
      else void waitWhileOn(scene, 'hang').then(goOn);
    },
    meetPing(itsRoute, response, answer) {
      current = itsRoute;
      incoming.headWasRead(undefined);
      outgoing.plan(PING);
      response.once('close', responseIsOver);
      const status = board.strike('options-501', current) === undefined ? 200 : 501;
      const silence = (['hang', 'options-silent'] as const).find(
        (fault) => board.strike(fault, current, PING) !== undefined,
      );
      if (silence === undefined) answer(status);
      else
        void waitWhileOn(scene, silence).then(() => {
          if (!over.signal.aborted) answer(200);
        });
    },
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
