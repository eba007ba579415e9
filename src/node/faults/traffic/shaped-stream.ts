import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { finish } from '../../connector/endings.ts';
import type { Incoming } from './incoming.ts';
import type { Outgoing } from './outgoing.ts';

/**
 * A stream in place of a socket, for HTTP servers and WebSockets, whose bytes pass through faults on their way. It ends when
 * the socket does, and the other way round.
 */
export function createShapedStream(socket: Socket, outgoing: Outgoing, incoming: () => Incoming): Duplex {
  const stream = new Duplex({
    read: () => incoming().wanted(),
    write: (bytes: Buffer, _encoding, done) => outgoing.send(bytes, done),
    // What was written together goes out together.
    writev: (writes, done) => outgoing.send(Buffer.concat(writes.map(({ chunk }) => chunk as Buffer)), done),
    final: (done) => void socket.end(() => done()),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  // What went wrong shows as the end of the connection; nobody else may be there to listen for it.
  stream.on('error', () => socket.destroy());
  socket.on('timeout', () => stream.emit('timeout'));
  socket.once('close', () => stream.destroy());
  return Object.assign(stream, {
    setTimeout: (ms: number) => void socket.setTimeout(ms),
    setNoDelay: (on?: boolean) => void socket.setNoDelay(on),
    destroySoon: () => finish(stream),
    localAddress: socket.localAddress,
    localPort: socket.localPort,
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    remoteFamily: socket.remoteFamily,
  });
}
