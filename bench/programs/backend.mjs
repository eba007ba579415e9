/**
 * The application behind the proxies, as small as a program can be, so that the core it shares with the load generator is
 * not the narrow place. Prints `{"port":N}` and serves until it is stopped:
 *
 *   GET /small    13 bytes          GET /header   the value of the request's X-Bench
 *   GET /big      1 MiB             POST          reads the whole body, answers with its length
 */
import { createServer } from 'node:net';

const BIG_BYTES = 1024 * 1024;

function answer(body, type = 'text/plain') {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nX-Backend: own\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}

const SMALL = answer('Hello, World!');
const BIG = answer(Buffer.alloc(BIG_BYTES, 'a'), 'application/octet-stream');
const NOTHING = answer('');

function answerTo(head, bodyBytes) {
  if (head.startsWith('POST ')) return answer(String(bodyBytes));
  if (head.startsWith('GET /small ')) return SMALL;
  if (head.startsWith('GET /big ')) return BIG;
  if (head.startsWith('GET /header ')) return answer(/^x-bench: *(.*?)\r$/im.exec(head)?.[1] ?? '');
  return NOTHING;
}

const server = createServer({ noDelay: true }, (socket) => {
  let head = '';
  let length = 0;
  let missing = 0;
  let inBody = false;
  const finish = () => {
    inBody = false;
    socket.write(answerTo(head, length));
    head = '';
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    if (inBody) {
      missing -= bytes.length;
      if (missing <= 0) finish();
      return;
    }
    head += bytes.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    missing = length - (head.length - end - 4);
    head = head.slice(0, end + 4);
    inBody = true;
    if (missing <= 0) finish();
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
