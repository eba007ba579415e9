import express from 'express';
import { createNode } from 'mcmp';

const balancer = process.argv[2] ?? 'http://127.0.0.1:8090';
const app = express();
app.get('/shop/:item', (request, response) => {
  response.json({ item: request.params.item });
});
const server = app.listen(0);
const node = createNode({ route: 'web1', balancers: [balancer], contexts: ['/shop'], connector: server });

await node.registered();
console.log(`registered with ${balancer}`);
process.once('SIGTERM', () => node.leave().then(() => server.close()));
