import { type Attempt, chunked, demandNoSmuggling, endThenHidden, NO_SMUGGLING, post } from '../smuggling.ts';
import { type BalancerCase, balancerCase } from '../trial.ts';

interface SmugglingCase {
  readonly id: string;
  readonly requirement: string;
  readonly spec: string;
  readonly attempts: readonly Attempt[];
}

/** The encoding with both framings, so that a reader who does not see it has a length to go by. */
function hiddenEncoding(what: string, line: string): Attempt {
  return {
    what,
    bytes: (parts) => {
      const body = endThenHidden(parts);
      return post(`Content-Length: ${body.length}\r\n${line}`, () => body)(parts);
    },
  };
}

/** Transfer-Encoding alone, in a spelling that is not `chunked`. */
function encoding(what: string, value: string): Attempt {
  return { what, bytes: post(`Transfer-Encoding: ${value}\r\n`, endThenHidden) };
}

/** A length that one reader takes for that of the hidden request, and another for none. */
function length(what: string, lines: (bytes: number) => string): Attempt {
  return { what, bytes: (parts) => post(lines(parts.hidden.length), () => parts.hidden)(parts) };
}

const hex = (text: string): string => text.length.toString(16);

/** One chunk that holds the hidden request, with a size line of one's own, and the end. */
function chunk(what: string, sizeLine: (size: string) => string): Attempt {
  return { what, bytes: chunked(({ hidden }) => `${sizeLine(hex(hidden))}${hidden}\r\n0\r\n\r\n`) };
}

