// A node as a process of its own, so that it can be killed or paused for real. Prints its port, answers every request
// with 200 after a few milliseconds, and keeps a list of the POSTs it acted upon at /posts.
import { createServer } from 'node:http';

const posts = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method === 'OPTIONS') return response.end();
    if (request.method === 'POST') posts.push(Buffer.concat(chunks).toString());
    if (request.url === '/app/posts') return response.end(JSON.stringify(posts));
    // Acted upon and on the record before the answer goes out.
    if (request.method === 'POST') process.send?.(posts.at(-1));
    setTimeout(() => response.end('done'), 5);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
