import { expect, it } from 'vitest';
import { bytesOf } from '../../../src/core/mcmp/bytes.ts';
import { drainScope } from '../../../src/operate/drain/drain-scope.ts';
import { read, readingOf, silent, sketch, T1, T2 } from '../readings.ts';

const reading = readingOf(
  silent(T1),
  read(
    T2,
    'mcmp',
    sketch(
      { route: 'node1', vhosts: { localhost: { '/': 'ENABLED', '/shop': 'ENABLED', [bytesOf('/ñ')]: 'ENABLED' } } },
      { route: 'a:b', vhosts: { localhost: { '/x:/y': 'ENABLED' } } },
    ),
  ),
);

it.each([
  ['node1', { kind: 'node', route: 'node1' }],
  ['node1:/shop', { kind: 'context', route: 'node1', path: '/shop' }],
  ['node1:/', { kind: 'context', route: 'node1', path: '/' }],
  ['node1:/ñ', { kind: 'context', route: 'node1', path: bytesOf('/ñ') }],
  ['a:b', { kind: 'node', route: 'a:b' }],
  ['a:b:/x:/y', { kind: 'context', route: 'a:b', path: '/x:/y' }],
])('%s is %o', (text, scope) => {
  expect(drainScope(text, reading)).toEqual(scope);
});

it.each([
  ['nod1', 'usage', 'MCMP_UNKNOWN_NODE', /Did you mean node1/],
  ['other', 'usage', 'MCMP_UNKNOWN_NODE', /There are a:b and node1|There are node1 and a:b/],
  ['node1:shop', 'usage', 'MCMP_UNKNOWN_NODE', /A context begins with a slash/],
  ['node1:/shpo', 'usage', 'MCMP_UNKNOWN_CONTEXT', /Did you mean node1:\/shop/],
  ['node1:/zzzzzz', 'usage', 'MCMP_UNKNOWN_CONTEXT', /It has \/, \/shop and \/ñ/],
])('%s is refused: %s, %s', (text, kind, code, hint) => {
  expect(() => drainScope(text, reading)).toThrow(
    expect.objectContaining({ kind, code, hint: expect.stringMatching(hint) }),
  );
});

it('is unreachable when nobody answers', () => {
  expect(() => drainScope('node1', readingOf(silent(T1), silent(T2)))).toThrow(
    expect.objectContaining({
      kind: 'unreachable',
      message: expect.stringMatching(/nothing listens.*nothing listens/),
    }),
  );
});
