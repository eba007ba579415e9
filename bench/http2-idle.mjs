/** What a connection of HTTP/2 weighs in `mcmp serve` when it is idle, and when it does its worst. See README.md in this folder. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:http2';
import { registerNode } from './parts/http.mjs';
import { startMcmp } from './parts/peers.mjs';
import { memoryKib, stop } from './parts/processes.mjs';
import { printText, readArguments, say, wholeNumber } from './parts/settings.mjs';

const HELP = `node bench/http2-idle.mjs

  --connections N   idle connections to hold (500)`;
const { values } = readArguments(HELP, { connections: { type: 'string', default: '500' } }, false);
const connections = wholeNumber('connections', values.connections, 10_000);

/** Bytes of the answers that nobody reads; more than any buffer holds. */
const LARGE = Buffer.alloc(4 * 1024 * 1024);
const node = createServer((request, response) => {
  if (request.url === '/large') response.end(LARGE);
  else if (request.method === 'POST') request.socket.pause();
  else response.end('ok');
}).listen(0, '127.0.0.1');
await once(node, 'listening');
const serve = await startMcmp(null, { flags: ['--h2c'] });
await registerNode(serve.mcmpPort, { route: 'node1', port: node.address().port });
const kilobytes = () => memoryKib(serve.child.pid);

async function open(settings = {}) {
  const session = connect(`http://127.0.0.1:${serve.port}`, { settings });
  session.on('error', () => {});
  const stream = session.request({ ':path': '/', ':method': 'HEAD' });
  stream.resume();
  await once(stream, 'close');
  return session;
}

async function settled() {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return kilobytes();
}

say('warming up');
const early = await Promise.all(Array.from({ length: 50 }, () => open()));
for (const session of early) session.destroy();
const empty = await settled();
const idle = await Promise.all(Array.from({ length: connections }, () => open()));
const held = await settled();
printText(
  `idle connection: ${((held - empty) / connections).toFixed(1)} KiB (${connections} of them, one request each)`,
);
for (const session of idle) session.destroy();

const before = await settled();
const deaf = await open({ initialWindowSize: 0 });
for (let i = 0; i < 100; i++) deaf.request({ ':path': '/large' }).on('error', () => {});
const unread = await settled();
printText(`one connection, 100 answers of 4 MiB that nobody reads: ${((unread - before) / 1024).toFixed(1)} MiB`);
deaf.destroy();

const between = await settled();
const loud = await open();
for (let i = 0; i < 100; i++) {
  const stream = loud.request({ ':path': '/', ':method': 'POST' });
  stream.on('error', () => {});
  stream.write(LARGE);
}
const stuck = await settled();
printText(
  `one connection, 100 uploads of 4 MiB to a node that reads nothing: ${((stuck - between) / 1024).toFixed(1)} MiB`,
);
loud.destroy();
await stop(serve.child);
node.closeAllConnections();
node.close();
