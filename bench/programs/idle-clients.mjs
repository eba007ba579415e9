/**
 * Opens connections to a proxy, sends one request over each, and holds them. Prints `{"held":N}` when all are there, and
 * stays until it is stopped.
 *
 *   node idle-clients.mjs PORT COUNT
 */
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);
const AT_A_TIME = 50;
/** All of 127.0.0.0/8 is the loopback on Linux: several source addresses, so that ports do not run out. */
const SOURCES = process.platform === 'linux' ? ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] : ['127.0.0.1'];
const held = [];
let ended = 0;

function open(i) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: SOURCES[i % SOURCES.length] });
    socket.on('error', reject);
    socket.on('connect', () => socket.write(`GET /small HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`));
    socket.once('data', () => resolve(socket));
    socket.on('close', () => {
      ended++;
    });
  });
}

for (let first = 0; first < count; first += AT_A_TIME) {
  const group = Array.from({ length: Math.min(AT_A_TIME, count - first) }, (_, i) => open(first + i));
  held.push(...(await Promise.all(group)));
}
console.log(JSON.stringify({ held: held.length - ended }));
