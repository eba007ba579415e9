import type { HttpAnswer } from '../../client/answer.ts';
import { isLostConnection, slowFailure, transportFailure } from '../../client/failures.ts';
import type { McmpClientTls } from '../../client/sockets.ts';
import { addressOfUrl } from '../../core/address.ts';
import { McmpError } from '../../core/errors.ts';
import { type BrokenAnswer, createAnswerReader } from '../../core/mcmp/answer-reader.ts';
import { type Clock, systemClock } from '../clock.ts';
import { balancerUrl } from './balancer-url.ts';
import { type Connection, connect, type Pace } from './connection.ts';
import { createLeftOpen } from './left-open.ts';
import { createLimits } from './limits.ts';
import { destinationOf, printRequest } from './request.ts';
import { ROOM_OF_PROCESS, type Room } from './room.ts';
import type { Manners, McmpWire, Outgoing } from './types.ts';

export interface WireOptions {
  /** Default `mcmp`. */
  readonly manners?: Manners;
  readonly tls?: McmpClientTls;
  /**
   * Default 10 s for one exchange, connecting and repeating included. With Java manners 20 s for connecting and for each
   * silence, after which a request without an answer is sent once more (reference §9.2).
   */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  /** A longer body is refused; default 64 MiB (INFO of a million contexts takes 60), or 1 MiB where no table is asked for. */
  readonly maxAnswerBytes?: number;
  /** Shared by wires whose messages and answers together have a limit; default one for the whole process. */
  readonly room?: Room;
  /** Asked before each request; default `whole`. */
  readonly pace?: () => Pace;
  /** Asked before each exchange; when it says so, a new connection is opened and the last one stays open. */
  readonly leavesConnectionOpen?: () => boolean;
}

const DEFAULT_TIMEOUT_MS: Readonly<Record<Manners, number>> = { mcmp: 10_000, java: 20_000 };
/** Commands whose answers grow with the tables of the balancer. */
const TABLES: ReadonlySet<string> = new Set(['INFO', 'DUMP', 'QUERY']);
const MAX_TABLE_BYTES = 64 * 1024 * 1024;
const MAX_REPLY_BYTES = 1024 * 1024;
/** Of a request while it is sent: its fields, its text and its bytes. */
const COPIES = 3;
/** Connections that are left open on purpose. */
const MAX_LEFT_OPEN = 1000;

/** How one attempt ended: `again` says whether the same request may go out once more. */
type Attempt = { readonly answer: HttpAnswer } | { readonly failure: unknown; readonly again: boolean };

/**
 * The way to one balancer: a connection that is kept and opened when it is needed, one exchange at a time.
 *
 * @param url MCMP address; its path, if any, is put in front of every target (`proxyURL`)
 * @throws McmpError `MCMP_BALANCER_URL` when it is none
 */
