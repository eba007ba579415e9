import type { Socket } from 'node:net';
import { reset } from '../../connector/endings.ts';
import { pace, type Scene, waitWhileOn } from './scene.ts';

/** Faults after so many bytes of a response, and what happens then. */
const CUTS = ['reset-after', 'hang-after'] as const;

/** Long enough for a peer to read what was sent: a reset may take from it what it has not read yet. */
const READ_BEFORE_RESET_MS = 20;

interface Cut {
  readonly fault: (typeof CUTS)[number];
  readonly afterBytes: number;
}

/** The bytes of a node on their way to the balancer. */
export interface Outgoing {
  /** Draws what will happen to the response that comes next. */
  plan(occasion?: string): void;
  /** The response is over; what comes before the next plan is not shaped. */
  forget(): void;
  /** From now on each message of the node has draws of its own, and the bytes count from here. */
  becomeWebSocket(): void;
  /** Sends bytes, as the plan wants it; calls back when it can take more. Never fails: an end shows on the socket. */
  send(bytes: Buffer, done: () => void): void;
}

export function createOutgoing(socket: Socket, scene: Scene): Outgoing {
  const { board } = scene;
  let isWebSocket = false;
  let delayMs = 0;
  let hangs = false;
  let bytesPerSecond: number | undefined;
  let cut: Cut | undefined;
  let sentBytes = 0;

  const drawTiming = (occasion?: string): void => {
    delayMs = board.strike('latency', scene.route(), occasion)?.amount ?? 0;
    bytesPerSecond = occasion === undefined ? board.strike('bandwidth', scene.route())?.amount : undefined;
  };

  const drawCut = (): void => {
    cut = undefined;
    for (const fault of CUTS) {
      const strike = board.strike(fault, scene.route());
      if (strike === undefined) continue;
      cut = { fault, afterBytes: strike.amount ?? 0 };
      return;
    }
  };

  const drawMessage = (): void => {
    drawTiming();
    hangs = board.strike('hang', scene.route()) !== undefined;
    // A cut stays what it was until it is switched off: its bytes count over all messages.
    if (cut === undefined || !board.isOn(cut.fault, scene.route())) drawCut();
  };

  const write = (bytes: Buffer): Promise<void> =>
    new Promise((resolve) => {
      if (bytes.length === 0) resolve();
      else socket.write(bytes, () => resolve());
    });

  const pass = async (bytes: Buffer): Promise<void> => {
    if (bytesPerSecond === undefined) await write(bytes);
    else await pace(scene, 'bandwidth', bytesPerSecond, bytes, write);
  };

  /** @returns what has not been sent, when a fault ended the connection */
  const shape = async (bytes: Buffer): Promise<void> => {
    if (hangs) await waitWhileOn(scene, 'hang');
    if (delayMs > 0) {
      const ms = delayMs;
      delayMs = 0;
      await waitWhileOn(scene, 'latency', ms);
    }
    let rest = bytes;
    if (cut !== undefined && sentBytes + rest.length > cut.afterBytes && board.isOn(cut.fault, scene.route())) {
      const before = rest.subarray(0, Math.max(0, cut.afterBytes - sentBytes));
      await pass(before);
      sentBytes += before.length;
      rest = rest.subarray(before.length);
      if (cut.fault === 'reset-after') {
        if (before.length > 0) await waitWhileOn(scene, 'reset-after', READ_BEFORE_RESET_MS);
        reset(socket);
        return;
      }
      await waitWhileOn(scene, cut.fault);
      cut = undefined;
    }
    await pass(rest);
    sentBytes += rest.length;
  };

  return {
    plan(occasion) {
      sentBytes = 0;
      drawTiming(occasion);
      if (occasion === undefined) drawCut();
      else cut = undefined;
    },
    forget() {
      delayMs = 0;
      bytesPerSecond = undefined;
      cut = undefined;
    },
    becomeWebSocket() {
      isWebSocket = true;
    },
    send(bytes, done) {
      if (isWebSocket) drawMessage();
      if (delayMs === 0 && !hangs && bytesPerSecond === undefined && cut === undefined) {
        sentBytes += bytes.length;
        socket.write(bytes, () => done());
      } else {
        void shape(bytes).then(done);
      }
    },
  };
}
