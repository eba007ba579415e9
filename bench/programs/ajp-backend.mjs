/**
 * The same application as `backend.mjs` for GET, behind AJP, and as small. Prints `{"port":N}` and serves until it is stopped.
 */
import { createServer } from 'node:net';

const CPING_BYTES = 5;
const PACKET_HEAD_BYTES = 4;
/** Magic, length, type and code of the method stand before the first string. */
const STRINGS_FROM = 6;
const CPONG = Buffer.from('4142000109', 'hex');
const END = Buffer.from('414200020501', 'hex');

function packet(...parts) {
  const payload = Buffer.concat(parts);
  const head = Buffer.from([0x41, 0x42, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
}

function string(text) {
  return Buffer.concat([uint16(text.length), Buffer.from(text, 'latin1'), Buffer.from([0])]);
}

function uint16(value) {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** As Tomcat writes it: the status as reason, Content-Type and Content-Length as codes. */
function answer(body) {
  const headers = [
    Buffer.from([0xa0, 0x01]),
    string('text/plain'),
    Buffer.from([0xa0, 0x03]),
    string(String(body.length)),
    string('X-Backend'),
    string('own'),
  ];
  const head = packet(Buffer.from([4]), uint16(200), string('200'), uint16(3), ...headers);
  return Buffer.concat([head, packet(Buffer.from([3]), uint16(body.length), Buffer.from(body), Buffer.from([0])), END]);
}

const SMALL = answer('Hello, World!');

/** Of a header without a code: behind its name stand a 00, a length of 16 bits, the value, a 00. */
function headerValue(request, name) {
  const at = request.toLowerCase().indexOf(name);
  if (at < 0) return '';
  const from = at + name.length + 3;
  return request.slice(from, request.indexOf('\0', from));
}

function answerTo(bytes, from, end) {
  const pathLengthAt = from + STRINGS_FROM + 3 + bytes.readUInt16BE(from + STRINGS_FROM);
  const path = bytes.latin1Slice(pathLengthAt + 2, pathLengthAt + 2 + bytes.readUInt16BE(pathLengthAt));
  if (path === '/small') return SMALL;
  return answer(headerValue(bytes.latin1Slice(from, end), 'x-bench'));
}

const server = createServer({ noDelay: true }, (socket) => {
  let rest = null;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const bytes = rest === null ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= PACKET_HEAD_BYTES) {
      const end = at + PACKET_HEAD_BYTES + bytes.readUInt16BE(at + 2);
      if (end > bytes.length) break;
      socket.write(end - at === CPING_BYTES ? CPONG : answerTo(bytes, at, end));
      at = end;
    }
    rest = at === bytes.length ? null : bytes.subarray(at);
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
