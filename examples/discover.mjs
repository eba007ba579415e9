import { createServer } from 'node:http';
import { createNode, discoverBalancers } from 'mcmp';

const [group = '224.0.1.105:23364', key] = process.argv.slice(2);
const server = createServer((request, response) => response.end(`hello from ${request.url}\n`)).listen(0);
const node = createNode({ route: 'web1', balancers: [], contexts: ['/hello'], connector: server });
const discovery = await discoverBalancers(key === undefined ? { group } : { group, key, requireKey: true }, {
  onJoin: ({ url }) => node.addBalancer(url),
  onLeave: ({ url }) => node.removeBalancer(url, { goodbye: false }),
  onIgnored: ({ source, why }) => console.warn(`an advertisement of ${source} is ignored: ${why}`),
  onSilence: () => console.warn(`nobody advertises to ${group}: mcmp advertise listen tells why`),
});

console.log(`looking for balancers that advertise to ${group}`);
process.once('SIGTERM', () => Promise.all([discovery.close(), node.leave()]).then(() => server.close()));
