import { createAccessEntry } from '../../observe/access-log/entry.ts';
import { bodyBytesOf } from '../answers.ts';
import type { ClientConnection } from '../client-connection.ts';

const NOTHING_KNOWN = createAccessEntry();

/** Counts and logs a head that could not be read: nothing of it is believed, so nothing of it is shown. */
export function refusedHead(client: ClientConnection, status: number, code: string, answer: string): void {
  const { traffic, accessLog } = client.shared;
  traffic.badRequests++;
  if (accessLog === null) return;
  Object.assign(accessLog.entry, NOTHING_KNOWN, {
    startedAtMs: performance.timeOrigin + performance.now(),
    client: client.identity.address,
    status,
    complete: true,
    sentBytes: bodyBytesOf(answer),
    code,
  });
  accessLog.write();
}
