import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InfoView, printInfo, readInfo } from '../../../src/core/mcmp/info.ts';
import { ownLines } from '../../../src/node/registrar/own-lines.ts';

const ROUTES = ['node1', 'node11', 'n', 'knöten', 'a],Name: node1,Balancer: b'];

function node(id: number, name: string): InfoView['nodes'][number] {
  return {
    ...{ id, name: Buffer.from(name).toString('latin1'), balancer: 'b', domain: '', host: 'localhost', port: '8009' },
    ...{ type: 'http', flushPackets: 'off', flushWaitMs: 10, pingSeconds: 10, smax: -1, ttlSeconds: 60, elected: 0 },
    ...{ readBytes: 0, transferredBytes: 0, connected: 0, load: 100 },
  };
}

/** Up to a hundred nodes, whose contexts and aliases stand in any order. */
const infos = fc
  .array(
    fc.record({
      route: fc.constantFrom(...ROUTES, 'other'),
      contexts: fc.array(fc.constantFrom('/', '/app', '/Node: [1],Name: node1,')),
    }),
    { maxLength: 100 },
  )
  .map(
    (rows): InfoView => ({
      nodes: rows.map(({ route }, index) => node(index + 1, route)),
      vhosts: rows.map((_, index) => ({ node: index + 1, vhost: 1, slot: index, alias: `alias${index}` })),
      contexts: rows.flatMap(({ contexts }, index) =>
        contexts.map((path, slot) => ({ node: index + 1, vhost: 1, slot, path, status: 'ENABLED' as const })),
      ),
    }),
  );

function about(info: InfoView, route: string): InfoView {
  const ids = new Set(
    info.nodes.filter(({ name }) => name === Buffer.from(route).toString('latin1')).map(({ id }) => id),
  );
  return {
    nodes: info.nodes.filter(({ id }) => ids.has(id)),
    vhosts: info.vhosts.filter((vhost) => ids.has(vhost.node)),
    contexts: info.contexts.filter((context) => ids.has(context.node)),
  };
}

describe('what INFO says of one node', () => {
  it('is all that the whole INFO says of it', () => {
    fc.assert(
      fc.property(infos, fc.constantFrom(...ROUTES), fc.boolean(), (info, route, crlf) => {
        const text = printInfo(info, 'text', false);
        const body = crlf ? text.replaceAll('\n', '\r\n') : text;
        const seen = readInfo(ownLines(body, route)).info;
        const whole = readInfo(body).info;
        const sorted = ({ nodes, vhosts, contexts }: InfoView): unknown => ({
          nodes: nodes.map(({ id }) => id).sort(),
          vhosts: vhosts.map((vhost) => JSON.stringify(vhost)).sort(),
          contexts: contexts.map((context) => JSON.stringify(context)).sort(),
        });
        expect(sorted(about(seen, route))).toEqual(sorted(about(whole, route)));
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('is a small part of it', () => {
    const rows = Array.from({ length: 1000 }, (_, index) => node(index, `node${index}`));
    const body = printInfo({ nodes: rows, vhosts: [], contexts: [] }, 'text', false);
    const lines = ownLines(body, 'node500').trim().split('\n');
    expect(lines.map((line) => line.slice(0, 24))).toEqual([
      'Node: [0],Name: node0,Ba',
      'Node: [1],Name: node1,Ba',
      'Node: [500],Name: node50',
    ]);
  });

  it('is found once in a line that is made to look like many', () => {
    const body = `${'],Name: node1,'.repeat(200_000)}\n`;
    expect(ownLines(body, 'node1')).toBe(body);
  });
});
