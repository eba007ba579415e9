import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { freeAfter } from './cleanup.ts';
import { type RawAnswer, readAnswer } from './raw-http.ts';

const DEADLINE_MS = 8_000;

/** Opens a connection to 127.0.0.1 and waits for the handshake. @throws what the client's TLS says when there is none */
export async function openTls(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  freeAfter(() => {
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Reads until the other end has said all. @returns the text, latin1, and how it ended */
export async function readToEnd(socket: TLSSocket): Promise<RawAnswer> {
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  const end = await new Promise<RawAnswer['end']>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no end within ${DEADLINE_MS} ms: ${text}`)), DEADLINE_MS);
    const done = (how: RawAnswer['end']): void => {
      clearTimeout(timer);
      resolve(how);
    };
    socket.once('end', () => done('fin'));
    socket.once('error', () => done('reset'));
    socket.once('close', () => done('reset'));
  });
  socket.end();
  return readAnswer(text, end);
}

/** One request over a connection of its own. */
export async function getOverTls(port: number, path: string, options: ConnectionOptions = {}): Promise<RawAnswer> {
  const socket = await openTls(port, options);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
  return await readToEnd(socket);
}
