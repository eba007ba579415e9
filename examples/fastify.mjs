import fastify from 'fastify';
import { createNode } from 'mcmp';

const balancer = process.argv[2] ?? 'http://127.0.0.1:8090';
const app = fastify();
app.get('/shop/:item', async (request) => ({ item: request.params.item }));
await app.listen({ port: 0, host: '0.0.0.0' });
const node = createNode({ route: 'web1', balancers: [balancer], contexts: ['/shop'], connector: app.server });

await node.registered();
console.log(`registered with ${balancer}`);
process.once('SIGTERM', () => node.leave().then(() => app.close()));