/** A request whose body no reader may take for another request. */
function withBody(method: string, lines: string, framing: 'length' | 'chunks'): Attempt {
  return {
    what: `${method} with ${framing === 'length' ? 'a length' : 'chunks'}`,
    isSound: true,
    bytes: ({ host, path, hidden }) => {
      const [header, body] =
        framing === 'length'
          ? [`Content-Length: ${hidden.length}`, hidden]
          : ['Transfer-Encoding: chunked', `${hex(hidden)}\r\n${hidden}\r\n0\r\n\r\n`];
      return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}${header}\r\n\r\n${body}`;
    },
  };
}

/** Data in the chunk before, and a hidden request behind it that a reader finds who skips what should be CRLF. */
function chunkEnd(what: string, between: string): Attempt {
  return { what, bytes: chunked(({ hidden }) => `5\r\nhello${between}0\r\n\r\n${hidden}`) };
}

/** The same size line read to its LF, or to its CRLF: then the first chunk is the size of the second one. */
function extension(what: string, sizeLine: string): Attempt {
  return {
    what,
    bytes: chunked(({ hidden }) => {
      const rest = `0\r\n\r\n${hidden}`;
      return `${sizeLine}xx\r\n${hex(rest)}\r\n${rest}\r\n0\r\n\r\n`;
    }),
  };
}

const ROWS: readonly SmugglingCase[] = [
  {
    id: 'security/length-and-encoding',
    requirement:
      'A request with Content-Length and Transfer-Encoding is not read by the one and forwarded by the other.',
    spec: 'RFC 9112 6.1; CVE-2017-2666',
    attempts: [
      hiddenEncoding('both, the length first', 'Transfer-Encoding: chunked\r\n'),
      {
        what: 'both, the encoding first',
        bytes: post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', endThenHidden),
      },
      { what: 'other letter case', bytes: post('TRANSFER-ENCODING: CHUNKED\r\ncontent-length: 4\r\n', endThenHidden) },
      { what: 'a length of 0', bytes: post('Transfer-Encoding: chunked\r\nContent-Length: 0\r\n', endThenHidden) },
    ],
  },
  {
    id: 'security/encoding-spelling',
    requirement: 'What is not `chunked` as the last coding is not read as chunks.',
    spec: 'RFC 9112 6.3; CVE-2020-10687',
    attempts: [
      encoding('xchunked', 'xchunked'),
      encoding('chunkedx', 'chunkedx'),
      encoding('identity', 'identity'),
      encoding('nothing', ''),
      encoding('in quotes', '"chunked"'),
      encoding('chunked before another coding', 'chunked, identity'),
      encoding('a vertical tab before it', '\x0bchunked'),
      encoding('a no-break space before it', '\xa0chunked'),
      encoding('NUL behind it', 'chunked\0'),
      { what: 'two lines', bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n', endThenHidden) },
    ],
  },
  {
    id: 'security/encoding-in-http-10',
    requirement: 'The connection ends behind an HTTP/1.0 request with Transfer-Encoding: it may be framed otherwise.',
    spec: 'RFC 9112 6.1',
    attempts: [
      {
        what: 'HTTP/1.0 with keep-alive',
        bytes: (parts) =>
          `POST ${parts.path} HTTP/1.0\r\nHost: ${parts.host}\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${endThenHidden(parts)}`,
      },
    ],
  },
  {
    id: 'security/two-lengths',
    requirement: 'A request with two lengths that differ is refused.',
    spec: 'RFC 9112 6.3; CVE-2020-10719',
    attempts: [
      length('0 first', (bytes) => `Content-Length: 0\r\nContent-Length: ${bytes}\r\n`),
      length('0 last', (bytes) => `Content-Length: ${bytes}\r\nContent-Length: 0\r\n`),
      length('in one line, 0 first', (bytes) => `Content-Length: 0, ${bytes}\r\n`),
      length('in one line, 0 last', (bytes) => `Content-Length: ${bytes}, 0\r\n`),
    ],
  },
  {
    id: 'security/length-spelling',
    requirement: 'A Content-Length that is not digits alone is refused, or forwarded as what it was read as.',
    spec: 'RFC 9112 6.3',
    attempts: [
      length('plus sign', (bytes) => `Content-Length: +${bytes}\r\n`),
      length('minus sign', () => 'Content-Length: -1\r\n'),
      length('hexadecimal', (bytes) => `Content-Length: 0x${bytes.toString(16)}\r\n`),
      length('a point', (bytes) => `Content-Length: ${bytes}.0\r\n`),
      length('a space inside', (bytes) => `Content-Length: ${String(bytes).slice(0, 1)} ${String(bytes).slice(1)}\r\n`),
      length('an underscore', (bytes) => `Content-Length: ${String(bytes).slice(0, 1)}_${String(bytes).slice(1)}\r\n`),
      length('nothing', () => 'Content-Length: \r\n'),
      length('2^64 too much', (bytes) => `Content-Length: ${2n ** 64n + BigInt(bytes)}\r\n`),
      length('a digit of another script', () => 'Content-Length: \xd9\xa5\r\n'),
    ],
  },
  {
    id: 'security/chunk-size',
    requirement: 'A chunk size is hexadecimal digits and nothing else, and is not cut to the bits that fit.',
    spec: 'RFC 9112 7.1',
    attempts: [
      chunk('0x', (size) => `0x${size}\r\n`),
      chunk('plus sign', (size) => `+${size}\r\n`),
      chunk('minus sign', (size) => `-${size}\r\n`),
      chunk('a space before it', (size) => ` ${size}\r\n`),
      chunk('an underscore', (size) => `${size.slice(0, 1)}_${size.slice(1)}\r\n`),
      { what: 'no digits', bytes: chunked(({ hidden }) => `\r\n\r\n${hidden}`) },
      { what: 'an extension alone', bytes: chunked(({ hidden }) => `;a\r\n\r\n${hidden}`) },
      { what: '2^64 too much', bytes: chunked(({ hidden }) => `${(2n ** 64n).toString(16)}\r\n\r\n${hidden}`) },
    ],
  },
  {
    id: 'security/chunk-extension',
    requirement: 'A line end inside a chunk extension is not read in one way and forwarded in another.',
    spec: 'RFC 9112 7.1.1',
    attempts: [
      extension('LF in an extension', '2;a\n'),
      extension('LF in a quoted value', '2;a="\n"\r\n'),
      extension('CR in an extension', '2;a\rb\r\n'),
    ],
  },
  {
    id: 'security/chunk-end',
    requirement: 'Behind the data of a chunk stands CRLF, and nothing else passes for it.',
    spec: 'RFC 9112 7.1',
    attempts: [chunkEnd('nothing', ''), chunkEnd('any two bytes', 'XX'), chunkEnd('CR and another byte', '\rX')],
  },
  {
    id: 'security/bare-line-ends',
    requirement: 'A CR or LF alone inside a header line does not make a header for some readers only.',
    spec: 'RFC 9112 2.2; CVE-2026-28367',
    attempts: [
      hiddenEncoding('LF before Transfer-Encoding', 'X: y\nTransfer-Encoding: chunked\r\n'),
      hiddenEncoding('CR before Transfer-Encoding', 'X: y\rTransfer-Encoding: chunked\r\n'),
      hiddenEncoding('CR CR LF before Transfer-Encoding', 'X: y\r\r\nTransfer-Encoding: chunked\r\n'),
    ],
  },
  {
    id: 'security/header-names',
    requirement:
      'A header name is a token directly before its colon; another spelling does not hide the header from some.',
    spec: 'RFC 9112 5.1; CVE-2026-28368',
    attempts: [
      hiddenEncoding('a space before the colon', 'Transfer-Encoding : chunked\r\n'),
      hiddenEncoding('a tab before the colon', 'Transfer-Encoding\t: chunked\r\n'),
      hiddenEncoding('a vertical tab before the colon', 'Transfer-Encoding\x0b: chunked\r\n'),
      hiddenEncoding('NUL before the colon', 'Transfer-Encoding\0: chunked\r\n'),
      hiddenEncoding('a no-break space before the name', '\xa0Transfer-Encoding: chunked\r\n'),
      length('a length with a space before the colon', (bytes) => `Content-Length : ${bytes}\r\n`),
    ],
  },
  {
    id: 'security/folded-lines',
    requirement:
      'A line that begins with white space is refused, joined or left out, and not a header for some readers only.',
    spec: 'RFC 9112 2.2, 5.2; CVE-2026-28369',
    attempts: [
      hiddenEncoding('a value in the next line', 'Transfer-Encoding:\r\n chunked\r\n'),
      hiddenEncoding('a header behind white space', 'X: y\r\n Transfer-Encoding: chunked\r\n'),
      hiddenEncoding('a header behind a tab', 'X: y\r\n\tTransfer-Encoding: chunked\r\n'),
      {
        what: 'white space behind the request line',
        bytes: (parts) => {
          const body = endThenHidden(parts);
          return `POST ${parts.path} HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: ${parts.host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
        },
      },
    ],
  },
  {
    id: 'security/unexpected-body',
    requirement: 'A body belongs to its request, whatever the method is.',
    spec: 'RFC 9112 6.3; GHSA-ggv3-7p47-pfv8',
    attempts: ['GET', 'HEAD', 'OPTIONS', 'DELETE'].flatMap((method) => [
      withBody(method, '', 'length'),
      withBody(method, '', 'chunks'),
    ]),
  },
  {
    id: 'security/connection-names-framing',
    requirement: 'Connection takes the framing of a request away from no reader.',
    spec: 'RFC 9110 7.6.1',
    attempts: [
      withBody('POST', 'Connection: Content-Length\r\n', 'length'),
      withBody('POST', 'Connection: keep-alive, content-length\r\n', 'length'),
      withBody('POST', 'Connection: Transfer-Encoding\r\n', 'chunks'),
    ],
  },
];

/** Requests that two readers of one connection could take for different ones (RFC 9112 11.2). */
export const SECURITY_SMUGGLING_CASES: readonly BalancerCase[] = ROWS.map(({ id, requirement, spec, attempts }) =>
  balancerCase({
    id,
    requirement,
    level: 'must',
    lines: [],
    spec,
    tags: ['security', 'smuggling'],
    needs: ['traffic'],
    deadlineMs: 30_000,
    expected: NO_SMUGGLING,
    run: (trial) => demandNoSmuggling(trial, attempts),
  }),
);
