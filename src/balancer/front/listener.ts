import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Address, formatAddress } from '../../core/address.ts';
import { McmpError } from '../../core/errors.ts';
import { ClientConnection } from '../client-connection.ts';
import { tellHttp2 } from '../http2/first-bytes.ts';
import { Http2ClientSession } from '../http2/session.ts';
import type { Shared } from '../shared.ts';
import { SocketWire } from '../socket-wire.ts';
import type { Arrival } from './arrival.ts';
import type { Binding, Encrypted, ListenerRole } from './bindings.ts';
import { peerOf } from './client-peer.ts';
import { endFor } from './encryption.ts';
import { beginsWithProxyHeader, readProxyHeader } from './proxy-header.ts';
import { leadThroughTls } from './tls.ts';
import type { TlsEnd } from './tls-end.ts';
import { turnAway } from './turn-away.ts';

export interface Listener {
  readonly role: ListenerRole;
  /** `host:port` as bound, IPv6 in brackets. */
  readonly address: string;
  readonly encrypted: Encrypted | null;
  /** Takes no new connections from now on. */
  close(): void;
}

/** @throws McmpError with the address and what to do about it */
export async function openListener(shared: Shared, binding: Binding): Promise<Listener> {
  const { address, role, encrypted } = binding;
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) =>
    accept(shared, socket, binding),
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
  return { role, address: textOf(server), encrypted, close: () => server.close() };
}

function accept(shared: Shared, socket: Socket, binding: Binding): void {
  const { role, encrypted } = binding;
  if (shared.closing && role.traffic) {
    socket.destroy();
    return;
  }
  // Counted apart, so that a flood of one kind cannot lock the other one out.
  const { managementClients } = shared;
  const open = role.traffic ? webConnections(shared) : managementClients;
  const limit = shared.options.maxConnections;
  if (open + shared.arriving[role.traffic ? 'web' : 'mcmp'].size >= limit) {
    shared.traffic.turnedAway[role.traffic ? 'web' : 'mcmp']++;
    // Who waits for a handshake could not read it.
    if (encrypted === null) turnAway(socket);
    else socket.destroy();
    shared.log.warn('The connection limit is reached', { limit });
    return;
  }
  const arrival = { socket, peer: peerOf(socket), first: null };
  if (beginsWithProxyHeader(shared, arrival, role)) {
    readProxyHeader(shared, arrival, binding, (told, roleOfTold) => lead(shared, told, roleOfTold, encrypted));
  } else {
    lead(shared, arrival, role, encrypted);
  }
}

/** Leads a connection through TLS, if its address has it. */
function lead(shared: Shared, arrival: Arrival, role: ListenerRole, encrypted: Encrypted | null): void {
  if (encrypted === null) {
    serve(shared, arrival, role, null);
    return;
  }
  const end = endFor(shared.encryption, encrypted);
  if (end === undefined) arrival.socket.destroy();
  else leadThroughTls(shared, arrival, end, role, (secure) => serve(shared, secure, role, end));
}

/** Open connections for web traffic; one that speaks HTTP/2 counts once, whatever runs on it. */
export function webConnections({ clients, managementClients, http2 }: Shared): number {
  return clients.size - managementClients - http2.counts.streams + http2.counts.sessions;
}

/** Hands a connection to whoever reads requests from it, by what it speaks: told by ALPN, or by its first bytes. */
function serve(shared: Shared, arrival: Arrival, role: ListenerRole, end: TlsEnd | null): void {
  const { socket } = arrival;
  if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') {
    new Http2ClientSession(shared, arrival, role, end);
  } else if (shared.options.h2c && role.traffic && !(socket instanceof TLSSocket)) {
    tellHttp2(shared, arrival, 'web', (known, isHttp2) => {
      if (isHttp2) new Http2ClientSession(shared, known, role, null);
      else serveHttp1(shared, known, role);
    });
  } else {
    serveHttp1(shared, arrival, role);
  }
}

function serveHttp1(shared: Shared, { socket, peer, first }: Arrival, role: ListenerRole): void {
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
