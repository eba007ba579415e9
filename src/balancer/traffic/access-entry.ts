import { headerValue } from '../../core/http/find-header.ts';
import type { AccessEntry } from '../../observe/access-log/entry.ts';
import type { ClientConnection } from '../client-connection.ts';

/** Writes into an entry who asked for what. */
export function describeClientAndRequest(entry: AccessEntry, client: ClientConnection): void {
  const { head } = client;
  entry.client = client.identity.address;
  entry.forwardedFor = client.isTrustedProxy ? headerValue(head, 'x-forwarded-for') : '';
  entry.method = head.method;
  entry.target = head.target;
  entry.version = head.minorVersion === 1 ? '1.1' : '1.0';
  entry.host = head.host;
  entry.referer = headerValue(head, 'referer');
  entry.userAgent = headerValue(head, 'user-agent');
}
