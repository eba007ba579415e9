import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOfUrl, formatAddress, isLoopbackHost, parseAddress } from '../../src/core/address.ts';

describe('parseAddress', () => {
  it.each([
    ['localhost:8090', 'localhost', 8090],
    ['127.0.0.1:0', '127.0.0.1', 0],
    [':8000', '', 8000],
    ['[::1]:8090', '::1', 8090],
    ['[::]:65535', '::', 65_535],
    ['[fe80::1%eth0]:1', 'fe80::1%eth0', 1],
    ['[::ffff:10.0.0.1]:80', '::ffff:10.0.0.1', 80],
    ['lb-1.example.org:443', 'lb-1.example.org', 443],
  ])('reads %s, and writes it again', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
    expect(formatAddress({ host, port })).toBe(text);
  });

  it.each([
    ['8000', /host:port/],
    ['', /host:port/],
    ['localhost', /host:port/],
    ['localhost:', /host:port/],
    ['localhost:65536', /65535/],
    ['localhost:-1', /host:port/],
    ['::1:8090', /brackets/],
    ['[::1]', /host:port/],
    ['[localhost]:80', /IPv6/],
    ['http://localhost:80', /brackets|host:port/],
    ['a b:80', /neither a name/],
    ['-a:80', /neither a name/],
    ['a:80\n', /host:port|brackets/],
  ])('refuses %j and says why', (text, why) => {
    expect(parseAddress(text)).toMatch(why);
  });

  it('reads every address that it writes', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.constant(''));
    fc.assert(
      fc.property(host, fc.integer({ min: 0, max: 65_535 }), (name, port) => {
        expect(parseAddress(formatAddress({ host: name, port }))).toEqual({ host: name, port });
      }),
      { seed: 90, numRuns: 300 },
    );
  });
});

describe('isLoopbackHost', () => {
  it.each(['localhost', '127.0.0.1', '127.1.2.3', '::1'])('says yes to %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each(['', '0.0.0.0', '::', '10.0.0.1', '127.example.org', '127.0.0.1.example.org'])('says no to "%s"', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});

describe('the address that people are told of a URL', () => {
  it.each([
    ['http://localhost', 'localhost:80'],
    ['http://[::1]/path', '[::1]:80'],
    ['http://lb:8090/', 'lb:8090'],
    ['https://lb', 'https://lb'],
  ])('of %s is %s', (url, address) => {
    expect(addressOfUrl(new URL(url))).toBe(address);
  });
});
