import { headerValue } from '../../core/http/find-header.ts';
import { HEADER, type RequestHead } from '../../core/http/index.ts';
import type { AccessEntry } from '../../observe/access-log/entry.ts';
import type { ClientConnection } from '../client-connection.ts';

/** Writes into an entry who asked for what. */
export function describeClientAndRequest(entry: AccessEntry, client: ClientConnection): void {
  const { head } = client;
  entry.client = client.identity.address;
  entry.forwardedFor = client.isTrustedProxy ? headerValue(head, 'x-forwarded-for') : '';
  entry.method = head.method;
  entry.target = head.target;
  entry.version = client.peer.httpVersion === '2' ? '2.0' : head.minorVersion === 1 ? '1.1' : '1.0';
  entry.host = head.host;
  findRefererAndAgent(entry, head);
}

const REFERER = 'referer';
const USER_AGENT = 'user-agent';

/** Every line of the log wants both: one look at each header line finds them, and mostly its length tells that it is neither. */
function findRefererAndAgent(entry: AccessEntry, head: RequestHead): void {
  const { count, kinds, offsets, text } = head;
  entry.referer = '';
  entry.userAgent = '';
  for (let line = 0; line < count; line++) {
    if (kinds[line] !== HEADER.other) continue;
    const start = offsets[line * 4] ?? 0;
    const length = (offsets[line * 4 + 1] ?? 0) - start;
    if (length !== REFERER.length && length !== USER_AGENT.length) continue;
    const name = text.slice(start, start + length).toLowerCase();
    // As elsewhere, the first of several counts.
    if (name === REFERER && entry.referer === '') {
      entry.referer = text.slice(offsets[line * 4 + 2], offsets[line * 4 + 3]);
    } else if (name === USER_AGENT && entry.userAgent === '') {
      entry.userAgent = text.slice(offsets[line * 4 + 2], offsets[line * 4 + 3]);
    }
  }
}
