import { connect, createServer, type Socket } from 'node:net';
import { freeAfter } from './cleanup.ts';

export interface CuttingRelay {
  readonly port: number;
  /** Bytes that went from the server to those who connected. */
  relayed(): number;
  /** Ends all connections towards those who connected, with FIN, as anybody on the way can without a key. */
  cut(): void;
}

/** Passes bytes on between a server on the loopback interface and whoever connects: somebody in the middle. */
export async function startCuttingRelay(serverPort: number): Promise<CuttingRelay> {
  const clients = new Set<Socket>();
  const servers = new Set<Socket>();
  let relayed = 0;
  const relay = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port: serverPort, host: '127.0.0.1' });
    clients.add(client);
    servers.add(server);
    client.on('data', (chunk: Buffer) => server.write(chunk));
    client.on('end', () => server.end());
    client.on('error', () => client.destroy());
    client.on('close', () => server.destroy());
    server.on('data', (chunk: Buffer) => {
      if (client.writableEnded) return;
      relayed += chunk.length;
      client.write(chunk);
    });
    server.on('end', () => client.end());
    server.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const address = relay.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no TCP port');
  freeAfter(() => {
    relay.close();
    for (const socket of [...clients, ...servers]) socket.destroy();
  });
  return {
    port: address.port,
    relayed: () => relayed,
    cut() {
      for (const client of clients) client.end();
    },
  };
}
