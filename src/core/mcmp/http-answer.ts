import { escapeHtml } from '../text.ts';
import { textOf } from './bytes.ts';
import type { Dialect } from './dialect.ts';
import { PROTOCOL_VERSION } from './release.ts';
import type { McmpReply } from './types.ts';

/** An MCMP reply as HTTP says it (reference §1.4). Header values and body are byte strings. */
export interface PrintedAnswer {
  readonly status: 200 | 500;
  readonly reason: 'OK' | 'Internal Server Error';
  /** In the order they go out; Content-Length is among them, as nodes read no body without it (interop §4). */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Whether the connection ends with this answer; whoever writes it then says `Connection: close`. */
  readonly close: boolean;
}

/** How a reply goes over HTTP in a dialect: 200 alone for success, 500 with `Version`, `Type` and `Mess` for the rest. */
export function httpAnswer(reply: McmpReply, dialect: Dialect): PrintedAnswer {
  if (reply.ok) {
    const { body, contentType } = reply;
    const type: [string, string][] = contentType === '' ? [] : [['Content-Type', contentType]];
    return {
      status: 200,
      reason: 'OK',
      headers: [...type, ['Content-Length', String(body.length)]],
      body,
      close: false,
    };
  }
  const html = dialect.http.errorBody === 'html';
  const body = html ? errorPage(reply.mess) : `${reply.mess}\n`;
  return {
    status: 500,
    reason: 'Internal Server Error',
    headers: [
      ['Version', PROTOCOL_VERSION],
      ['Type', reply.type],
      ['Mess', reply.mess],
      ['Content-Type', html ? dialect.http.errorPageType : 'text/plain; charset=utf-8'],
      ['Content-Length', String(body.length)],
    ],
    body,
    close: dialect.http.closeOnError,
  };
}

function errorPage(mess: string): string {
  const text = escapeHtml(textOf(mess)).replace(/[^\u0000-\u007f]/gu, (character) => `&#${character.codePointAt(0)};`);
  const title = '500 Internal Server Error';
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`;
}
