import { once } from 'node:events';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { connect, constants } from 'node:http2';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Duplex, type Readable, type Writable } from 'node:stream';
import type { BalancerOptions } from '../../src/balancer/index.ts';
import { identityOf, testCertificates } from './certificates.ts';
import { freeAfter } from './cleanup.ts';

/** A request as all protocols have it. */
export interface FrontRequest {
  readonly path: string;
  /** GET when not given. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** All of the body; without it, and without `streams`, there is none. */
  readonly body?: Buffer | string;
  /** The body is written to `Conversation.body`. */
  readonly streams?: boolean;
}

export interface FrontHead {
  readonly status: number;
  /** Lower-case names; several values joined by a comma, but Set-Cookie by a line end. */
  readonly headers: ReadonlyMap<string, string>;
}

/** One request and its response, while they run. */
export interface Conversation {
  /** Where the body of a streaming request is written to. */
  readonly body: Writable;
  /** Status codes of interim responses so far. */
  readonly interim: readonly number[];
  head(): Promise<FrontHead>;
  /** The body of the response; to be read once the head is there. */
  readonly stream: () => Readable;
  /** Of the response, complete when its body has ended. */
  readonly trailers: () => Readonly<Record<string, string>>;
  /** Ends it as a client does that does not want the answer any more. */
  abort(): void;
}

export interface FrontAnswer extends FrontHead {
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, string>>;
  readonly interim: readonly number[];
}

export interface FrontClient {
  open(request: FrontRequest): Conversation;
  /** Resolves when the response is complete. */
  ask(request: FrontRequest): Promise<FrontAnswer>;
  /** Asks for a WebSocket. `stream` is what stands then, or null. */
  websocket(path: string): Promise<{ readonly status: number; readonly stream: Duplex | null }>;
}

/** What clients speak to the balancer. */
export interface Front {
  readonly name: 'h1' | 'h1+TLS' | 'h2' | 'h2c';
  readonly scheme: 'http' | 'https';
  readonly isHttp2: boolean;
  /** What the balancer has to be told. */
  readonly options: Partial<BalancerOptions>;
  client(port: number): FrontClient;
}

export const H1: Front = {
  name: 'h1',
  scheme: 'http',
  isHttp2: false,
  options: {},
  client: (port) => http1Client(port, false),
};

export const H2C: Front = {
  name: 'h2c',
  scheme: 'http',
  isHttp2: true,
  options: { h2c: true },
  client: (port) => http2Client(port, false),
};

/** As `--listen-tls` has it. */
function encrypted(): Partial<BalancerOptions> {
  const { cert, key } = identityOf(testCertificates().server);
  return { listenTls: [{ address: null, certificate: { cert, key, files: 'test' } }] };
}

export const H1_TLS: Front = {
  name: 'h1+TLS',
  scheme: 'https',
  isHttp2: false,
  get options() {
    return encrypted();
  },
  client: (port) => http1Client(port, true),
};

export const H2: Front = {
  name: 'h2',
  scheme: 'https',
  isHttp2: true,
  get options() {
    return encrypted();
  },
  client: (port) => http2Client(port, true),
};

function http1Client(port: number, tls: boolean): FrontClient {
  const agent = tls
    ? new HttpsAgent({ keepAlive: true, ca: testCertificates().ca })
    : new HttpAgent({ keepAlive: true });
  freeAfter(() => agent.destroy());
  const open = ({ path, method = 'GET', headers = {}, body, streams = false }: FrontRequest): Conversation => {
    const interim: number[] = [];
    const request = (tls ? httpsRequest : httpRequest)({ agent, port, host: '127.0.0.1', path, method, headers });
    request.on('information', ({ statusCode }) => interim.push(statusCode));
    let response: Readable & { trailers?: NodeJS.Dict<string> } = request.socket as Readable;
    const head = new Promise<FrontHead>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (message) => {
        response = message;
        message.on('error', () => {});
        resolve({ status: message.statusCode ?? 0, headers: joined(message.headers) });
      });
    });
    head.catch(() => {});
    if (streams) request.flushHeaders();
    else if (body === undefined) request.end();
    else request.end(body);
    return {
      body: request,
      interim,
      head: () => head,
      stream: () => response,
      trailers: () => definedOnly(response.trailers ?? {}),
      abort: () => request.destroy(),
    };
  };
  const websocket: FrontClient['websocket'] = (path) =>
    new Promise((resolve, reject) => {
      const headers = {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      };
      const request = (tls ? httpsRequest : httpRequest)({ agent, port, host: '127.0.0.1', path, headers });
      request.on('upgrade', (_response, stream: Duplex) => {
        freeAfter(() => {
          stream.destroy();
        });
        resolve({ status: 200, stream });
      });
      request.on('response', (response) => resolve({ status: response.resume().statusCode ?? 0, stream: null }));
      request.on('error', reject);
      request.end();
    });
  return { open, ask: (request) => answerOf(open(request)), websocket };
}

function http2Client(port: number, tls: boolean): FrontClient {
  const session = connect(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, {
    // What waits to be sent counts; beyond it Node.js takes no response either.
    maxSessionMemory: 100,
    ...(tls ? { ca: testCertificates().ca } : {}),
  });
  session.on('error', () => {});
  freeAfter(() => session.destroy());
  const open = ({ path, method = 'GET', headers = {}, body, streams = false }: FrontRequest): Conversation => {
    const interim: number[] = [];
    let trailers: Record<string, string> = {};
    const hasBody = streams || body !== undefined;
    const stream = session.request({ ':path': path, ':method': method, ...headers }, { endStream: !hasBody });
    stream.on('headers', (fields) => interim.push(Number(fields[':status'])));
    stream.on('trailers', (fields) => {
      trailers = definedOnly(fields);
    });
    const head = new Promise<FrontHead>((resolve, reject) => {
      stream.on('error', reject);
      stream.on('close', () => reject(new Error(`the stream was closed with code ${stream.rstCode}`)));
      stream.on('response', (fields) => resolve({ status: Number(fields[':status']), headers: joined(fields) }));
    });
    head.catch(() => {});
    if (body !== undefined) stream.end(body);
    return {
      body: stream,
      interim,
      head: () => head,
      stream: () => stream,
      trailers: () => trailers,
      abort: () => stream.close(constants.NGHTTP2_CANCEL),
    };
  };
  const websocket: FrontClient['websocket'] = async (path) => {
    if (session.remoteSettings.enableConnectProtocol !== true) await once(session, 'remoteSettings');
    const talk = open({ path, method: 'CONNECT', streams: true, headers: { ':protocol': 'websocket' } });
    const { status } = await talk.head();
    const stream = talk.stream();
    return { status, stream: status === 200 && stream instanceof Duplex ? stream : null };
  };
  return { open, ask: (request) => answerOf(open(request)), websocket };
}

async function answerOf(conversation: Conversation): Promise<FrontAnswer> {
  const { status, headers } = await conversation.head();
  const body = await readAll(conversation.stream());
  return { status, headers, body, trailers: conversation.trailers(), interim: conversation.interim };
}

/** All that a stream still gives; fails when it breaks off. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function joined(headers: Readonly<Record<string, unknown>>): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue;
    texts.set(name, Array.isArray(value) ? value.join(name === 'set-cookie' ? '\n' : ', ') : String(value));
  }
  return texts;
}

function definedOnly(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}
