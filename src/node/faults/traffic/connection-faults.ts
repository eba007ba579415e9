import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../clock.ts';
import type { AjpWire } from '../../connector/ajp/ajp-wire.ts';
import type { FaultBoard } from '../types.ts';
import { AJP_DISTORTIONS } from './ajp-deeds.ts';
import type { HeadEnd } from './head-end.ts';
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
   * @param ajp the connection, when it speaks AJP
   * @param answer called when the application may answer; not when a fault did, or the balancer has gone
   */
  meetRequest(
    route: string,
    request: IncomingMessage,
    response: ServerResponse | undefined,
    ajp: AjpWire | undefined,
    answer: () => void,
  ): void;
  /** The same for `OPTIONS *`, by which balancers ask whether a node lives. */
  meetPing(route: string, response: ServerResponse, answer: (status: number) => void): void;
  /** The same for CPING, by which they ask nodes that speak AJP. */
  meetCping(route: string, pong: () => void): void;
}

/** Pings come as time goes by, so their draws are not those of the requests. */
const PING = 'ping';

/**
 * @param route whose faults hit the connection before its first request is known
 * @param headEnd finds the ends of heads on this connection
 */
export function putFaultsOn(
  socket: Socket,
  board: FaultBoard,
  clock: Clock,
  route: string,
  headEnd: HeadEnd,
): ConnectionFaults {
  const over = new AbortController();
  // Requests that are pipelined wait side by side; how many of them is limited by whoever reads them.
  setMaxListeners(0, over.signal);
  socket.once('close', () => over.abort());
  let current = route;
  const scene: Scene = { board, clock, route: () => current, over: over.signal };
  const outgoing = createOutgoing(socket, scene);
  const stream: Duplex = createShapedStream(socket, outgoing, () => incoming);
  const incoming: Incoming = createIncoming(socket, scene, () => stream, headEnd);
  /** Set by faults after which the connection takes no more requests. */
  let isSpoilt = false;

  const responseIsOver = (): void => {
    incoming.responseIsOver();
    outgoing.forget();
  };

  const distort = (ajp: AjpWire): void => {
    for (const fault of Object.keys(AJP_DISTORTIONS) as (keyof typeof AJP_DISTORTIONS)[]) {
      if (board.strike(fault, current) !== undefined) ajp.distort(AJP_DISTORTIONS[fault]);
    }
  };

  return {
    stream,
    meetRequest(itsRoute, request, response, ajp, answer) {
      current = itsRoute;
      if (isSpoilt) {
        request.resume();
        return;
      }
      const slowness = ajp !== undefined || hasBody(request) ? board.strike('slow-read', current)?.amount : undefined;
      incoming.headWasRead(slowness);
      outgoing.plan();
      response?.once('close', responseIsOver);
      if (response !== undefined && board.strike('close', current) !== undefined) response.shouldKeepAlive = false;
      const goOn = (): void => {
        if (over.signal.aborted) return;
        if (strikeInPlaceOfAnswer({ scene, socket, stream, request, response, ajp })) {
          isSpoilt = stream.destroyed || stream.writableEnded;
          return;
        }
        if (ajp !== undefined) distort(ajp);
        if (response === undefined) outgoing.becomeWebSocket();
        answer();
      };
      if (board.strike('hang', current) === undefined) goOn();
      else void waitWhileOn(scene, 'hang').then(goOn);
    },
    meetCping(itsRoute, pong) {
      current = itsRoute;
      incoming.headWasRead(undefined);
      outgoing.plan(PING);
      const answer = (): void => {
        if (over.signal.aborted) return;
        pong();
        responseIsOver();
      };
      const silence = (['hang', 'cping-silent'] as const).find(
        (fault) => board.strike(fault, current, PING) !== undefined,
      );
      if (silence === undefined) answer();
      else void waitWhileOn(scene, silence).then(answer);
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
