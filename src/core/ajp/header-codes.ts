import { LOWER_CASE } from '../http/grammar.ts';

/** Headers whose names travel as two bytes, `A0` and a code: the first has the code 1 (reference §6.5). */

/** Of requests, with the codes 1 to 14. */
export const AJP_REQUEST_HEADERS = [
  'Accept',
  'Accept-Charset',
  'Accept-Encoding',
  'Accept-Language',
  'Authorization',
  'Connection',
  'Content-Type',
  'Content-Length',
  'Cookie',
  'Cookie2',
  'Host',
  'Pragma',
  'Referer',
  'User-Agent',
] as const;

/** Of answers, with the codes 1 to 11. */
export const AJP_RESPONSE_HEADERS = [
  'Content-Type',
  'Content-Language',
  'Content-Length',
  'Date',
  'Last-Modified',
  'Location',
  'Set-Cookie',
  'Set-Cookie2',
  'Servlet-Engine',
  'Status',
  'WWW-Authenticate',
] as const;

/** The high byte of a name that is a code. A name of 40960 bytes or more would look the same, so there are none. */
export const HEADER_CODE_MARK = 0xa0;

/** Names by their length, each in lower case beside its code. */
export type HeaderShelf = readonly (readonly { readonly letters: Uint8Array; readonly code: number }[])[];

export const REQUEST_HEADER_SHELF = shelve(AJP_REQUEST_HEADERS);
export const RESPONSE_HEADER_SHELF = shelve(AJP_RESPONSE_HEADERS);

function shelve(names: readonly string[]): HeaderShelf {
  const longest = Math.max(...names.map((name) => name.length));
  return Array.from({ length: longest + 1 }, (_, length) =>
    names.flatMap((name, index) =>
      name.length === length
        ? [{ letters: Uint8Array.from(Buffer.from(name.toLowerCase(), 'latin1')), code: index + 1 }]
        : [],
    ),
  );
}

/** The code of a name in any spelling of case; 0 when it has none. Makes no new string. */
export function headerCode(shelf: HeaderShelf, name: string): number {
  const sameLength = shelf[name.length];
  if (sameLength === undefined) return 0;
  for (const { letters, code } of sameLength) {
    let i = 0;
    while (i < letters.length && LOWER_CASE[name.charCodeAt(i)] === letters[i]) i++;
    if (i === letters.length) return code;
  }
  return 0;
}
