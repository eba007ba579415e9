import type { Arrival } from '../front/arrival.ts';
import type { Shared } from '../shared.ts';

/** What a connection of HTTP/2 begins with (RFC 9113 §3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/**
 * Reads the first bytes of a connection that is not encrypted, until they are the beginning of HTTP/2 or cannot become it.
 * Meanwhile the connection is one that is arriving.
 *
 * @param role which of the two kinds of arriving connections it counts for
 * @param then told with the arrival whose `first` is all that was read
 */
export function tellHttp2(
  shared: Shared,
  arrival: Arrival,
  role: 'web' | 'mcmp',
  then: (arrival: Arrival, isHttp2: boolean) => void,
): void {
  const { socket } = arrival;
  const arriving = shared.arriving[role];
  let read = arrival.first ?? Buffer.alloc(0);
  if (isSettled(read)) {
    then(arrival, beginsHttp2(read));
    return;
  }
  const timer = setTimeout(() => socket.destroy(), shared.options.headerTimeoutMs);
  const stop = (): void => {
    clearTimeout(timer);
    arriving.delete(socket);
    socket.off('data', take).off('end', giveUp).off('close', stop).off('error', ignoreError);
  };
  const give = (): void => {
    stop();
    socket.pause();
    then({ ...arrival, first: read.length === 0 ? null : read }, beginsHttp2(read));
  };
  const take = (bytes: Buffer): void => {
    read = read.length === 0 ? bytes : Buffer.concat([read, bytes]);
    if (isSettled(read)) give();
  };
  // Whoever says nothing, or begins and ends at once, wants nothing.
  const giveUp = (): void => {
    stop();
    socket.destroy();
  };
  // 'close' follows.
  const ignoreError = (): void => {};
  arriving.add(socket);
  socket.on('data', take).on('end', giveUp).on('close', stop).on('error', ignoreError);
  socket.resume();
}

function beginsHttp2(read: Buffer): boolean {
  return read.length >= PREFACE.length && PREFACE.equals(read.subarray(0, PREFACE.length));
}

/** Whether it is known what these bytes begin. */
function isSettled(read: Buffer): boolean {
  const length = Math.min(read.length, PREFACE.length);
  return length === PREFACE.length || !PREFACE.subarray(0, length).equals(read.subarray(0, length));
}
