import { McmpError } from '../../core/errors.ts';
import { SCHEMA_VERSION } from '../simulator/documents.ts';
import type { ControlEvent } from './documents.ts';

/** A snapshot of ten thousand nodes is a tenth of it. */
const MAX_EVENT_CHARACTERS = 64 * 1024 * 1024;

/**
 * Reads a stream of server-sent events (WHATWG HTML, section 9.2) whose data are our documents, in whatever pieces it comes.
 *
 * @throws McmpError when it is something else
 */
export async function* readEvents(body: AsyncIterable<Buffer>, address: string): AsyncGenerator<ControlEvent> {
  const decoder = new TextDecoder('utf-8');
  let unread = '';
  let data = '';
  for await (const chunk of body) {
    unread += decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = unread.indexOf('\n'); end !== -1; end = unread.indexOf('\n', from)) {
      const line = unread.slice(from, end);
      from = end + 1;
      if (line.startsWith('data: ')) data += line.slice('data: '.length);
      else if (line === '' && data !== '') {
        yield parseEvent(data, address);
        data = '';
      }
    }
    unread = unread.slice(from);
    if (unread.length + data.length > MAX_EVENT_CHARACTERS) throw notOurs(address);
  }
}

function parseEvent(data: string, address: string): ControlEvent {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch (cause) {
    throw notOurs(address, cause);
  }
  const known =
    typeof event === 'object' &&
    event !== null &&
    'schemaVersion' in event &&
    event.schemaVersion === SCHEMA_VERSION &&
    'kind' in event &&
    KINDS.some((kind) => kind === event.kind);
  if (!known) throw notOurs(address);
  return event as ControlEvent;
}

const KINDS: readonly ControlEvent['kind'][] = ['snapshot', 'node', 'faults'];

function notOurs(address: string, cause?: unknown): McmpError {
  return new McmpError('protocol', 'MCMP_BAD_EVENT', `${address} sent an event that this program does not know`, {
    hint: 'Use the mcmp that node-sim runs with.',
    cause,
  });
}
