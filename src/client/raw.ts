import type { Socket } from 'node:net';
import { addressOfUrl } from '../core/address.ts';
import type { Pair } from './answer.ts';
import { encodeText } from './body.ts';
import { slowFailure, transportFailure } from './failures.ts';
import { type McmpClientTls, openSocket } from './sockets.ts';

export interface RawAnswer {
  /** Everything that came, to the last byte, broken or not. */
  readonly bytes: Buffer;
  /** False when the peer kept the connection open until the time was over although we asked it to close. */
  readonly ended: boolean;
}

/**
 * Sends one command on a connection of its own and returns the bytes of the answer as they came; nothing is checked, so it
 * also shows what no HTTP client would take.
 * @param timeoutMs for everything; when it is over and something came, that is the answer
 * @throws McmpError when nothing came
 */
export function exchangeRaw(
  url: URL | string,
  {
    method,
    target: path,
    pairs,
  }: { readonly method: string; readonly target: string; readonly pairs: readonly Pair[] },
  options: { readonly timeoutMs: number; readonly accept?: string; readonly tls?: McmpClientTls },
): Promise<RawAnswer> {
  const base = new URL(url);
  const address = addressOfUrl(base);
  const target = base.pathname.replace(/\/+$/, '') + path;
  const body = encodeText(pairs);
  const head = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${base.host}`,
    'User-Agent: mcmp',
    ...(options.accept === undefined ? [] : [`Accept: ${options.accept}`]),
    'Connection: close',
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    '\r\n',
  ].join('\r\n');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const finish = (socket: Socket, error: unknown, ended: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      if (chunks.length > 0) resolve({ bytes: Buffer.concat(chunks), ended });
      else if (error === undefined && !ended) reject(slowFailure(address, `${method} ${target}`, undefined));
      else reject(transportFailure(error ?? lost(), address, `${method} ${target}`));
    };
    const socket = openSocket(base, options.tls ?? {}, (error, connected) => {
      if (error !== null) {
        finish(connected, error, true);
        return;
      }
      connected.on('error', (failure) => finish(connected, failure, true));
      connected.on('close', () => finish(connected, undefined, true));
      connected.on('data', (chunk) => chunks.push(chunk));
      connected.write(head + body);
    });
    const timer = setTimeout(() => finish(socket, undefined, false), options.timeoutMs);
  });
}

function lost(): Error {
  return Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' });
}
