import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** Gives up when a process that should have come to rest has not; only a defect takes so long. */
const DEADLINE_MS = 10_000;
/** Turns of the event loop in which nothing happens before it counts as rest: promises and callbacks have run by then. */
const QUIET_TURNS = 12;

/** Knows when both ends of all connections have seen everything that the other end did. */
export interface Traffic {
  /** Tells of the balancer's end of a connection. */
  accepted(socket: Socket): void;
  /**
   * Resolves when every byte and every end has arrived and nobody did anything for a while.
   * @param activity a number that changes whenever something happens outside the sockets
   */
  rest(activity: () => number): Promise<void>;
  close(): void;
}

/** Watches all connections that this process opens, by the channel on which Node announces them. */
export function watchTraffic(): Traffic {
  const clients = new Map<Socket, { port: number; over: boolean }>();
  const peers = new Map<number, Socket>();
  const opened = (message: unknown): void => {
    const socket: unknown =
      typeof message === 'object' && message !== null ? Reflect.get(message, 'socket') : undefined;
    if (!(socket instanceof Socket)) return;
    const client = { port: 0, over: false };
    clients.set(socket, client);
    socket.once('connect', () => {
      client.port = socket.localPort ?? 0;
    });
    socket.once('close', () => {
      client.over = true;
    });
  };
  subscribe('net.client.socket', opened);

  /** What is still under way, or undefined. */
  const pending = (): string | undefined => {
    for (const [socket, { port, over }] of clients) {
      const peer = peers.get(port);
      if (over) {
        if (peer === undefined || peer.readableEnded || peer.destroyed) clients.delete(socket);
        else return `the end of connection ${port} on its way to the balancer`;
        continue;
      }
      if (socket.destroyed) return `connection ${port} being closed`;
      if (socket.connecting) return 'a connection being opened';
      if (peer === undefined) return `connection ${port} not accepted`;
      if (!peer.destroyed && socket.bytesWritten !== peer.bytesRead)
        return `bytes of connection ${port} to the balancer`;
      if (peer.bytesWritten > socket.bytesRead) return `bytes of connection ${port} to the node`;
      if ((peer.destroyed || peer.writableEnded) && !socket.readableEnded) return `the end of ${port} to the node`;
      if (socket.writableEnded && !peer.readableEnded && !peer.destroyed) return `the end of ${port} to the balancer`;
    }
    return undefined;
  };

  return {
    accepted(socket) {
      const port = socket.remotePort ?? 0;
      peers.set(port, socket);
      socket.once('close', () => {
        if (peers.get(port) === socket && ![...clients.values()].some((client) => client.port === port)) {
          peers.delete(port);
        }
      });
    },
    async rest(activity) {
      const giveUpAt = performance.now() + DEADLINE_MS;
      let before = activity();
      for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        const open = pending();
        const now = activity();
        if (open === undefined && now === before) continue;
        if (performance.now() > giveUpAt) throw new Error(`no rest within ${DEADLINE_MS} ms: ${open ?? 'busy'}`);
        quiet = -1;
        before = now;
      }
    },
    close() {
      unsubscribe('net.client.socket', opened);
    },
  };
}
