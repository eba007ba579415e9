import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextPath, exclusions } from '../../../src/node/registrar/paths.ts';

const SEED = 20_004;

describe('a context path', () => {
  it.each([
    ['/', '/'],
    ['', '/'],
    ['ROOT', '/'],
    ['//', '/'],
    ['app', '/app'],
    ['/app/', '/app'],
    [' /app ', '/app'],
    ['/a/b', '/a/b'],
    ['//a/b//', '/a/b'],
    ['/root', '/root'],
  ])('%j is %j', (text, path) => {
    expect(contextPath(text)).toBe(path);
  });

  it.each(['/a,/b', '/a b', '/a?x', '/a#x', '/a\r\nSTATUS'])('%j cannot be one', (text) => {
    expect(() => contextPath(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  it('stays what it is when it is normalised again', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[/a-zA-Z0-9._~;:-]{0,12}$/), (text) => {
        const path = contextPath(text);
        expect(contextPath(path)).toBe(path);
        expect(path).toMatch(/^\/(?:.*[^/])?$/);
      }),
      { seed: SEED },
    );
  });
});

describe('CVE-2012-1154: an excluded context is never published, however it is spelt', () => {
  it.each([
    'ROOT',
    '/',
    '',
    ' ROOT ',
    '/ROOT',
    'localhost:ROOT',
    'localhost:/',
    'localhost:',
    'LOCALHOST:ROOT',
    'www.example.com:/ROOT',
  ])('%j excludes the root', (entry) => {
    const isExcluded = exclusions([entry], ['localhost', 'www.example.com']);
    expect(isExcluded('/')).toBe(true);
    expect(isExcluded('/app')).toBe(false);
  });

  it('excludes nothing when nothing is named, or when another host is meant', () => {
    expect(exclusions([], ['localhost'])('/')).toBe(false);
    expect(exclusions(['other.example.com:/app', 'other:ROOT'], ['localhost'])('/app')).toBe(false);
    expect(exclusions(['other:ROOT'], ['localhost'])('/')).toBe(false);
  });

  it('knows hosts that are addresses', () => {
    expect(exclusions(['[::1]:/app'], ['[0:0::1]'])('/app')).toBe(true);
    expect(exclusions(['[::2]:/app'], ['[::1]'])('/app')).toBe(false);
    expect(exclusions(['127.0.0.1:/app'], ['127.0.0.1'])('/app')).toBe(true);
  });

  it('excludes a path in every spelling of its slashes, spaces and host', () => {
    const segment = fc.stringMatching(/^[a-zA-Z0-9._~-]{1,6}$/).filter((text) => text.toUpperCase() !== 'ROOT');
    const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
    const spelling = fc.record({
      before: fc.constantFrom('', '/', '//'),
      after: fc.constantFrom('', '/', '//'),
      host: fc.constantFrom('', 'localhost:', 'LocalHost:', 'b.example:'),
      space: fc.constantFrom('', ' ', '\t'),
    });
    fc.assert(
      fc.property(path, spelling, path, (bare, { before, after, host, space }, other) => {
        const isExcluded = exclusions([`${space}${host}${before}${bare}${after}${space}`], ['localhost', 'b.example']);
        expect(isExcluded(contextPath(bare))).toBe(true);
        if (other !== bare) expect(isExcluded(contextPath(other))).toBe(false);
      }),
      { seed: SEED },
    );
  });
});
