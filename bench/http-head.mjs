/**
 * What one request head and one response head cost: from bytes to the string for the other side.
 * Run: npm run build && node bench/http-head.mjs
 * Prints nanoseconds a head, best of several rounds (the machine is shared, so the best round is the least disturbed).
 */
import {
  createRequestHead,
  createRequestWriteOptions,
  createResponseHead,
  createResponseWriteOptions,
  describeClient,
  findHeadEnd,
  parseRequestHead,
  parseResponseHead,
  writeRequestHead,
  writeResponseHead,
} from '../dist/src/core/http/index.js';

const ROUNDS = 80;
const HEADS_A_ROUND = 10_000;
/** Different heads in turn, so that nothing is measured that remembers the last one. */
const VARIANTS = 64;

const limits = { maxHeadBytes: 16 * 1024, maxHeaderLines: 100 };

const browserRequest = (n) =>
  [
    `GET /shop/articles/${1000 + n}?page=2 HTTP/1.1`,
    'Host: www.example.com',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    'Accept: text/html,application/xhtml+xml',
    'Accept-Language: en-US,en;q=0.5',
    'Accept-Encoding: gzip, deflate, br',
    'Connection: keep-alive',
    `Cookie: JSESSIONID=abcdef012345${1000 + n}.node1`,
    'Upgrade-Insecure-Requests: 1',
  ].join('\r\n');
const shortRequest = (n) => [`GET /app/${1000 + n} HTTP/1.1`, 'Host: 127.0.0.1:8000'].join('\r\n');
const tomcatResponse = (n) =>
  [
    'HTTP/1.1 200 ',
    `ETag: W/"${1000 + n}-1700000000000"`,
    'Content-Type: text/html;charset=UTF-8',
    'Content-Length: 13',
    'Date: Sun, 22 Nov 2026 05:10:33 GMT',
    'Keep-Alive: timeout=20',
    'Connection: keep-alive',
  ].join('\r\n');
const shortResponse = (n) =>
  ['HTTP/1.1 200 OK', `Content-Length: 1${n % 10}`, 'Date: Sun, 22 Nov 2026 05:10:33 GMT'].join('\r\n');

const variants = (make) => Array.from({ length: VARIANTS }, (_, n) => Buffer.from(`${make(n)}\r\n\r\n`, 'latin1'));

const requestHead = createRequestHead();
const requestOptions = createRequestWriteOptions(describeClient('192.0.2.7', 'http'));
requestOptions.forwardedHeaders = 'x-forwarded';
requestOptions.via = 'mcmp';
const responseHead = createResponseHead();
const responseOptions = createResponseWriteOptions();
let bytesOut = 0;

function readText(buffer) {
  return buffer.latin1Slice(0, buffer.length).length;
}

function request(buffer) {
  const text = buffer.latin1Slice(0, buffer.length);
  if (parseRequestHead(text, findHeadEnd(text, 0), requestHead, limits) !== null)
    throw new Error('a sound head was refused');
  return 0;
}

function requestThrough(buffer) {
  request(buffer);
  return writeRequestHead(requestHead, requestOptions).length;
}

function response(buffer) {
  const text = buffer.latin1Slice(0, buffer.length);
  const violation = parseResponseHead(text, findHeadEnd(text, 0), responseHead, 'GET', limits);
  if (violation !== null) throw new Error('a sound head was refused');
  return 0;
}

function responseThrough(buffer) {
  response(buffer);
  return writeResponseHead(responseHead, responseOptions).length;
}

function bestOf(buffers, step) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < HEADS_A_ROUND; i++) bytesOut += step(buffers[i % VARIANTS]);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / HEADS_A_ROUND);
  }
  return best;
}

const CASES = [
  ['request, 9 lines', variants(browserRequest), request, requestThrough],
  ['request, 2 lines', variants(shortRequest), request, requestThrough],
  ['response, 7 lines', variants(tomcatResponse), response, responseThrough],
  ['response, 3 lines', variants(shortResponse), response, responseThrough],
];
// Once through all of it first: the code is compiled for every shape before anything is measured.
for (const [, buffers, , through] of CASES) for (let i = 0; i < 20_000; i++) bytesOut += through(buffers[i % VARIANTS]);

console.log('ns a head                bytes  as text   + parse   + write');
for (const [name, buffers, parse, through] of CASES) {
  const figures = [readText, parse, through].map((step) => bestOf(buffers, step).toFixed(0).padStart(9));
  console.log(name.padEnd(22), String(buffers[0].length).padStart(7), ...figures);
}
if (bytesOut === 0) throw new Error('nothing was printed');
