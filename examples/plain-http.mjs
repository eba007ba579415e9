import { createServer } from 'node:http';
import { createNode } from 'mcmp';

const balancer = process.argv[2] ?? 'http://127.0.0.1:8090';
const server = createServer((request, response) => response.end(`hello from ${request.url}\n`)).listen(0);
const node = createNode({ route: 'web1', balancers: [balancer], contexts: ['/hello'], connector: server });

await node.registered();
console.log(`registered with ${balancer}`);
process.once('SIGTERM', () => node.leave().then(() => server.close()));
