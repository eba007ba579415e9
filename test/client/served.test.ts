import { describe, expect, it } from 'vitest';
import type { Brand } from '../../src/client/brand.ts';
import { servedPaths } from '../../src/client/served.ts';
import type { ClusterView, ViewNode } from '../../src/client/view.ts';

type Told = Pick<ViewNode, 'name' | 'load'> & Partial<ViewNode>;

function viewOf(...nodes: readonly Told[]): ClusterView {
  return {
    balancers: [],
    nodes: nodes.map((node) => ({
      balancer: 'lb',
      domain: '',
      host: 'h',
      port: '1',
      type: 'http',
      flushPackets: 'off',
      flushWaitMs: 10,
      pingSeconds: 10,
      smax: -1,
      ttlSeconds: 60,
      elected: 0,
      readBytes: 0,
      transferredBytes: 0,
      connected: 0,
      vhosts: [{ aliases: ['localhost'], contexts: [{ path: '/app', status: 'ENABLED' }] }],
      ...node,
    })),
  };
}

const sharesOf = (view: ClusterView, brand: Brand = 'mcmp') =>
  servedPaths(view, brand).map(({ path, copies }) => [path, ...copies.map(({ route, share }) => [route, share])]);

const disabled = { vhosts: [{ aliases: [], contexts: [{ path: '/app', status: 'DISABLED' as const }] }] };
const failed = {
  told: { state: 'error' as const, errorReason: 'x', lastHeardMs: 0, failingSinceMs: 0, inFlight: new Map() },
};

describe('the share of new requests', () => {
  it.each<[string, readonly Told[], readonly (readonly [string, number | undefined])[]]>([
    [
      'follows the loads',
      [
        { name: 'a', load: 100 },
        { name: 'b', load: 50 },
      ],
      [
        ['a', 2 / 3],
        ['b', 1 / 3],
      ],
    ],
    [
      'is nothing for a standby beside an active one',
      [
        { name: 'a', load: 1 },
        { name: 'b', load: 0 },
      ],
      [
        ['a', 1],
        ['b', 0],
      ],
    ],
    [
      'is everything for a lone standby',
      [
        { name: 'a', load: -1 },
        { name: 'b', load: 0 },
      ],
      [
        ['a', 0],
        ['b', 1],
      ],
    ],
    [
      'is not known between standbys',
      [
        { name: 'a', load: 0 },
        { name: 'b', load: 0 },
      ],
      [
        ['a', undefined],
        ['b', undefined],
      ],
    ],
    [
      'is nothing where the context is disabled',
      [
        { name: 'a', load: 9, ...disabled },
        { name: 'b', load: 1 },
      ],
      [
        ['a', 0],
        ['b', 1],
      ],
    ],
    [
      'is nothing for a node in error',
      [
        { name: 'a', load: 9, ...failed },
        { name: 'b', load: 1 },
      ],
      [
        ['a', 0],
        ['b', 1],
      ],
    ],
  ])('%s', (_, nodes, shares) => {
    expect(sharesOf(viewOf(...nodes))).toEqual([['/app', ...shares]]);
  });

  it('is not told by nginx, which prints no loads', () => {
    expect(sharesOf(viewOf({ name: 'a', load: 0 }), 'nginx')).toEqual([['/app', ['a', undefined]]]);
  });

  it('counts a node once that has the path in two virtual hosts', () => {
    const context = { path: '/app', status: 'ENABLED' as const };
    const twice = { vhosts: ['B', 'A'].map((alias) => ({ aliases: [alias], contexts: [context] })) };
    const [served] = servedPaths(viewOf({ name: 'a', load: 50, ...twice }, { name: 'b', load: 50 }), 'mcmp');
    expect(served?.copies.map(({ aliases, share }) => [aliases, share])).toEqual([
      [['a'], 0.5],
      [['b'], 0],
      [['localhost'], 0.5],
    ]);
  });
});

it('paths are told apart by balancer group, and stand in order', () => {
  const contexts = (path: string) => ({ vhosts: [{ aliases: [], contexts: [{ path, status: 'STOPPED' as const }] }] });
  const view = viewOf(
    { name: 'c', load: 1, balancer: 'z', ...contexts('/a') },
    { name: 'b', load: 1, ...contexts('/b') },
    { name: 'a', load: 1, ...contexts('/a') },
  );
  expect(servedPaths(view, 'mcmp').map(({ balancer, path }) => [balancer, path])).toEqual([
    ['lb', '/a'],
    ['lb', '/b'],
    ['z', '/a'],
  ]);
});