export function createWire(url: URL | string, options: WireOptions = {}): McmpWire {
  const base = balancerUrl(url);
  const address = addressOfUrl(base);
  const manners = options.manners ?? 'mcmp';
  const clock = options.clock ?? systemClock;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS[manners];
  const room = options.room ?? ROOM_OF_PROCESS;
  const destination = destinationOf(base, manners);
  const limits = createLimits(clock, timeoutMs);
  const leftOpen = createLeftOpen(MAX_LEFT_OPEN);
  let connection: Connection | undefined;
  let localAddress: string | undefined;
  let closed: McmpError | undefined;
  /** Exchanges under way and waiting. */
  let pending = 0;
  /** Closes the connection as soon as the exchange that is under way has ended. */
  let disconnects = false;
  let last: Promise<void> = Promise.resolve();

  const attempt = async (message: Outgoing, signal: AbortSignal, startedMs: number): Promise<Attempt> => {
    const { method } = message;
    const target = destination.prefix + message.target;
    const pace = options.pace?.() ?? 'whole';
    const kept = connection?.usable() === true && connection.hasAnswered();
    const maxBytes = options.maxAnswerBytes ?? (TABLES.has(method) ? MAX_TABLE_BYTES : MAX_REPLY_BYTES);
    const reader = createAnswerReader({ manners, method, maxBytes });
    // Ours is a deadline for the whole exchange; a Java node measures silence, and in each attempt anew.
    const java = manners === 'java';
    const limit = limits.begin(java ? clock.nowMs() : startedMs, signal, () =>
      slowFailure(address, `${method} ${target}`, undefined),
    );
    let takenBytes = 0;
    const take = (bytes: number): McmpError | undefined => {
      takenBytes += bytes;
      return room.take(bytes) ? undefined : noRoom(address, `${method} ${target}`);
    };
    const onBytes = (bytes: number): McmpError | undefined => {
      if (java) limit.restart();
      return take(bytes);
    };
    try {
      const tooMuch = take(COPIES * lengthOf(message));
      if (tooMuch !== undefined) throw tooMuch;
      const request = printRequest(message, destination, manners);
      if (connection?.usable() !== true) {
        connection = await connect(base, options.tls ?? {}, manners, limit);
        localAddress = connection.localAddress;
        onBytes(0);
      }
      const verdict = await connection.converse(request, reader, { pace, limit, onBytes });
      if (verdict.kind === 'broken') throw brokenFailure(verdict, address, `${method} ${target}`, maxBytes);
      const { status, reason, headers, body } = verdict;
      const elapsedMs = clock.nowMs() - startedMs;
      return { answer: { method, target, status, statusText: reason, headers, body, elapsedMs } };
    } catch (error) {
      if (signal.aborted || closed !== undefined) return { failure: limit.over?.reason ?? error, again: false };
      const failure = error instanceof McmpError ? error : transportFailure(error, address, `${method} ${target}`);
      // The balancer closed a kept connection just as we spoke: not its fault, not ours. A silence is not repeated, as
      // whoever waits should know of it; a Java node says once more whatever was not answered, after a silence too.
      const again = java ? !reader.begun : kept && !reader.begun && isLostConnection(failure.cause);
      return { failure, again };
    } finally {
      limit.stop();
      room.give(takenBytes);
    }
  };

  const exchangeNow = async (message: Outgoing, signal: AbortSignal): Promise<HttpAnswer> => {
    signal.throwIfAborted();
    if (closed !== undefined) throw closed;
    if (options.leavesConnectionOpen?.() === true && connection?.usable() === true) {
      leftOpen.add(connection);
      connection = undefined;
    }
    const startedMs = clock.nowMs();
    let outcome = await attempt(message, signal, startedMs);
    if ('failure' in outcome && outcome.again) outcome = await attempt(message, signal, startedMs);
    if ('failure' in outcome) throw outcome.failure;
    return outcome.answer;
  };

  const disconnect = (): void => {
    connection?.close();
    connection = undefined;
  };

  return {
    address,
    localAddress: () => localAddress,
    exchange(message, signal) {
      const turn = last.then(async () => {
        try {
          return await exchangeNow(message, signal);
        } finally {
          pending -= 1;
          if (disconnects) disconnect();
          disconnects = false;
        }
      });
      pending += 1;
      // Whoever comes next waits for the end of this one, not for its success.
      last = turn.then(ignore, ignore);
      return pending === 1 ? turn : orAborted(turn, signal);
    },
    disconnect() {
      if (pending > 0) disconnects = true;
      else disconnect();
    },
    async close() {
      closed ??= new McmpError(
        'unreachable',
        'MCMP_WIRE_CLOSED',
        `the connection to ${address} was closed on this side`,
      );
      limits.close(closed);
      await last;
      disconnect();
      leftOpen.close();
    },
  };
}

function ignore(): void {}

/** A caller that waits for its turn need not wait until it comes to give up. */
function orAborted<T>(turn: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** Characters of its fields, which is what can be long in it. */
function lengthOf({ pairs }: Outgoing): number {
  return pairs.reduce((length, [name, value]) => length + name.length + value.length, 0);
}

function noRoom(address: string, exchange: string): McmpError {
  return new McmpError('protocol', 'MCMP_NO_ROOM', `there is no room for ${exchange} to ${address} and its answer`, {
    hint: 'Many long messages are on their way at the same time; it is tried again later.',
  });
}

/** What an answer that could not be read means to a user, in the words of the client. */
function brokenFailure({ fault, why }: BrokenAnswer, address: string, exchange: string, maxBytes: number): McmpError {
  if (fault === 'too-long' && why.includes('body')) {
    return new McmpError('protocol', 'MCMP_ANSWER_TOO_LONG', `${address} answered with more than ${maxBytes} bytes`);
  }
  const cause = new Error(why);
  return transportFailure(fault === 'silent' ? Object.assign(cause, { code: 'ECONNRESET' }) : cause, address, exchange);
}
