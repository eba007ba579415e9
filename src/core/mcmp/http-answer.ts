import { escapeHtml } from '../text.ts';
import { textOf } from './bytes.ts';
import type { Dialect, HttpRules } from './dialect.ts';
import { PROTOCOL_VERSION } from './release.ts';
import type { McmpRefusal, McmpReply } from './types.ts';

/** An MCMP reply as HTTP says it (reference §1.4). Header values and body are byte strings. */
export interface PrintedAnswer {
  readonly status: 200 | 500;
  readonly reason: 'OK' | 'Internal Server Error';
  /** In the order they go out, Server only where not all answers have it; Content-Length is among them, as nodes read no body without it (interop §4). */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Whether the connection ends with this answer; whoever writes it then says `Connection: close`. */
  readonly close: boolean;
}

/** How a reply goes over HTTP in a dialect: 200 alone for success, 500 with `Version`, `Type` and `Mess` for the rest. */
export function httpAnswer(reply: McmpReply, dialect: Dialect): PrintedAnswer {
  const { http } = dialect;
  if (reply.ok) {
    const { body, named } = reply;
    const server = named === true && http.serverIn === 'queries' ? http.server : '';
    return {
      status: 200,
      reason: 'OK',
      headers: [
        ...header('Server', server),
        ...header('Content-Type', http.contentType || reply.contentType),
        lengthOf(body),
      ],
      body,
      close: http.closes === 'always',
    };
  }
  const [contentType, body] = errorBody(reply, http);
  return {
    status: 500,
    reason: 'Internal Server Error',
    headers: [
      ...(reply.inBodyAlone === true ? [] : errorHeaders(reply, http)),
      ...header('Content-Type', http.contentType || contentType),
      lengthOf(body),
    ],
    body,
    close: http.closes !== 'never',
  };
}

type Header = readonly [name: string, value: string];

function header(name: string, value: string): Header[] {
  return value === '' ? [] : [[name, value]];
}

function lengthOf(body: string): Header {
  return ['Content-Length', String(body.length)];
}

function errorHeaders({ type, mess }: McmpRefusal, http: HttpRules): Header[] {
  const version: Header = ['Version', PROTOCOL_VERSION];
  const kind: Header = ['Type', type];
  return http.typeFirst ? [kind, version, ['Mess', mess]] : [version, kind, ['Mess', mess]];
}

function errorBody(refusal: McmpRefusal, http: HttpRules): readonly [contentType: string, body: string] {
  const plain = 'text/plain; charset=utf-8';
  if (refusal.inBodyAlone === true) return [plain, refusal.mess];
  switch (http.errorBody) {
    case 'html':
      return [http.errorPageType, errorPage(refusal.mess)];
    case 'text':
      return [plain, `${refusal.mess}\n`];
    case 'none':
      return ['', ''];
  }
}

function errorPage(mess: string): string {
  const text = escapeHtml(textOf(mess)).replace(/[^\u0000-\u007f]/gu, (character) => `&#${character.codePointAt(0)};`);
  const title = '500 Internal Server Error';
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;
}
