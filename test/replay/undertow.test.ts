import { describe, expect, test } from 'vitest';
import { UNDERTOW_DIFFERENCES } from '../core/dialects/undertow-differences.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { balancerRecordings, bodyOf, type Exchange } from '../support/recordings.ts';
import { createPeer, type McmpPeer, type NodeAnswer } from './mcmp-peer.ts';

/** The recordings through sockets: what parser and machine do is compared byte by byte in test/core/dialects. */
const RECORDINGS = balancerRecordings('undertow-2.3.27.Final');

type Ports = ReadonlyMap<string, string>;

async function ask(peer: McmpPeer, { request }: Exchange, ports: Ports): Promise<NodeAnswer> {
  const body = renumber(bodyOf(request), ports);
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = request.body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
  return await peer.ask(
    `${request.method} ${request.uri} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers.join('')}${length}\r\n${body}`,
  );
}

function renumber(text: string, ports: Ports): string {
  return text.replace(/\d+/g, (digits) => ports.get(digits) ?? digits);
}

describe('a balancer that plays Undertow answers over sockets as the recorded one', () => {
  test.for(RECORDINGS)('$file', async ({ file, exchanges }) => {
    const balancer = await startTestBalancer({ dialect: 'undertow' });
    const ports = new Map([
      ['9101', String((await startNode('node1')).port)],
      ['9102', String((await startNode('node2')).port)],
    ]);
    const back = new Map([...ports].map(([recorded, real]) => [real, recorded]));
    const peer = createPeer(balancer.mcmpPort);
    for (const [index, exchange] of exchanges.entries()) {
      const { method, uri } = exchange.request;
      // The manager page is another page here, at another path.
      if (uri.startsWith('/mod_cluster_manager')) continue;
      const answer = await ask(peer, exchange, ports);
      if (UNDERTOW_DIFFERENCES.some((row) => row.file === file && row.exchanges.includes(index))) continue;
      const { status = 0, headers = {}, body = '' } = exchange.response;
      const of = (name: string) => answer.headers.get(name) ?? '';
      expect(
        {
          status: answer.status,
          headers: Object.fromEntries(Object.keys(headers).map((name) => [name, of(name)])),
          lines: renumber(answer.body, back)
            .replace(/id=\d+$/, 'id=GENERATION')
            .split('\n')
            .sort(),
          isNamed: answer.headers.has('server'),
          isTyped: answer.headers.has('type'),
        },
        `${file}[${index}] ${method} ${uri}`,
      ).toEqual({
        status,
        headers: { ...headers, 'content-length': of('content-length') },
        lines: body.split('\n').sort(),
        isNamed: 'server' in headers,
        isTyped: 'type' in headers,
      });
      // All that is MCMP closes; what is not goes on to the web application.
      expect(answer.closed, `${file}[${index}] closes`).toBe(status !== 404);
    }
  });
});
