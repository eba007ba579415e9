/**
 * What the packets of one small exchange with an AJP node cost: the FORWARD_REQUEST written and read, the answer read.
 * Run: npm run build && node bench/ajp-packets.mjs
 * Prints nanoseconds, best of several rounds (the machine is shared, so the best round is the least disturbed).
 */
import {
  AJP_ATTRIBUTE,
  AjpRequestReader,
  AjpResponseReader,
  END_RESPONSE_REUSE,
  ForwardRequestWriter,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
  writeSendHeaders,
} from '../dist/src/core/ajp/index.js';

const ROUNDS = 40;
const TURNS_A_ROUND = 10_000;
/** Different ones in turn, so that nothing is measured that remembers the last one. */
const VARIANTS = 64;
const PACKET_BYTES = 8192;

const shortHeaders = () => [['Host', '127.0.0.1:8000']];
const browserHeaders = (n) => [
  ['Host', 'www.example.com'],
  ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
  ['Accept', 'text/html,application/xhtml+xml'],
  ['Accept-Language', 'en-US,en;q=0.5'],
  ['Accept-Encoding', 'gzip, deflate, br'],
  ['Cookie', `JSESSIONID=abcdef012345${1000 + n}.node1`],
  ['Upgrade-Insecure-Requests', '1'],
  ['X-Forwarded-For', '192.0.2.7'],
  ['Via', '1.1 mcmp'],
];

const writer = new ForwardRequestWriter(PACKET_BYTES);
const requestReader = new AjpRequestReader({ packetBytes: PACKET_BYTES });
const responseReader = new AjpResponseReader({ packetBytes: PACKET_BYTES });
let seen = 0;

/** Header lines as a balancer has them: parts of one text. */
function cut(headers) {
  const text = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  let at = 0;
  return headers.map(([name, value]) => {
    const from = at;
    at += name.length + value.length + 4;
    return { text, from, colon: from + name.length, end: at - 2 };
  });
}

function write(lines) {
  writer.begin('GET', 'HTTP/1.1', '/shop/articles/1000', '192.0.2.7', 'www.example.com', 80, false);
  for (const { text, from, colon, end } of lines) writer.header(text.slice(from, colon), text.slice(colon + 2, end));
  writer.attribute(AJP_ATTRIBUTE.secret, 's3cret');
  writer.attribute(AJP_ATTRIBUTE.query_string, 'page=2');
  writer.attribute(AJP_ATTRIBUTE.jvm_route, 'node1');
  writer.requestAttribute('AJP_REMOTE_PORT', '40000');
  return writer.end();
}

const ignore = () => undefined;
const requestHandler = {
  onForwardRequest: ({ headers }) => {
    seen += headers.length;
  },
  onBody: ignore,
  onBodyPacketEnd: ignore,
  onBodyEnd: ignore,
  onCping: ignore,
  onShutdown: ignore,
};
const responseHandler = {
  onHead: (status) => {
    seen += status;
  },
  onData: (_buffer, from, to) => {
    seen += to - from;
  },
  onFlush: ignore,
  onEnd: ignore,
  onBodyWanted: ignore,
  onPong: ignore,
};

function readRequest(packet) {
  requestReader.read(packet, 0, packet.length, requestHandler);
  if (requestReader.violation !== null) throw new Error(requestReader.violation.message);
}

function readResponse(packets) {
  responseReader.reset();
  responseReader.read(packets, 0, packets.length, responseHandler);
  if (responseReader.violation !== null) throw new Error(responseReader.violation.message);
}

function answer(n) {
  const headers = [
    ['ETag', `W/"${1000 + n}-1700000000000"`],
    ['Content-Type', 'text/html;charset=UTF-8'],
    ['Content-Length', '13'],
    ['Last-Modified', 'Sun, 22 Nov 2026 05:10:33 GMT'],
  ];
  const head = writeSendHeaders(200, '200', headers, PACKET_BYTES);
  return Buffer.concat([
    head,
    sendBodyChunkHead(13),
    Buffer.from('Hello, world!'),
    SEND_BODY_CHUNK_TAIL,
    END_RESPONSE_REUSE,
  ]);
}

const variants = (make) => Array.from({ length: VARIANTS }, (_, n) => make(n));
const browser = variants((n) => cut(browserHeaders(n)));
const short = variants(() => cut(shortHeaders()));

const CASES = [
  ['request written, 9 headers', browser, write, write(browser[0]).length],
  ['request written, 1 header', short, write, write(short[0]).length],
  ['request read, 9 headers', browser.map(write), readRequest, write(browser[0]).length],
  ['answer read, 4 headers', variants(answer), readResponse, answer(0).length],
];
for (const [, inputs, step] of CASES) for (let i = 0; i < 20_000; i++) step(inputs[i % VARIANTS]);

console.log('what                           bytes       ns');
for (const [name, inputs, step, bytes] of CASES) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < TURNS_A_ROUND; i++) step(inputs[i % VARIANTS]);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / TURNS_A_ROUND);
  }
  console.log(name.padEnd(28), String(bytes).padStart(7), best.toFixed(0).padStart(8));
}
if (seen === 0) throw new Error('nothing was read');
