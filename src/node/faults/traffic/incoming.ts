import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HeadEnd } from './head-end.ts';
import { pace, type Scene } from './scene.ts';

/** The bytes of a balancer on their way to the node's HTTP server. */
export interface Incoming {
  /** The HTTP server has read a head; `bytesPerSecond`: how slowly the body is read. */
  headWasRead(bytesPerSecond: number | undefined): void;
  /** A response is over, and the connection may be used again. */
  responseIsOver(): void;
  /** The HTTP server can take more. */
  wanted(): void;
}

export function createIncoming(socket: Socket, scene: Scene, to: () => Duplex, headEnd: HeadEnd): Incoming {
  const { board } = scene;
  /** A response has gone over it, and nothing of a next request has come. */
  let isKept = false;
  let isInBody = false;
  let bytesPerSecond: number | undefined;
  let isBusy = false;

  const deliver = (bytes: Buffer): boolean => to().push(bytes);

  /** Hands bytes on slowly, while the socket waits: then the balancer has to wait, too. */
  const deliverSlowly = (bytes: Buffer, rate: number): void => {
    isBusy = true;
    socket.pause();
    void pace(scene, 'slow-read', rate, bytes, (portion) => void deliver(portion)).then(() => {
      isBusy = false;
      socket.resume();
    });
  };

  /** Lets the HTTP server read the head alone, so that it is known how to read the rest. */
  const deliverHead = (bytes: Buffer): void => {
    const end = headEnd.look(bytes);
    if (end < 0) {
      if (!deliver(bytes)) socket.pause();
      return;
    }
    isBusy = true;
    socket.pause();
    deliver(bytes.subarray(0, end));
    setImmediate(() => {
      isBusy = false;
      const body = bytes.subarray(end);
      if (scene.over.aborted) return;
      if (bytesPerSecond !== undefined && body.length > 0) deliverSlowly(body, bytesPerSecond);
      else if (body.length === 0 || deliver(body)) socket.resume();
    });
  };

  socket.on('data', (bytes: Buffer) => {
    const wasKept = isKept;
    isKept = false;
    if (wasKept && board.strike('keep-alive-race', scene.route()) !== undefined) {
      socket.destroy();
    } else if (bytesPerSecond !== undefined) {
      deliverSlowly(bytes, bytesPerSecond);
    } else if (!isInBody && board.isOn('slow-read', scene.route())) {
      deliverHead(bytes);
    } else if (!deliver(bytes)) {
      socket.pause();
    }
  });
  socket.on('end', () => to().push(null));

  return {
    headWasRead(rate) {
      isInBody = true;
      isKept = false;
      bytesPerSecond = rate;
    },
    responseIsOver() {
      isInBody = false;
      isKept = true;
      bytesPerSecond = undefined;
      headEnd.forget();
    },
    wanted() {
      if (!isBusy) socket.resume();
    },
  };
}
