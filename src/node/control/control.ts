import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { checkToken } from '../../cli/token-file.ts';
import { type Address, formatAddress, isLoopbackHost } from '../../core/address.ts';
import { McmpError, UsageError } from '../../core/errors.ts';
import type { Log } from '../../observe/types.ts';
import type { Clock } from '../clock.ts';
import { SCHEMA_VERSION } from '../simulator/documents.ts';
import type { Fleet } from '../simulator/types.ts';
import { readBody } from './body.ts';
import { createFeed } from './feed.ts';
import { createGuard } from './guard.ts';
import { createHandlers, type Reply } from './handlers.ts';
import { matchRoute } from './match.ts';
import { createPerformer } from './perform.ts';
import { errorDocument, Refusal, statusOf } from './refusal.ts';
import { type RouteName, routeRow } from './routes.ts';
import { readValues } from './values.ts';

export interface ControlOptions {
  readonly address: Address;
  /** Asked for as bearer token; without it the address has to be one that only this machine reaches. */
  readonly token?: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A running control API. */
export interface Control {
  /** As bound: `127.0.0.1:8099`, IPv6 in brackets. */
  readonly address: string;
  /** Lets watchers know at once of a change that nobody asked for here; costs nothing when nobody watches. */
  changed(route: string): void;
  /** Cuts off whoever is connected. */
  close(): Promise<void>;
}

const HEADER_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 5_000;
/** A socket on which nothing moves; longer than any wait for an action. */
const SILENCE_MS = 660_000;
const MAX_CONNECTIONS = 128;
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Opens the control API of a fleet: JSON over HTTP, as the table in `routes.ts` has it.
 *
 * @throws UsageError for an address that others reach without a token; McmpError `MCMP_LISTEN` when it cannot be had
 */
export async function startControl(fleet: Fleet, options: ControlOptions): Promise<Control> {
  const { address, token, clock, log } = options;
  checkAccess(address, token);
  const guard = createGuard(token);
  const feed = createFeed(fleet, clock);
  const handlers = createHandlers({
    fleet,
    performer: createPerformer(clock, log),
    clock,
    log,
    onChange: feed.look,
  });
  const byName = new Map<string, (call: never) => Reply<object> | Promise<Reply<object>>>(Object.entries(handlers));

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    guard(request);
    const { name, params, query } = matchRoute(request.method ?? '', request.url ?? '');
    const call = await readCall(name, params, query, request);
    if (name === 'watch') {
      if (request.method === 'HEAD') response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end();
      else feed.attach(response);
      return;
    }
    const handler = byName.get(name);
    if (handler === undefined) throw new Error(`the route ${name} has no handler`);
    // The table says what a call of this route is, and `readCall` has read it by the table.
    const { status, document } = await handler(call as never);
    reply(request, response, status, document, {});
  };

  const server = createServer(
    {
      headersTimeout: HEADER_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEAD_BYTES,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => {
      answer(request, response).catch((error: unknown) => refuse(request, response, error, log));
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(SILENCE_MS);
  server.on('clientError', refuseBytes);
  try {
    await listen(server, address, log);
  } catch (error) {
    feed.close();
    throw error;
  }
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return {
    address: formatAddress({ host: address.host, port }),
    changed: (route) => feed.look([route]),
    close: () =>
      new Promise((resolve) => {
        feed.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Finds out whether the API can be opened, so that nothing is started in vain; another program may still be quicker.
 *
 * @throws as `startControl` does
 */
export async function checkControl({ address, token, log }: Omit<ControlOptions, 'clock'>): Promise<void> {
  checkAccess(address, token);
  const trial = createServer();
  await listen(trial, address, log);
  await new Promise((resolve) => trial.close(resolve));
}

function checkAccess(address: Address, token: string | undefined): void {
  if (token !== undefined) checkToken(token, 'the token of the control API');
  else if (!isLoopbackHost(address.host)) {
    throw new UsageError(`--control ${formatAddress(address)} can be reached from other machines, and wants no token`, {
      code: 'MCMP_OPEN_CONTROL',
      hint: 'Name a file with a token (--control-token-file FILE), or an address of this machine: 127.0.0.1:8099.',
    });
  }
}

async function readCall(
  name: RouteName,
  params: ReadonlyMap<string, string>,
  query: ReadonlyMap<string, string>,
  request: IncomingMessage,
): Promise<{ readonly params: object; readonly query: object; readonly body: object }> {
  const row = routeRow(name);
  const queryValues = readValues(row.query ?? {}, query, 'query');
  const body = readValues(row.body ?? {}, await readBody(request), 'body');
  return { params: Object.fromEntries(params), query: queryValues, body };
}

function reply(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  document: object,
  headers: Readonly<Record<string, string>>,
): void {
  const body = Buffer.from(`${JSON.stringify(document)}\n`);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown, log: Log): void {
  if (!(error instanceof McmpError) && !request.destroyed) {
    log.error('A request to the control API failed', {
      method: request.method,
      target: request.url,
      problem: error instanceof Error ? error.message : String(error),
    });
  }
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // What is left of a body that was not read would be taken for the next request.
  const close = request.complete ? {} : { Connection: 'close' };
  const headers = error instanceof Refusal ? error.headers : {};
  const document = { schemaVersion: SCHEMA_VERSION, error: errorDocument(error) };
  reply(request, response, statusOf(error), document, { ...headers, ...close });
}

/** Answers bytes that are no request of HTTP, or take too long to become one. */
function refuseBytes(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const [status, phrase] = BYTE_REFUSALS.get(error.code ?? '') ?? [400, 'Bad Request'];
  const refusal = new Refusal(status, 'MCMP_BAD_REQUEST', 'this is not a request that this API can read');
  const body = `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, error: errorDocument(refusal) })}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const BYTE_REFUSALS: ReadonlyMap<string, readonly [status: 408 | 431, phrase: string]> = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout']],
]);

function listen(server: Server, address: Address, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenFailure(address, error));
    server.once('error', failed);
    server.listen({ port: address.port, ...(address.host === '' ? {} : { host: address.host }) }, () => {
      server.off('error', failed);
      server.on('error', (error) => log.error('The control API failed', { problem: error.message }));
      resolve();
    });
  });
}

function listenFailure(address: Address, error: NodeJS.ErrnoException): McmpError {
  const taken = error.code === 'EADDRINUSE';
  return new McmpError(
    'unreachable',
    'MCMP_LISTEN',
    `the control API cannot listen on ${formatAddress(address)}: ${taken ? 'the port is taken' : error.message}`,
    { cause: error, hint: 'Give another port with --control, or :0 behind the host for any free one.' },
  );
}
