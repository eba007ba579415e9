import fc from 'fast-check';

const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

export const token = fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1, maxLength: 20 });

const visible = fc.integer({ min: 0x21, max: 0x7e }).map((byte) => String.fromCharCode(byte));
const valueByte = fc.oneof(
  { weight: 8, arbitrary: visible },
  fc.constantFrom(' ', '\t'),
  fc.integer({ min: 0x80, max: 0xff }).map((byte) => String.fromCharCode(byte)),
);
export const value = fc.string({ unit: valueByte, maxLength: 30 });

/** Names that mean something to a proxy; they get values of their own below, or none at all. */
const MEANINGFUL =
  /^(connection|keep-alive|proxy-connection|transfer-encoding|content-length|te|trailer|upgrade|host|expect|cookie|via|forwarded|x-forwarded-.*|set-cookie|date|server|proxy-auth.*|http2-settings|proxy)$/i;

const plainLine = fc
  .tuple(
    token.filter((name) => !MEANINGFUL.test(name)),
    fc.constantFrom('', ' ', '\t '),
    value,
    fc.constantFrom('', ' '),
  )
  .map(([name, before, text, after]) => `${name}:${before}${text}${after}\r\n`);

const REQUEST_LINES = [
  'Connection: keep-alive\r\n',
  'connection: close, X-Hop\r\n',
  'X-Hop: 1\r\n',
  'Cookie: a=b; SID=1.n\r\n',
  'cookie: SID=2\r\n',
  'TE: trailers\r\n',
  'Upgrade: websocket\r\n',
  'Connection: Upgrade\r\n',
  'Expect: 100-continue\r\n',
  'Via: 1.0 a\r\n',
  'X-Forwarded-For: 203.0.113.1\r\n',
  'X-Forwarded-Port: 1\r\n',
  'Forwarded: for=203.0.113.1\r\n',
  'Proxy-Authorization: x\r\n',
];
const RESPONSE_LINES = [
  'Connection: keep-alive\r\n',
  'Connection: close, X-Hop\r\n',
  'X-Hop: 1\r\n',
  'Keep-Alive: timeout=5\r\n',
  'Set-Cookie: a=b\r\n',
  'Date: x\r\n',
  'Server: y\r\n',
  'Upgrade: h2c\r\n',
  'Via: 1.1 a\r\n',
];
const FRAMING = [
  '',
  'Content-Length: 0\r\n',
  'content-length: 12\r\n',
  'Transfer-Encoding: chunked\r\n',
  'TRANSFER-encoding: Chunked\r\n',
];

const target = fc.oneof(
  fc.string({ unit: visible.filter((character) => character !== '#'), maxLength: 30 }).map((path) => `/${path}`),
  fc.constantFrom('http://h/', 'https://H:443?x', '/a;SID=1?b'),
);
const method = token.filter((word) => word !== 'CONNECT');

function lines(meaningful: readonly string[]): fc.Arbitrary<string[]> {
  return fc.array(fc.oneof(plainLine, fc.constantFrom(...meaningful)), { maxLength: 12 });
}

/** Request heads of the grammar, every one sound. */
export const soundRequest = fc
  .tuple(method, target, lines(REQUEST_LINES), fc.constantFrom(...FRAMING), fc.nat(), fc.constantFrom('0', '1'))
  .filter(([, , , framing, , minor]) => minor === '1' || !/transfer/i.test(framing))
  .map(([verb, path, before, framing, at, minor]) => {
    const all = [...before];
    all.splice(at % (all.length + 1), 0, `Host: h${path.startsWith('https') ? ':443' : ''}\r\n`, framing);
    return `${verb} ${path} HTTP/1.${minor}\r\n${all.join('')}\r\n`;
  });

/** Response heads of the grammar, every one sound. */
export const soundResponse = fc
  .tuple(
    fc.constantFrom(200, 206, 302, 304, 404, 500, 599),
    value,
    lines(RESPONSE_LINES),
    fc.constantFrom(...FRAMING),
    fc.nat(),
  )
  .map(([status, reason, before, framing, at]) => {
    const all = [...before];
    all.splice(at % (all.length + 1), 0, framing);
    return `HTTP/1.1 ${status} ${reason}\r\n${all.join('')}\r\n`;
  });
