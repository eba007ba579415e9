/** One row of the corpus; an empty code means a sound request. */
export type Row = readonly [id: string, code: string, bytes: string, why: string];

/** The request that an attacker tries to hide. */
export const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';

/** A POST with these header lines and this body. */
export function post(lines: string, body: string): string {
  return `POST /a HTTP/1.1\r\nHost: a\r\n${lines}\r\n${body}`;
}

export function chunked(body: string): string {
  return post('Transfer-Encoding: chunked\r\n', body);
}
