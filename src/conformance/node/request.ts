import { decodeValue } from '../../core/mcmp/body.ts';

/** A message of a node, as its bytes say it; all texts are byte strings. */
export interface NodeRequest {
  readonly method: string;
  readonly target: string;
  /** `HTTP/1.1`. */
  readonly version: string;
  /** Names and values as they came, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Without the framing of chunks. */
  readonly body: string;
  /** Names and values of the body, decoded as forms are, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Head and body as they came. */
  readonly raw: string;
  /** Number of the connection at this balancer, from 1. */
  readonly connection: number;
  /** When it was complete, in milliseconds of the case. */
  readonly atMs: number;
  /** When it was answered, or the connection was ended instead; undefined: not yet. */
  answeredAtMs: number | undefined;
  /** Status of the answer; undefined when there was none that is HTTP. */
  status: number | undefined;
}

/** Value of a header, names without letter case; undefined: it has none. */
export function headerOf({ headers }: Pick<NodeRequest, 'headers'>, name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}

/** Value of a field of the body, names without letter case; undefined: it has none. */
export function fieldOf({ fields }: Pick<NodeRequest, 'fields'>, name: string): string | undefined {
  return fields.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}

/** A message in short: `CONFIG`, `ENABLE-APP /app`, `REMOVE-APP /*`, `STATUS`. */
export function outlineOf(request: NodeRequest): string {
  const context = fieldOf(request, 'Context');
  const isWhole = request.target.endsWith('/*') || request.target === '*';
  return [request.method, ...(isWhole ? ['/*'] : context === undefined ? [] : [context])].join(' ');
}

/** Several of them, for reports: `INFO, CONFIG, ENABLE-APP /app, STATUS`. */
export function outline(requests: readonly NodeRequest[]): string {
  return requests.length === 0 ? 'nothing' : requests.map(outlineOf).join(', ');
}

export type ReadRequest = Pick<NodeRequest, 'method' | 'target' | 'version' | 'headers' | 'body' | 'fields' | 'raw'>;

/** `unreadable` ends the reading: nobody knows where the next message begins. */
export type RequestReading = ReadRequest | 'incomplete' | 'unreadable';

const MOST_HEAD_BYTES = 64 * 1024;

/** Reads the message with which a byte string begins. */
export function readRequest(text: string): RequestReading {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return text.length > MOST_HEAD_BYTES ? 'unreadable' : 'incomplete';
  const [line = '', ...rest] = text.slice(0, headEnd).split('\r\n');
  const [, method, target, version] = /^([!-~]+) ([!-~]+) (HTTP\/[0-9.]+)$/.exec(line) ?? [];
  if (method === undefined || target === undefined || version === undefined) return 'unreadable';
  const headers: [string, string][] = [];
  for (const header of rest) {
    const [, name, value] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/s.exec(header) ?? [];
    if (name === undefined || value === undefined) return 'unreadable';
    headers.push([name, value]);
  }
  const framing = bodyOf(text, headEnd + 4, headers);
  if (typeof framing === 'string') return framing;
  const { body, end } = framing;
  return { method, target, version, headers, body, fields: fieldsOf(body), raw: text.slice(0, end) };
}

function bodyOf(
  text: string,
  from: number,
  headers: readonly (readonly [string, string])[],
): { readonly body: string; readonly end: number } | 'incomplete' | 'unreadable' {
  if (/\bchunked\b/i.test(headerOf({ headers }, 'transfer-encoding') ?? '')) return chunksOf(text, from);
  const length = headerOf({ headers }, 'content-length') ?? '0';
  if (!/^\d{1,9}$/.test(length)) return 'unreadable';
  const end = from + Number(length);
  return text.length < end ? 'incomplete' : { body: text.slice(from, end), end };
}

function chunksOf(text: string, from: number): { body: string; end: number } | 'incomplete' | 'unreadable' {
  let body = '';
  let at = from;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return 'incomplete';
    const size = /^([0-9a-f]{1,7})(?:;.*)?$/i.exec(text.slice(at, lineEnd))?.[1];
    if (size === undefined) return 'unreadable';
    const bytes = Number.parseInt(size, 16);
    at = lineEnd + 2;
    if (bytes === 0) {
      const end = text.startsWith('\r\n', at) ? at : text.indexOf('\r\n\r\n', at) + 2;
      return end < at ? 'incomplete' : { body, end: end + 2 };
    }
    if (text.length < at + bytes + 2) return 'incomplete';
    body += text.slice(at, at + bytes);
    at += bytes + 2;
  }
}

function fieldsOf(body: string): [string, string][] {
  return body
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      const [name, value] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
      return [decodeValue(name, true), decodeValue(value, true)];
    });
}
