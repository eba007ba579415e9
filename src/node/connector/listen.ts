import { createServer, type Server, type Socket } from 'node:net';
import { formatAddress, withoutBrackets } from '../../core/address.ts';
import { McmpError } from '../../core/errors.ts';

/** More connections at once are refused by resetting them: what comes from outside may not take every file of the process. */
const MAX_CONNECTIONS = 10_000;

/**
 * Listens for connections.
 * @param port 0: any free one
 * @throws McmpError `MCMP_LISTEN`
 */
export function listen(host: string, port: number, onSocket: (socket: Socket) => void): Promise<Server> {
  // The HTTP server closes its side itself when the peer has closed its own.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, onSocket);
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    // Once it listens, an error is a connection that could not be taken (EMFILE): the peer's loss, not the process's end.
    server.on('error', (error: NodeJS.ErrnoException) => reject(cannotListen(host, port, error)));
    server.listen(port, withoutBrackets(host), () => resolve(server));
  });
}

/** The port that was taken in the end. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const HINTS = new Map([
  ['EADDRINUSE', 'Something listens there already. Port 0 takes any free port.'],
  ['EACCES', 'Ports below 1024 belong to the administrator. Port 0 takes any free port.'],
  ['EADDRNOTAVAIL', 'That is no address of this machine.'],
  ['ENOTFOUND', 'That name has no address. 127.0.0.1 is this machine.'],
  ['EMFILE', 'The process has no file handles left: each node takes one, and each connection; see ulimit -n.'],
]);

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): McmpError {
  const where = formatAddress({ host: withoutBrackets(host), port });
  return new McmpError('unreachable', 'MCMP_LISTEN', `the node cannot listen on ${where}: ${error.message}`, {
    hint: HINTS.get(error.code ?? '') ?? 'Port 0 takes any free port.',
    cause: error,
  });
}
