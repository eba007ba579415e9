import { methodOf } from '../../../core/mcmp/commands.ts';
import { outcome, said } from '../../case.ts';
import { demand, demandEqual, NotHere } from '../../verdict.ts';
import { forNodes } from '../kinds.ts';
import { headerOf, outlineOf } from '../request.ts';
import { nodeCase } from '../stage.ts';

/** Request lines and headers (reference §9.1). */
export const HEADER_CASES = [
  nodeCase({
    id: 'headers/well-formed',
    requirement: 'Messages are HTTP: a known method, one Host, and a length for every body.',
    level: 'must',
    lines: ['NODE-04'],
    spec: 'RFC 9112 §3.2, §6.3',
    expected: forNodes(said('methods of MCMP over HTTP/1.x, with one Host in 1.1, and nothing that cannot be read')),
    async run(stage) {
      const { balancer } = await stage.begin();
      const { requests } = await stage.registered(balancer);
      for (const { method, version, headers } of requests) {
        demand(methodOf(method) !== undefined, 'a method of MCMP', method);
        const hosts = headers.filter(([name]) => name.toLowerCase() === 'host').length;
        demand(
          version === 'HTTP/1.1' ? hosts === 1 : version === 'HTTP/1.0',
          'HTTP/1.1 with one Host',
          () => `${version} with ${hosts}`,
        );
      }
      demandEqual('bytes that belong to no message', balancer.unread(), '');
    },
  }),
  nodeCase({
    id: 'headers/java',
    requirement: 'The headers are those of the Java node, in its order, and no others.',
    level: 'may',
    lines: ['NODE-04'],
    spec: '9.1',
    expected: {
      java: said('Host, Content-Length (with a body only), User-Agent: ClusterListener/1.0, Connection: Keep-Alive'),
    },
    async run(stage) {
      const { balancer } = await stage.begin();
      const { requests } = await stage.registered(balancer);
      for (const request of requests) {
        const length = request.body === '' ? '' : `Content-Length: ${request.body.length}, `;
        demandEqual(
          `headers of ${outlineOf(request)}`,
          request.headers.map(([name, value]) => `${name}: ${value}`).join(', '),
          `Host: ${headerOf(request, 'Host')}, ${length}User-Agent: ClusterListener/1.0, Connection: Keep-Alive`,
        );
      }
    },
  }),
  nodeCase({
    id: 'headers/host',
    requirement: 'Host names the balancer as the node was told it.',
    level: 'should',
    lines: ['NODE-04'],
    spec: 'RFC 9112 §3.2',
    needs: ['fresh-node'],
    expected: forNodes(said('the address and port of the balancer')),
    async run(stage) {
      const { balancer } = await stage.begin();
      const { requests } = await stage.registered(balancer);
      for (const request of requests) demandEqual('Host', headerOf(request, 'Host') ?? 'none', balancer.address);
    },
  }),
  nodeCase({
    id: 'headers/host-ipv6',
    requirement: 'An IPv6 address stands in brackets in Host.',
    level: 'must',
    lines: ['NODE-55'],
    spec: 'RFC 9110 §7.2',
    needs: ['fresh-node', 'node-ipv6'],
    expected: {
      ...forNodes(outcome('brackets around the address', /^\[[0-9A-Fa-f:]+\]:\d+$/)),
      java: outcome('brackets around all eight groups', /^\[0:0:0:0:0:0:0:1\]:\d+$/),
    },
    async run(stage, { value, words }) {
      const balancer = await stage.balancer({ host: '::1' }).catch((error: unknown) => {
        throw new NotHere(`this machine has no ::1: ${error instanceof Error ? error.message : String(error)}`);
      });
      await stage.start();
      const { requests } = await stage.registered(balancer);
      for (const request of requests) {
        const host = headerOf(request, 'Host') ?? 'none';
        demand(value.test(host), words, host);
      }
    },
  }),
  nodeCase({
    id: 'headers/proxy-path',
    requirement: 'The path of a balancer stands before every target.',
    level: 'should',
    lines: ['NODE-53'],
    spec: '9.1',
    needs: ['fresh-node', 'node-proxy-path', 'node-exit'],
    expected: {
      ...forNodes(outcome('targets below /mcmp/', /^\/mcmp\//)),
      mcmp: outcome('/mcmp/ and /mcmp/*', /^\/mcmp\/\*?$/),
      java: outcome('/mcmp/ and /mcmp/*', /^\/mcmp\/\*?$/),
    },
    async run(stage, { value, words }) {
      const balancer = await stage.balancer({ path: '/mcmp' });
      const node = await stage.start({ settings: ['node-proxy-path'] });
      await stage.registered(balancer);
      await node.act('exit');
      for (const { method, target } of balancer.requests) demand(value.test(target), words, `${method} ${target}`);
    },
  }),
  nodeCase({
    id: 'headers/tls',
    requirement: 'A node that was told to speak TLS begins with it.',
    level: 'must',
    lines: ['NODE-56'],
    spec: '9.9',
    needs: ['fresh-node', 'node-tls'],
    expected: forNodes(said('a ClientHello, not a message in clear')),
    async run(stage, { words }) {
      const balancer = await stage.balancer({ scheme: 'https' });
      await stage.start({ settings: ['node-tls'] });
      await stage.until('the node speaks', () => balancer.unread() !== '' || balancer.requests.length > 0);
      const [request] = balancer.requests;
      demand(request === undefined, words, () => `${request?.method} in clear`);
      demand(/^\x16\x03[\x00-\x04]/.test(balancer.unread()), words, () =>
        JSON.stringify(balancer.unread().slice(0, 40)),
      );
    },
  }),
];
