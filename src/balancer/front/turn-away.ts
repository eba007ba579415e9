import type { Socket } from 'node:net';
import { errorAnswer } from '../answers.ts';

const MAX_TURNED_AWAY = 1000;
const TURN_AWAY_MS = 1000;
let turnedAway = 0;

/** Says 503 and waits a moment for it to be read, unless too many are being told so already. */
export function turnAway(socket: Socket): void {
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
  socket.end(errorAnswer(503, 'too many connections', 'too-many-connections', { head: false, keepAlive: false }));
  socket.resume();
}
