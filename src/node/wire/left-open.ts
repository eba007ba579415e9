import type { Connection } from './connection.ts';

/** Connections that nobody will use again and that stay open nevertheless, as a careless node leaves them. */
export interface LeftOpen {
  add(connection: Pick<Connection, 'close' | 'onClose'>): void;
  /** Closes all of them. */
  close(): void;
}

/** @param max with more, the oldest is closed */
export function createLeftOpen(max: number): LeftOpen {
  const connections = new Set<Pick<Connection, 'close' | 'onClose'>>();
  return {
    add(connection) {
      connections.add(connection);
      connection.onClose(() => connections.delete(connection));
      for (const oldest of connections) {
        if (connections.size <= max) break;
        connections.delete(oldest);
        oldest.close();
      }
    },
    close() {
      for (const connection of connections) connection.close();
      connections.clear();
    },
  };
}
