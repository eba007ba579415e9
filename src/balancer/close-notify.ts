import type { TLSSocket } from 'node:tls';
import { getSystemErrorMap } from 'node:util';

const ALREADY = [...getSystemErrorMap()].find(([, [name]]) => name === 'EALREADY')?.[0];

/**
 * Whether the peer of an encrypted connection said that it ends (close_notify, RFC 8446 §6.1). To be asked within its `'end'`
 * event. Without those words anybody on the way may have ended the connection, which needs no key.
 *
 * Node.js tells both ends alike, and no documented way tells them apart. What differs is the connection below: close_notify is
 * found in bytes that were read from it, and it goes on being read, where its own end has stopped that. So it is asked to read,
 * to which it answers "already". What cannot be asked counts as not said.
 *
 * @param paused reading was stopped before the end came: only bytes that were read before can have told of it
 */
export function saidItsEnd(socket: TLSSocket, paused: boolean): boolean {
  if (paused) return true;
  const below = propertyOf(propertyOf(socket, '_handle'), '_parent');
  const readStart = propertyOf(below, 'readStart');
  const readStop = propertyOf(below, 'readStop');
  if (typeof readStart !== 'function' || typeof readStop !== 'function' || ALREADY === undefined) return false;
  const result: unknown = readStart.call(below);
  if (result === ALREADY) return true;
  readStop.call(below);
  return false;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
