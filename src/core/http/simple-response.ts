import { allIn, isToken, VALUE } from './grammar.ts';

const REASONS: ReadonlyMap<number, string> = new Map([
  [100, 'Continue'],
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [204, 'No Content'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [411, 'Length Required'],
  [413, 'Content Too Large'],
  [414, 'URI Too Long'],
  [415, 'Unsupported Media Type'],
  [417, 'Expectation Failed'],
  [421, 'Misdirected Request'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
  [505, 'HTTP Version Not Supported'],
]);

/**
 * Prints a small response of our own as a byte string: to be written as latin1. The body is encoded as UTF-8; there is
 * always a Content-Length (but with 1xx and 204, which have none) and always a space behind the code, which Java nodes want.
 *
 * @param headers in this order; a value's control characters become spaces and characters beyond latin1 `?`, so that no
 *   value can begin a line of its own
 * @param body or, for an answer to HEAD, how many bytes the body left out would have
 * @throws RangeError when a header's name is no token: names are ours
 */
export function simpleResponse(
  status: number,
  headers: ReadonlyArray<readonly [string, string]>,
  body: string | { readonly omit: number },
): string {
  const bytes = typeof body === 'string' ? utf8Bytes(body) : '';
  const head = headLines(status, headers);
  if (status < 200 || status === 204) return `${head}\r\n`;
  const length = typeof body === 'string' ? bytes.length : body.omit;
  return `${head}Content-Length: ${length}\r\n\r\n${bytes}`;
}

/**
 * The head alone, for a body that comes piece by piece: whoever writes it says among the headers how it is framed.
 *
 * @throws RangeError as `simpleResponse`
 */
export function responseHead(status: number, headers: ReadonlyArray<readonly [string, string]>): string {
  return `${headLines(status, headers)}\r\n`;
}

function headLines(status: number, headers: ReadonlyArray<readonly [string, string]>): string {
  let head = `HTTP/1.1 ${status} ${REASONS.get(status) ?? ''}\r\n`;
  for (const [name, value] of headers) {
    if (!isToken(name)) throw new RangeError('A header name must be a token (RFC 9110 section 5.1)');
    head += `${name}: ${headerSafe(value)}\r\n`;
  }
  return head;
}

/** A value that stays within its header line, whoever wrote it. */
export function headerSafe(value: string): string {
  if (allIn(VALUE, value)) return value;
  let safe = '';
  for (const character of value) {
    const point = character.codePointAt(0) ?? 0;
    safe += point > 255 ? '?' : allIn(VALUE, character) ? character : ' ';
  }
  return safe;
}

function utf8Bytes(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) return Buffer.from(text, 'utf8').toString('latin1');
  }
  return text;
}
