import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createSession, formatSession, readSession } from './session.ts';

/** Answers are cut into pieces of this size, so that `?size=` never builds one huge buffer. */
const CHUNK_BYTES = 64 * 1024;
const MAX_SLEEP_MS = 10 * 60_000;
const MAX_SIZE_BYTES = 1024 ** 3;

export interface ApplicationOptions {
  readonly route: string;
  /** Context paths; `/` for the root context. */
  readonly contexts: readonly string[];
  readonly sessionCookie: string;
  readonly sessionPath: string;
}

/**
 * What stands behind the contexts of a simulated node: JSON that says who answered, a session as a servlet container
 * keeps it, and `?sleep=` (milliseconds) and `?size=` (bytes) for testers.
 */
export function createApplication(options: ApplicationOptions): RequestListener {
  // The longest context first, so that the first match is the right one.
  const contexts = [...options.contexts].sort((a, b) => b.length - a.length);
  const counters = new Map<string, number>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = request.url ?? '/';
    request.resume();
    const path = target.split(/[?;]/, 1)[0] ?? '/';
    const context = contexts.find((candidate) => isBelow(path, candidate));
    if (context === undefined) {
      sendJson(response, 404, { route: options.route, error: 'no context of this node serves the path', path });
      return;
    }
    const query = new URLSearchParams(target.includes('?') ? target.slice(target.indexOf('?') + 1) : '');
    const sleepMs = readNumber(query.get('sleep'), MAX_SLEEP_MS);
    const sizeBytes = readNumber(query.get('size'), MAX_SIZE_BYTES);
    if (sleepMs === undefined || sizeBytes === undefined) {
      sendJson(response, 400, { route: options.route, error: 'sleep takes milliseconds, size takes bytes' });
      return;
    }
    if (sleepMs > 0) await sleepUnlessGone(response, sleepMs);

    const { sessionCookie, sessionPath } = options;
    const sent = readSession(request.headers.cookie ?? '', target, sessionCookie, sessionPath);
    const session = { id: sent?.id ?? createSession(options.route).id, route: options.route };
    const counter = (counters.get(session.id) ?? 0) + 1;
    rememberCounter(counters, session.id, counter);
    // A session of another node, or a new one, gets this node's route: the next request shall come here.
    if (sent?.route !== options.route) {
      const cookiePath = context === '/' ? '/' : context;
      response.setHeader('Set-Cookie', `${sessionCookie}=${formatSession(session)}; Path=${cookiePath}; HttpOnly`);
    }
    if (sizeBytes > 0) await sendBytes(response, sizeBytes, options.route);
    else sendJson(response, 200, { route: options.route, context, session: formatSession(session), counter, path });
  };

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  };
}

/** Sessions beyond this number are forgotten, the oldest first: a simulator may run for weeks. */
const MAX_SESSIONS = 10_000;

function rememberCounter(counters: Map<string, number>, id: string, counter: number): void {
  counters.delete(id);
  counters.set(id, counter);
  if (counters.size <= MAX_SESSIONS) return;
  const oldest = counters.keys().next();
  if (!oldest.done) counters.delete(oldest.value);
}

function isBelow(path: string, context: string): boolean {
  if (context === '/') return true;
  return path.startsWith(context) && (path.length === context.length || path[context.length] === '/');
}

function readNumber(text: string | null, max: number): number | undefined {
  if (text === null) return 0;
  return /^\d{1,12}$/.test(text) ? Math.min(Number(text), max) : undefined;
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = `${JSON.stringify(value)}\n`;
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) })
    .end(body);
}

async function sendBytes(response: ServerResponse, sizeBytes: number, route: string): Promise<void> {
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(sizeBytes),
    'X-Route': route,
  });
  const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, sizeBytes), 'mcmp ');
  for (let left = sizeBytes; left > 0 && !response.destroyed; left -= chunk.length) {
    const more = response.write(left < chunk.length ? chunk.subarray(0, left) : chunk);
    if (!more) await drainedOrClosed(response);
  }
  response.end();
}

function drainedOrClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.closed) {
      resolve();
      return;
    }
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

function sleepUnlessGone(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.on('close', done);
  });
}
