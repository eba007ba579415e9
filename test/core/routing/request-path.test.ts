import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalisePath } from '../../../src/core/routing/index.ts';
import { createRequestPath, readRequestPath } from '../../../src/core/routing/request-path.ts';
import { FakeCluster } from './fake-cluster.ts';

function matched(target: string): string | null {
  const path = createRequestPath();
  return readRequestPath(target, path) ? path.text.slice(path.begin, path.end) : null;
}

describe('the path that is matched', () => {
  it.each([
    ['/', '/'],
    ['/app', '/app'],
    ['/app/', '/app/'],
    ['/app?a=/../b', '/app'],
    ['/app//x', '/app/x'],
    ['//app', '/app'],
    ['////', '/'],
    ['/./app', '/app'],
    ['/app/.', '/app/'],
    ['/app/..', '/'],
    ['/a/b/../c', '/a/c'],
    ['/a/b/..', '/a/'],
    ['/.well-known/x', '/.well-known/x'],
    ['/..a/b', '/..a/b'],
    ['/.../b', '/.../b'],
    ['/a;v=1/b;c', '/a/b'],
    ['/a/;x/b', '/a/b'],
    ['/a/;x', '/a/'],
    ['/a/..;x=1/b', '/b'],
    ['/a/.;x/b', '/a/b'],
    ['/%61%70p', '/app'],
    ['/a/%2e%2E/b', '/b'],
    ['/a/.%2e/b', '/b'],
    ['/a/%2e./b', '/b'],
    ['/a%2fb', '/a%2Fb'],
    ['/a%2Fb', '/a%2Fb'],
    ['/a%3Bb', '/a;b'],
    ['/a%3Fb', '/a?b'],
    ['/a%252e%252e/b', '/a%2e%2e/b'],
    ['/caf%C3%A9', '/caf\u00c3\u00a9'],
    ['*', '*'],
    ['HTTP://h:1/a/../b', '/b'],
    ['ws://h', '/'],
    ['http://h?q', '/'],
  ])('of %s is %s', (target, expected) => {
    expect(matched(target)).toBe(expected);
  });

  it.each([
    ['above the root', '/..'],
    ['above the root, encoded', '/%2e%2e/app'],
    ['above the root, with a parameter', '/..;/app'],
    ['above the root later on', '/a/../../b'],
    ['a NUL', '/a%00b'],
    ['a lone percent', '/a%'],
    ['half an escape', '/a%4'],
    ['no hex digits', '/a%zz'],
    ['the escapes of old Microsoft servers', '/a%u002e'],
    ['a backslash', '/a\\..\\b'],
    ['an encoded backslash', '/a/..%5cb'],
    ['a dot segment behind an encoded slash', '/app/x%2F..%2F..%2Fadmin'],
    ['a dot segment before an encoded slash', '/app/..%2fadmin'],
    ['a dot segment before an encoded semicolon', '/app/..%3bx/admin'],
    ['a fragment', '/app#/x'],
    ['a blank', '/app x'],
    ['a control character', '/app\u0007'],
    ['a character that is not a byte', '/\u8336'],
    ['a scheme without slashes', 'mailto:a'],
    ['an authority', 'example.org:443'],
    ['a backslash in the authority', 'http://h\\x/app'],
    ['nothing', ''],
  ])('does not exist for %s', (_what, target) => {
    expect(matched(target)).toBeNull();
  });

  it('is a fixed point: what was normalised is not changed by another reader', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      ';',
      ';/',
      '%2e',
      '%2F',
      '%61',
      'a',
      'app',
      '//',
      '%',
      '%00',
      '\\',
      '?',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const once = matched(`/${pieces.join('')}`);
        if (once === null) return;
        expect(once.split('/').filter((segment) => segment === '.' || segment === '..')).toEqual([]);
        expect(once).not.toContain('//');
        if (!/[%;?]/.test(once)) expect(normalisePath(once)).toBe(once);
      }),
      { seed: 20, numRuns: 2_000 },
    );
  });
});

describe('a path that tries to leave its context', () => {
  function cluster(): FakeCluster {
    const made = new FakeCluster();
    made.context(made.node('n1'), '/app');
    made.context(made.node('n2'), '/admin');
    return made;
  }

  it.each([
    ['CVE-2024-1459', '/app/..;/admin'],
    ['CVE-2024-1459, with a name', '/app/..;x=1/admin'],
    ['GHSA-2q7r-29rg-6m5h', '/app/%2e%2e/admin'],
    ['plain', '/app/../admin'],
    ['twice', '/app/x/..;/%2E%2E;/admin/'],
  ])('%s: %s is refused: one node would serve /admin, another /app', (_id, target) => {
    expect(cluster().where(target)).toBe('bad-path');
  });

  it.each(['/app/x/../y', '/app/./y', '/app/../app/y', '/app/%2e/..;x/app'])('%s stays where it is', (target) => {
    expect(cluster().where(target)).toBe('n1');
  });

  it('a dot segment between a context and a longer one is refused', () => {
    const made = cluster();
    made.context(made.node('n3'), '/app/admin');
    expect(made.where('/app/admin/../x')).toBe('bad-path');
    expect(made.where('/app/x/../admin')).toBe('bad-path');
    expect(made.where('/app/admin/x/../y')).toBe('n3');
  });

  it.each(['/app/..%2fadmin', '/app/..%5cadmin', '/app/%2e%2e%2fadmin', '/app/..%3b/admin', '/app/../../admin'])(
    '%s is refused',
    (target) => {
      expect(cluster().where(target)).toBe('bad-path');
    },
  );
});

describe('a hostile request costs little', () => {
  it.each([
    ['slashes', '/'.repeat(16_384)],
    ['semicolons', `/app${';'.repeat(16_384)}`],
    ['segments', '/a'.repeat(8_192)],
    ['parameters', `/app${';jsessionid'.repeat(1_500)}`],
    ['climbing', `/app${'/..'.repeat(5_000)}`],
    ['escapes', `/app${'%41'.repeat(5_000)}`],
    ['encoded slashes', `/app${'%2F'.repeat(5_000)}`],
  ])('%s', (_what, target) => {
    const cluster = new FakeCluster();
    cluster.context(cluster.node('n1'), '/app');
    cluster.ask(target);
    const began = performance.now();
    for (let round = 0; round < 20; round++) cluster.ask(target);
    expect((performance.now() - began) / 20).toBeLessThan(25);
  });

  it('a path of 16 KiB tries as many prefixes as registered contexts have segments', () => {
    const cluster = new FakeCluster();
    cluster.context(cluster.node('n1'), '/a/b');
    const tried = cluster.index.explain(
      { target: '/a'.repeat(8_000), host: '', cookie: '', excluded: [] },
      cluster.now,
    ).prefixes;
    expect(tried.map((each) => each.prefix)).toEqual(['/a/a', '/']);
  });
});
