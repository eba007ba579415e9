/**
 * A load generator for machines without wrk: keeps a number of connections busy with one request after the other, and
 * prints `{"requests":N,"seconds":S,"failures":N}` at the end. It takes several times the CPU of wrk, so rates measured
 * with it stand below the proxy's own limit.
 *
 *   node load.mjs '{"port":8000,"target":"/","method":"GET","bodyBytes":0,"connections":64,"seconds":3}'
 */
import { connect } from 'node:net';

const { port, target, method, bodyBytes, connections, seconds } = JSON.parse(process.argv[2]);
const lengthLine = bodyBytes > 0 ? `Content-Length: ${bodyBytes}\r\n` : '';
const message = Buffer.concat([
  Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${lengthLine}\r\n`),
  Buffer.alloc(bodyBytes, 'a'),
]);
// Nobody looks at what arrives: all connections read into the same memory.
const memory = Buffer.allocUnsafeSlow(256 * 1024);
let requests = 0;
let failures = 0;
let ended = false;

function open() {
  let missing = 0;
  let head = '';
  let inBody = false;
  const read = (length) => {
    if (inBody) {
      missing -= length;
    } else {
      head += memory.latin1Slice(0, length);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return true;
      missing = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0) - (head.length - end - 4);
      inBody = true;
    }
    if (missing > 0) return true;
    if (head.charCodeAt(9) === 50) requests++;
    else failures++;
    head = '';
    inBody = false;
    socket.write(message);
    return true;
  };
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: memory, callback: read } });
  let failed = false;
  socket.on('connect', () => socket.write(message));
  socket.on('error', () => {
    failed = true;
  });
  socket.on('close', () => {
    if (ended) return;
    failures++;
    // A port that refuses is not asked again at once, or this would be a busy loop.
    setTimeout(open, failed ? 100 : 0);
  });
}

const start = process.hrtime.bigint();
for (let i = 0; i < connections; i++) open();
setTimeout(() => {
  ended = true;
  const elapsed = Number(process.hrtime.bigint() - start) / 1e9;
  process.stdout.write(`${JSON.stringify({ requests, seconds: elapsed, failures })}\n`, () => process.exit(0));
}, seconds * 1000);
