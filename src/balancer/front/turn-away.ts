import type { Socket } from 'node:net';
import { errorAnswer } from '../answers.ts';

const MAX_TURNED_AWAY = 1000;
const TURN_AWAY_MS = 1000;
let turnedAway = 0;

/** Says 503 to a connection that is one too many. */
export function turnAway(socket: Socket): void {
  sayAndClose(
    socket,
    errorAnswer(503, 'too many connections', 'too-many-connections', { head: false, keepAlive: false }),
  );
}

/**
 * Gives a connection one answer that does not depend on what it asks, and waits a moment for it to be read, unless too many
 * are being told something so already.
 *
 * @param answer latin1 text, or bytes
 */
export function sayAndClose(socket: Socket, answer: string | Buffer): void {
  if (turnedAway >= MAX_TURNED_AWAY) {
    socket.destroy();
    return;
  }
  turnedAway++;
  const timer = setTimeout(() => socket.destroy(), TURN_AWAY_MS);
  socket.once('close', () => {
    turnedAway--;
    clearTimeout(timer);
  });
  socket.on('error', () => socket.destroy());
  socket.end(answer, 'latin1');
  socket.resume();
}
