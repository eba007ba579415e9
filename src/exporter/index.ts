import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createSurvey } from '../client/index.ts';
import { type Address, formatAddress, isExpectedHost, isLoopbackHost } from '../core/address.ts';
import { McmpError } from '../core/errors.ts';
import type { Log } from '../observe/types.ts';
import { type Answer, answer } from './answer.ts';
import { scrapersOf } from './peers.ts';
import type { ExporterOptions } from './types.ts';

export type { ExporterOptions } from './types.ts';

/** A running exporter. */
export interface Exporter {
  /** `host:port` with the real ports. */
  readonly addresses: readonly string[];
  /** Takes nothing new and lets the scrapes that run finish. */
  close(): Promise<void>;
  closeNow(): void;
}

const HEADER_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A reader that takes nothing, beside the time that a target may take. */
const SILENCE_MS = 120_000;
const KEEP_ALIVE_MS = 65_000;
const MAX_CONNECTIONS = 256;
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Shows metrics of MCMP balancers of any brand to Prometheus. A target is asked when somebody scrapes, and never otherwise.
 *
 * @throws UsageError when nobody may scrape an address that others reach; McmpError `MCMP_LISTEN` when it cannot be had
 */
export async function startExporter(options: ExporterOptions, { log }: { readonly log: Log }): Promise<Exporter> {
  const mayScrape = scrapersOf(options.listen, options.allow);
  const { clock } = options;
  const survey = createSurvey(options.targets, { ...options.client, ...(clock === undefined ? {} : { clock }) });
  // Whoever listens for this machine alone can be called by its names alone: that keeps web pages out whose own name was
  // made to lead here. Behind an address for others any name may be the right one.
  const closed = options.listen.every(({ host }) => isLoopbackHost(host));

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', headers, socket } = request;
    if (!mayScrape(socket.remoteAddress)) {
      log.warn('A peer that is not in --allow was refused', { peer: socket.remoteAddress });
      await refuse(response, 403, 'The operator allows addresses to scrape with --allow; this is none of them.');
    } else if (closed && !isExpectedHost(headers.host ?? 'localhost', [])) {
      await refuse(response, 421, 'Call this exporter by its address or as localhost.');
    } else if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      await refuse(response, 405, 'Nothing can be changed here: GET and HEAD only.');
    } else {
      const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
      const asked = {
        path,
        query: new URLSearchParams(query),
        accept: headers.accept ?? '',
        scrapeTimeout: String(headers['x-prometheus-scrape-timeout-seconds'] ?? ''),
      };
      const given = await answer(asked, survey, options);
      if (given === undefined) await refuse(response, 404, 'There is /metrics, /probe, /healthz, and / with words.');
      else await send(response, given, method === 'HEAD');
    }
  };

  const servers: Server[] = [];
  const endAll = (): void => {
    for (const server of servers) server.closeAllConnections();
  };
  try {
    for (const address of options.listen) {
      const server = createServer(SERVER_LIMITS, (request, response) => {
        respond(request, response).catch((error: unknown) => fail(request, response, error, log));
      });
      server.maxConnections = MAX_CONNECTIONS;
      server.setTimeout(SILENCE_MS + options.client.timeoutMs);
      servers.push(server);
      await listen(server, address, log);
    }
  } catch (error) {
    for (const server of servers) server.close();
    await survey.close();
    throw error;
  }
  return {
    addresses: servers.map((server, index) => boundAddress(server, options.listen[index])),
    async close() {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
            }),
        ),
      );
      await survey.close();
    },
    closeNow() {
      endAll();
      void survey.close();
    },
  };
}

const SERVER_LIMITS = {
  headersTimeout: HEADER_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  maxHeaderSize: MAX_HEAD_BYTES,
  connectionsCheckingInterval: 5_000,
} as const;

async function refuse(response: ServerResponse, status: number, words: string): Promise<void> {
  await send(response, { status, contentType: 'text/plain; charset=utf-8', body: [`${words}\n`] }, false);
}

async function send(response: ServerResponse, { status, contentType, body }: Answer, head: boolean): Promise<void> {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  if (head) response.end();
  else await pipeline(Readable.from(body), response);
}

function fail(request: IncomingMessage, response: ServerResponse, error: unknown, log: Log): void {
  // Who went away in the middle of its own scrape is no failure of ours.
  const gone = request.destroyed || response.destroyed;
  if (!gone) {
    log.error('A scrape failed', {
      target: request.url,
      problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
  if (response.headersSent || gone) response.destroy();
  else response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' }).end('A bug; the log has more.\n');
}

function listen(server: Server, address: Address, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenFailure(address, error));
    server.once('error', failed);
    server.listen({ port: address.port, ...(address.host === '' ? {} : { host: address.host }) }, () => {
      server.off('error', failed);
      server.on('error', (error) => log.error('The exporter failed to listen', { problem: error.message }));
      resolve();
    });
  });
}

function listenFailure(address: Address, error: NodeJS.ErrnoException): McmpError {
  const why = error.code === 'EADDRINUSE' ? 'the port is taken' : error.message;
  return new McmpError(
    'unreachable',
    'MCMP_LISTEN',
    `the exporter cannot listen on ${formatAddress(address)}: ${why}`,
    { cause: error, hint: 'Give another port with --listen, or :0 behind the host for any free one.' },
  );
}

function boundAddress(server: Server, address: Address | undefined): string {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : (address?.port ?? 0);
  return formatAddress({ host: address?.host ?? '', port });
}
