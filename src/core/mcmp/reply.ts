import type { ClusterSettings } from '../cluster/types.ts';
import { MEDIA_TYPES } from './accept.ts';
import { decodeValue } from './body.ts';
import type { Dialect } from './dialect.ts';
import { cutBackward, cutForward } from './lines.ts';
import type { AppCommand, McmpReply, McmpSuccess } from './types.ts';

/** Success without a body. httpd sends no Content-Type then; nodes read the length only. */
export const DONE: McmpSuccess = { ok: true, body: '', contentType: '' };

/** Success that nobody hears of (reference §12.4.3). */
export const NO_ANSWER: McmpReply = { ...DONE, silent: true };

type Identity = Pick<ClusterSettings, 'dialect' | 'incarnationId'>;

function text(body: string): McmpReply {
  return { ok: true, body, contentType: MEDIA_TYPES.text };
}

/** A value inside `key=value&…`. Only what would be taken for structure is encoded, so that plain names stay readable. */
function replyValue(value: string, dialect: Dialect): string {
  if (!dialect.replies.encodeReplies) return value;
  return value.replace(/[%&=+]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The incarnation as the dialect tells it: httpd 1.3 prints it as a signed integer of 32 bits (reference §12.2.6). */
function idOf({ dialect, incarnationId }: Identity): string {
  switch (dialect.replies.id) {
    case 'whole':
      return incarnationId;
    case '32-bit':
      return String(BigInt.asIntN(32, BigInt(incarnationId)));
    case 'milliseconds':
      return incarnationId.slice(0, -3);
  }
}

/** Answer to STATUS (reference §2.3). */
export function statusReply(from: Identity, route: string, ok: boolean): McmpReply {
  const { replies } = from.dialect;
  const parts = [`JVMRoute=${replyValue(route, from.dialect)}`, `State=${ok ? 'OK' : 'NOTOK'}`];
  if (replies.statusOrder === 'state-route') parts.reverse();
  return text(`Type=STATUS-RSP&${parts.join('&')}&id=${idOf(from)}${replies.lineEnds ? '\n' : ''}`);
}

/** Answer to PING; with a route when one was asked for (reference §2.4). */
export function pingReply(from: Identity, route: string | undefined, ok: boolean): McmpReply {
  const { replies } = from.dialect;
  if (!replies.answersPing) return NO_ANSWER;
  const named = route === undefined || !replies.pingNamesRoute ? '' : `&JVMRoute=${replyValue(route, from.dialect)}`;
  const end = replies.lineEnds ? '\n' : '';
  return text(`Type=PING-RSP${named}&State=${ok ? 'OK' : 'NOTOK'}&id=${idOf(from)}${end}`);
}

/** httpd 1.3 takes the size of a pointer for that of the text (reference §12.2.2). */
const CUT_TO = 8;

/**
 * Answer to STOP-APP with the number of requests in flight: the form of httpd 1.3 with nothing cut, the only one by
 * which the Java node drains (reference §9.5), or Undertow's.
 */
export function stopReply(dialect: Dialect, command: AppCommand, requests: number): McmpReply {
  if (dialect.replies.stopReply === 'run-together') {
    const { route, aliases, contexts } = command;
    return text(
      `Type=STOP-APP-RSP,JvmRoute=${route}Alias=${aliases.join(',')}Context=${contexts.join(',')}Requests=${requests}`,
    );
  }
  const longest = dialect.replies.stopReply === 'requests-cut' ? CUT_TO : Number.POSITIVE_INFINITY;
  const value = (list: readonly string[]) => replyValue(list.join(',').slice(0, longest), dialect);
  const names = `JvmRoute=${replyValue(command.route, dialect)}&Alias=${value(command.aliases)}&Context=${value(command.contexts)}`;
  return text(`Type=STOP-APP-RSP&${names}&Requests=${requests}\n`);
}

/**
 * Answer to *-APP. That of httpd 2 says what was done for each alias (reference §2.2); an alias without contexts is left
 * out. Others say nothing.
 */
export function appReport(
  dialect: Dialect,
  command: Pick<AppCommand, 'kind' | 'route'>,
  processed: readonly { readonly alias: string; readonly contexts: readonly string[] }[],
): McmpReply {
  if (dialect.replies.appReply === 'empty') return DONE;
  let body = `Type=${command.kind}-RSP\nJvmRoute=${command.route}`;
  for (const { alias, contexts } of processed) {
    if (contexts.length > 0) body += `\nAlias=${alias} Contexts=${contexts.join(',')}\n`;
  }
  return text(`${body}\n`);
}

/** What a STATUS-RSP, PING-RSP or *-APP-RSP of any implementation says. Missing parts are undefined. */
export interface ReplyReading {
  /** `STATUS-RSP`, `PING-RSP`, `STOP-APP-RSP`, ... */
  readonly type: string;
  readonly route: string | undefined;
  /** `OK` or `NOTOK`. */
  readonly state: string | undefined;
  /** Incarnation of the balancer. */
  readonly id: string | undefined;
  /** Requests in flight; Undertow says -1 for an unknown route. */
  readonly requests: number | undefined;
  readonly processed: readonly { readonly alias: string; readonly contexts: readonly string[] }[];
}

/**
 * Reads the body of a reply: `key=value` joined by `&` (httpd, nginx, Undertow's STATUS and PING), httpd 2's report, or
 * Undertow's STOP-APP-RSP without separators.
 *
 * @param body byte string
 * @returns undefined when the body is none of these, as with the empty body of a success that has nothing to tell
 */
export function readReply(body: string): ReplyReading | undefined {
  const trimmed = withoutLineEnds(body);
  if (!trimmed.startsWith('Type=')) return undefined;
  if (/^Type=[A-Z-]+-RSP,/.test(trimmed)) return readUndertowStop(trimmed);
  return trimmed.includes('\n') ? readReport(trimmed) : readPairs(trimmed);
}

/** Not by a regular expression: it would try again at each of a million line ends that stand in the middle. */
function withoutLineEnds(body: string): string {
  let end = body.length;
  while (end > 0 && (body[end - 1] === '\n' || body[end - 1] === '\r')) end -= 1;
  return body.slice(0, end);
}

function readPairs(body: string): ReplyReading {
  const values = new Map<string, string>();
  for (const part of body.split('&')) {
    const equals = part.indexOf('=');
    if (equals > 0) values.set(part.slice(0, equals).toLowerCase(), decodeValue(part.slice(equals + 1), false));
  }
  const alias = values.get('alias');
  const contexts = values.get('context')?.split(',') ?? [];
  return {
    type: values.get('type') ?? '',
    route: values.get('jvmroute'),
    state: values.get('state'),
    id: values.get('id'),
    requests: integerOf(values.get('requests')),
    processed: alias === undefined ? [] : alias.split(',').map((name) => ({ alias: name, contexts })),
  };
}

function readReport(body: string): ReplyReading {
  const lines = body.split(/\r?\n/);
  const processed = lines.flatMap((line) => {
    const [alias, contexts] =
      (line.startsWith('Alias=') ? cutBackward(line.slice(6), [' Contexts=']) : undefined) ?? [];
    return alias === undefined || contexts === undefined ? [] : [{ alias, contexts: contexts.split(',') }];
  });
  const partOf = (name: string) => lines.find((line) => line.startsWith(name))?.slice(name.length);
  return {
    type: partOf('Type=') ?? '',
    route: partOf('JvmRoute='),
    state: undefined,
    id: undefined,
    requests: undefined,
    processed,
  };
}

/** `Type=STOP-APP-RSP,JvmRoute=RAlias=AContext=CRequests=N`: split at the names, as nothing else separates them. */
function readUndertowStop(body: string): ReplyReading {
  const parts = cutForward(body.slice('Type='.length), [',JvmRoute=', 'Alias=', 'Context=', 'Requests=']);
  const [type = body.slice('Type='.length, body.indexOf(',')), route, alias, context, requests] = parts ?? [];
  const aliases = alias?.split(',') ?? [];
  return {
    type,
    route,
    state: undefined,
    id: undefined,
    requests: integerOf(requests),
    processed: aliases.map((name) => ({ alias: name, contexts: context === undefined ? [] : [context] })),
  };
}

function integerOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
