import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type McmpClientTls, openSocket } from '../../client/sockets.ts';
import type { AnswerReader, AnswerVerdict } from '../../core/mcmp/answer-reader.ts';
import type { Limit } from './limits.ts';
import type { Manners } from './types.ts';

export type Pace = 'whole' | 'byte-by-byte';

/** One open connection to a balancer. While nothing is asked on it, it does not keep the process alive. */
export interface Connection {
  readonly localAddress: string;
  /** Whether another request may go out on it, as far as we know. */
  usable(): boolean;
  /** Whether an answer was read on it before. */
  hasAnswered(): boolean;
  /**
   * Sends a request and reads its answer; one at a time.
   * @param onBytes called with the length of whatever came; its error, if any, ends the exchange
   * @throws the socket's error, or the reason of the limit; the connection is closed then
   */
  converse(
    request: string,
    reader: AnswerReader,
    options: { readonly pace: Pace; readonly limit: Limit; readonly onBytes: (bytes: number) => Error | undefined },
  ): Promise<AnswerVerdict>;
  onClose(callback: () => void): void;
  close(): void;
}

/** What is done with what happens on the socket while a request is under way. */
interface Conversation {
  readonly data: (chunk: Buffer) => void;
  readonly ended: () => void;
  readonly failed: (error: Error) => void;
}

/** @throws the socket's error, or the reason of the limit */
export function connect(base: URL, tls: McmpClientTls, manners: Manners, limit: Limit): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(base, tls, (error) => {
      limit.whenOver(undefined);
      if (error === null) resolve(connectionOn(socket, manners));
      else reject(error);
    });
    // Errors are told to whoever waits; this one is for those that come when nobody does.
    socket.on('error', () => socket.destroy());
    limit.whenOver((reason) => {
      socket.destroy();
      reject(reason);
    });
  });
}

function connectionOn(socket: Socket, manners: Manners): Connection {
  const localAddress = socket.localAddress ?? '';
  let current: Conversation | undefined;
  let answered = false;
  let usable = true;
  /** Surplus of the last answer, with which the next one begins for a Java node. */
  let surplus: Buffer | undefined;

  const close = (): void => {
    usable = false;
    socket.destroy();
  };
  socket.on('data', (chunk) => {
    // Nobody asked: what comes now would be taken for the next answer.
    if (current === undefined) close();
    else current.data(chunk);
  });
  socket.on('end', () => {
    usable = false;
    current?.ended();
    close();
  });
  socket.on('error', (error) => {
    usable = false;
    current?.failed(error);
  });
  socket.on('close', () => {
    usable = false;
    current?.failed(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
  });

  const rest = (): void => {
    // A Java node does not look at its connection between two requests: what comes stays in a buffer of bounded size. It
    // does not see the peer close either, and says its next request into the dead connection first; we do see that.
    if (manners === 'java') socket.pause();
    socket.unref();
  };

  const sendByteByByte = async (request: string, isOver: () => boolean): Promise<void> => {
    const bytes = Buffer.from(request, 'latin1');
    for (let at = 0; at < bytes.length && !isOver(); at += 1) {
      if (!socket.write(bytes.subarray(at, at + 1))) await drained(socket);
      // Otherwise the system would send them together, and other connections would wait.
      await nextTurn();
    }
  };

  return {
    localAddress,
    usable: () => usable,
    hasAnswered: () => answered,
    onClose: (callback) => {
      socket.once('close', callback);
    },
    close,
    converse: (request, reader, { pace, limit, onBytes }) =>
      new Promise((resolve, reject) => {
        let sent = pace === 'whole';
        const settle = (): void => {
          current = undefined;
          limit.whenOver(undefined);
        };
        const answer = (verdict: AnswerVerdict): void => {
          settle();
          if (verdict.kind === 'answer' && verdict.keepAlive && usable && sent) {
            answered = true;
            if (verdict.leftover.length > 0) surplus = verdict.leftover;
            rest();
          } else close();
          resolve(verdict);
        };
        const fail = (error: unknown): void => {
          settle();
          close();
          reject(error);
        };
        const conversation: Conversation = {
          data: (chunk) => {
            const error = onBytes(chunk.length);
            if (error !== undefined) {
              fail(error);
              return;
            }
            const verdict = reader.push(chunk);
            if (verdict !== undefined) answer(verdict);
          },
          ended: () => answer(reader.end('closed')),
          failed: (error) => {
            if (reader.begun) answer(reader.end('reset'));
            else fail(error);
          },
        };
        current = conversation;
        limit.whenOver(fail);
        if (limit.over !== undefined) return;
        socket.ref();
        if (sent) socket.write(request, 'latin1');
        else {
          sendByteByByte(request, () => current !== conversation).then(() => {
            sent = true;
          }, fail);
        }
        const first = surplus;
        surplus = undefined;
        if (first !== undefined) conversation.data(first);
        if (current === conversation) socket.resume();
      }),
  };
}

/** Resolves when the socket takes more, or is gone. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
