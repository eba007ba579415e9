/**
 * A node that takes a moment for each answer, so that there are always requests on it when it dies. The body of every POST
 * that it has read to the end goes into a file before it is answered, since what a killed process knew dies with it.
 * Prints `{"port":N}` and serves until it is stopped.
 *
 *   node node.mjs FILE DELAY_MS
 */
import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';

const [file, delayMs] = process.argv.slice(2);
const seen = openSync(file, 'a');

const server = createServer({ keepAliveTimeout: 60_000 }, (message, answer) => {
  let body = '';
  message.on('data', (bytes) => {
    body += bytes;
  });
  message.on('end', () => {
    if (message.method === 'POST') writeSync(seen, `${body}\n`);
    // A balancer's health check is answered at once, as a Java node does.
    const wait = message.method === 'OPTIONS' ? 0 : Number(delayMs);
    setTimeout(() => answer.end('done'), wait);
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
process.on('SIGTERM', () => process.exit(0));
