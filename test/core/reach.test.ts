import { expect, it } from 'vitest';
import { isWildcardHost, type Reach, reachOf } from '../../src/core/reach.ts';

const rows: readonly (readonly [host: string, reach: Reach])[] = [
  ['0.0.0.0', 'wildcard'],
  ['0.1.2.3', 'wildcard'],
  ['::', 'wildcard'],
  ['[::]', 'wildcard'],
  ['::ffff:0.0.0.0', 'wildcard'],
  ['127.0.0.1', 'this-machine'],
  ['::ffff:127.9.9.9', 'this-machine'],
  ['[::1]', 'this-machine'],
  ['localhost', 'this-machine'],
  ['node1.localhost.', 'this-machine'],
  ['169.254.169.254', 'this-link'],
  ['fe80::1', 'this-link'],
  ['10.0.0.1', 'anywhere'],
  ['2001:db8::1', 'anywhere'],
  ['lb.example', 'anywhere'],
  ['notlocalhost', 'anywhere'],
];

it.each(rows)('%s can be reached from: %s', (host, reach) => {
  expect(reachOf(host)).toBe(reach);
  expect(isWildcardHost(host)).toBe(reach === 'wildcard');
});

it('no host at all means all addresses', () => {
  expect(isWildcardHost('')).toBe(true);
});
