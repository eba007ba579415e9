import type { Clock } from '../../clock.ts';
import type { FaultName } from '../table.ts';
import type { FaultBoard } from '../types.ts';

/** Where faults happen: one connection, at this moment for one node. */
export interface Scene {
  readonly board: FaultBoard;
  readonly clock: Clock;
  /** Whose request it is; at a shared address that changes from request to request. */
  readonly route: () => string;
  /** Aborted when the connection is over. */
  readonly over: AbortSignal;
}

/**
 * Waits as long as a fault is on, at most `ms`; also no longer than the connection lives. So whatever waits because of a
 * fault goes on at once when the fault is switched off.
 */
export async function waitWhileOn(scene: Scene, fault: FaultName, ms = Number.POSITIVE_INFINITY): Promise<void> {
  const { board, clock, over } = scene;
  const route = scene.route();
  const untilMs = clock.nowMs() + ms;
  const woken = new AbortController();
  const wake = (): void => woken.abort();
  const stop = board.onChange(() => {
    if (!board.isOn(fault, route)) wake();
  });
  over.addEventListener('abort', wake);
  try {
    for (;;) {
      const leftMs = untilMs - clock.nowMs();
      if (over.aborted || leftMs <= 0 || !board.isOn(fault, route)) return;
      await clock.sleep(leftMs, woken.signal);
    }
  } finally {
    stop();
    over.removeEventListener('abort', wake);
  }
}

/** Bytes go in so many portions a second, so that a rate looks even and costs little. */
const PORTIONS_A_SECOND = 20;

/** Passes bytes on so many a second, and the rest at once as soon as the fault is switched off. */
export async function pace(
  scene: Scene,
  fault: FaultName,
  bytesPerSecond: number,
  bytes: Buffer,
  pass: (portion: Buffer) => Promise<void> | void,
): Promise<void> {
  const portionBytes = Math.max(1, Math.floor(bytesPerSecond / PORTIONS_A_SECOND));
  let rest = bytes;
  while (rest.length > 0 && !scene.over.aborted) {
    const portion = rest.subarray(0, portionBytes);
    await waitWhileOn(scene, fault, (portion.length * 1000) / bytesPerSecond);
    const isOn = scene.board.isOn(fault, scene.route());
    await pass(isOn ? portion : rest);
    rest = isOn ? rest.subarray(portion.length) : Buffer.alloc(0);
  }
}
