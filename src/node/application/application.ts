import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatAddress } from '../../core/address.ts';
import { type Clock, systemClock } from '../clock.ts';
import { arrivalOf } from '../connector/arrival.ts';
import type { Application } from '../connector/types.ts';
import { describeArrival } from './describe-arrival.ts';
import { createEcho } from './echo.ts';
import { findContext, type RequestPath, readRequestPath } from './request-path.ts';
import { sendBytes, sendJson, sleepUnlessGone } from './respond.ts';
import { createSession, formatSession, readSession, type SessionId, sessionCookie } from './session.ts';
import { createSessionStore } from './session-store.ts';
import { readWishes, type Wishes } from './wishes.ts';

export interface ApplicationOptions {
  readonly route: string;
  /** Host and port that answers name; default our end of the connection. */
  readonly address?: () => string | undefined;
  /** Context paths; `/` for the root context. A function is asked with each request: contexts come and go. */
  readonly contexts: readonly string[] | (() => readonly string[]);
  /** Default `JSESSIONID`. */
  readonly sessionCookie?: string;
  /** Name of the path parameter; default `jsessionid`. */
  readonly sessionPath?: string;
  /** After so long without a request a session expires; default 30 minutes, as servlet containers have it. */
  readonly sessionTimeoutMs?: number;
  /** Sessions kept at most; then the one idle longest goes. Default 10,000. */
  readonly maxSessions?: number;
  readonly clock?: Clock;
}

/** An application that says who answered, and what reached it. */
export interface TestApplication extends Application {
  /** Sessions a context has, for those who wait until it has none. */
  sessions(context: string): number;
  /** Tells every open WebSocket that the node goes away (RFC 6455 §7.4.1: 1001). */
  close(): void;
}

/** What the answer says of the session: as it is now, how it came to be, and how many requests it had. */
interface SessionWords {
  readonly session: string | null;
  readonly sessionIs: 'created' | 'kept' | 'moved' | 'ended' | 'none';
  readonly counter: number;
}

interface BodyWords {
  readonly bytes: number;
  readonly sha256: string;
}

const MINUTE_MS = 60_000;

/**
 * What stands behind the contexts of a simulated node: JSON that says who answered and what the request was when it
 * came, a session as a servlet container keeps it, everything of `WISHES`, and an echo for WebSockets.
 */
export function createApplication(options: ApplicationOptions): TestApplication {
  const { route, contexts, clock = systemClock, sessionTimeoutMs = 30 * MINUTE_MS, maxSessions = 10_000 } = options;
  const names = { cookie: options.sessionCookie ?? 'JSESSIONID', path: options.sessionPath ?? 'jsessionid' };
  const store = createSessionStore(() => clock.nowMs(), sessionTimeoutMs, maxSessions);
  const describe = (request: IncomingMessage, context: string, { path }: RequestPath): object => ({
    route,
    node: options.address?.() ?? hostPort(request.socket.localAddress, request.socket.localPort),
    context,
    ...describeRequest(request, path),
  });
  const contextOf = (path: string): string | undefined =>
    findContext(typeof contexts === 'function' ? contexts() : contexts, path);

  /** A new session, or one that this node has not got yet, is told to the client: the next request shall come here. */
  const enter = (
    request: IncomingMessage,
    context: string,
    wish: Wishes['session'],
  ): SessionWords & { readonly setCookie: string | undefined } => {
    if (wish === 'none') return { session: null, sessionIs: 'none', counter: 0, setCookie: undefined };
    const sent = readSession(request.headers.cookie ?? '', request.url ?? '/', names);
    if (wish === 'end') {
      if (sent !== undefined) store.end(context, sent.id);
      return { session: null, sessionIs: 'ended', counter: 0, setCookie: sessionCookie(names.cookie, context) };
    }
    const session: SessionId = sent === undefined ? createSession(route) : { id: sent.id, route };
    const counter = store.touch(context, session.id);
    const words = { session: formatSession(session), counter };
    if (sent?.route === route) return { ...words, sessionIs: 'kept', setCookie: undefined };
    const setCookie = sessionCookie(names.cookie, context, session);
    return { ...words, sessionIs: sent === undefined ? 'created' : 'moved', setCookie };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const where = readRequestPath(request.url ?? '/');
    response.setHeader('X-Route', route);
    const context = contextOf(where.path);
    if (context === undefined) {
      request.resume();
      sendJson(response, 404, { route, error: 'no context of this node serves the path', path: where.path });
      return;
    }
    const wishes = readWishes(where.query);
    if (typeof wishes === 'string') {
      request.resume();
      sendJson(response, 400, { route, context, error: wishes });
      return;
    }
    const body = await digestBody(request);
    await sleepUnlessGone(response, wishes.sleepMs, clock);
    const { setCookie, ...session } = enter(request, context, wishes.session);
    if (setCookie !== undefined) response.setHeader('Set-Cookie', setCookie);
    if (body !== undefined) {
      response.setHeader('X-Body-Bytes', String(body.bytes));
      response.setHeader('X-Body-SHA256', body.sha256);
    }
    const { status, bytes } = wishes;
    if (bytes !== undefined && hasContent(status)) {
      await sendBytes(response, { status, bytes }, request.method !== 'HEAD', clock);
      return;
    }
    sendJson(response, status, { ...describe(request, context, where), ...session, ...(body && { body }) });
  };

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      // In most cases the client went away in the middle of its body: nobody is left to be told.
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  };
  const echo = createEcho({
    route,
    enter(request) {
      const where = readRequestPath(request.url ?? '/');
      const context = contextOf(where.path);
      if (context === undefined) return undefined;
      const { setCookie, ...session } = enter(
        request,
        context,
        where.query.get('session') === 'none' ? 'none' : 'keep',
      );
      return { setCookie, query: where.query, words: { ...describe(request, context, where), ...session } };
    },
  });

  return {
    request: handle,
    upgrade: echo.upgrade,
    sessions: (context) => store.count(context),
    close: () => echo.close(),
  };
}

/** What reached the node, as it came. */
function describeRequest(request: IncomingMessage, path: string): object {
  return {
    method: request.method,
    target: request.url,
    path,
    httpVersion: request.httpVersion,
    remote: hostPort(request.socket.remoteAddress, request.socket.remotePort),
    headers: pairs(request.rawHeaders),
    ...describeArrival(arrivalOf(request)),
  };
}

function hostPort(address: string | undefined, port: number | undefined): string | null {
  return address === undefined || port === undefined ? null : formatAddress({ host: address, port });
}

function pairs(rawHeaders: readonly string[]): (readonly [string, string])[] {
  const lines: [string, string][] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) lines.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return lines;
}

/** Reads a body to its end without keeping it; undefined when the request has none (RFC 9112 §6.3). */
async function digestBody(request: IncomingMessage): Promise<BodyWords | undefined> {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if (length === undefined && coding === undefined) {
    request.resume();
    return undefined;
  }
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of request) {
    const piece: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += piece.length;
    hash.update(piece);
  }
  // The HTTP server was told that there may be one, because by AJP that has to be asked.
  const arrival = arrivalOf(request);
  if (bytes === 0 && arrival?.kind === 'ajp' && arrival.contentLength === -1) return undefined;
  return { bytes, sha256: hash.digest('hex') };
}

function hasContent(status: number): boolean {
  return status !== 204 && status !== 205 && status !== 304;
}
