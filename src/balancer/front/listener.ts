import { createServer, type Server, type Socket } from 'node:net';
import { type Address, formatAddress } from '../../core/address.ts';
import { McmpError } from '../../core/errors.ts';
import { ClientConnection } from '../client-connection.ts';
import type { Shared } from '../shared.ts';
import { SocketWire } from '../socket-wire.ts';
import type { Arrival } from './arrival.ts';
import { peerOf } from './client-peer.ts';
import { turnAway } from './turn-away.ts';

/** What a listener's connections may be used for. One port may take both. */
export interface ListenerRole {
  readonly traffic: boolean;
  readonly mcmp: boolean;
}

export interface Listener {
  readonly role: ListenerRole;
  /** `host:port` as bound, IPv6 in brackets. */
  readonly address: string;
  /** Takes no new connections from now on. */
  close(): void;
}

interface Binding {
  readonly address: Address;
  readonly role: ListenerRole;
}

/** An address given for both purposes gets one listener that serves both. */
export function bindings(listen: readonly Address[], mcmp: readonly Address[]): Binding[] {
  const same = (a: Address, b: Address): boolean => a.host === b.host && a.port === b.port && a.port !== 0;
  return [
    ...listen.map((address) => ({
      address,
      role: { traffic: true, mcmp: mcmp.some((other) => same(address, other)) },
    })),
    ...mcmp
      .filter((address) => !listen.some((other) => same(address, other)))
      .map((address) => ({ address, role: { traffic: false, mcmp: true } })),
  ];
}

/** @throws McmpError with the address and what to do about it */
export async function openListener(shared: Shared, { address, role }: Binding): Promise<Listener> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) =>
    accept(shared, socket, role),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, address)));
    const options = { port: address.port, backlog: 4096 };
    server.listen(address.host === '' ? options : { ...options, host: address.host }, () => resolve());
  });
  server.removeAllListeners('error');
  server.on('error', (error) =>
    shared.log.error('A listener failed', { address: textOf(server), problem: error.message }),
  );
  return { role, address: textOf(server), close: () => server.close() };
}

function accept(shared: Shared, socket: Socket, role: ListenerRole): void {
  if (shared.closing && role.traffic) {
    socket.destroy();
    return;
  }
  // Counted apart, so that a flood of one kind cannot lock the other one out.
  const { managementClients } = shared;
  const open = role.traffic ? shared.clients.size - managementClients : managementClients;
  const limit = shared.options.maxConnections;
  if (open + shared.arriving[role.traffic ? 'web' : 'mcmp'].size >= limit) {
    shared.traffic.turnedAway[role.traffic ? 'web' : 'mcmp']++;
    turnAway(socket);
    shared.log.warn('The connection limit is reached', { limit });
    return;
  }
  serve(shared, { socket, peer: peerOf(socket), first: null }, role);
}

/** Hands a connection to whoever reads requests from it. */
function serve(shared: Shared, { socket, peer, first }: Arrival, role: ListenerRole): void {
  new ClientConnection(shared, peer, role, (handler) => SocketWire.accepted(handler, socket, first));
}

function textOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return String(bound);
  return formatAddress({ host: bound.address, port: bound.port });
}

function listenError(error: NodeJS.ErrnoException, address: Address): McmpError {
  const where = formatAddress(address);
  const { port } = address;
  switch (error.code) {
    case 'EADDRINUSE':
      return new McmpError(
        'unreachable',
        'MCMP_ADDRESS_IN_USE',
        `cannot listen on ${where}: another program listens there`,
        { hint: `Choose another address, or see who has it with: ss -ltnp 'sport = :${port}'` },
      );
    case 'EACCES':
      return new McmpError(
        'unreachable',
        'MCMP_ADDRESS_FORBIDDEN',
        `cannot listen on ${where}: this user may not use the port`,
        {
          hint:
            port < 1024
              ? 'Use a port from 1024 on, or give the program the capability cap_net_bind_service'
              : `With SELinux, allow it: semanage port -a -t http_port_t -p tcp ${port}`,
        },
      );
    case 'EADDRNOTAVAIL':
      return new McmpError(
        'unreachable',
        'MCMP_ADDRESS_UNKNOWN',
        `cannot listen on ${where}: this machine does not have that address`,
        { hint: 'See its addresses with: ip address' },
      );
    default:
      return new McmpError('unreachable', 'MCMP_LISTEN_FAILED', `cannot listen on ${where}: ${error.message}`, {
        hint: 'Name an address of this machine, or :PORT for all of them. Those it has are listed by: ip address',
      });
  }
}
