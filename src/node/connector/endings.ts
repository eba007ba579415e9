import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * Ends a connection with a RST, as the end of a process does. One that has sent its FIN just ends: the operating system's
 * answer to whatever still comes is a RST as well, and Node would wait for ever for a reset that libuv refuses then.
 */
export function reset(socket: Socket): void {
  const below = socket instanceof TLSSocket ? socketBelow(socket) : socket;
  if (below === undefined || socket.writableEnded) socket.destroy();
  else below.resetAndDestroy();
}

/** The socket below one of TLS. Not in the documentation of Node.js, but there since its first releases. */
export function socketBelow(socket: TLSSocket): Socket | undefined {
  const below: unknown = Reflect.get(socket, '_parent');
  return below instanceof Socket ? below : undefined;
}

/** Sends what was written, then a FIN, and reads no more. */
export function finish(stream: Duplex): void {
  if (stream.writableFinished) {
    stream.destroy();
    return;
  }
  stream.once('finish', () => stream.destroy());
  if (!stream.writableEnded) stream.end();
}

/** As long as a peer may take to read what was said last. */
const LINGER_MS = 2_000;

/**
 * Sends what was written, then a FIN, and drops what still comes until the peer ends its side: bytes that nobody has read
 * would turn the end into a reset, which may overtake what was said.
 */
export function linger(stream: Duplex): void {
  const giveUp = setTimeout(() => stream.destroy(), LINGER_MS).unref();
  stream.once('close', () => clearTimeout(giveUp));
  stream.once('end', () => finish(stream));
  stream.resume();
  if (!stream.writableEnded) stream.end();
}
