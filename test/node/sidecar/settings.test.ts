import { expect, test } from 'vitest';
import { noticesAbout, probeSettings } from '../../../src/node/sidecar/settings.ts';
import { readUpstream } from '../../../src/node/sidecar/upstream.ts';

test.each([
  ['http://127.0.0.1:3000', { type: 'http', host: '127.0.0.1', port: 3000 }, 'http://127.0.0.1:3000'],
  ['http://app.example:3000/', { type: 'http', host: 'app.example', port: 3000 }, 'http://app.example:3000'],
  ['http://app', { type: 'http', host: 'app', port: 80 }, 'http://app'],
  ['https://app', { type: 'https', host: 'app', port: 443 }, 'https://app'],
  ['ws://127.0.0.1:3000', { type: 'ws', host: '127.0.0.1', port: 3000 }, 'http://127.0.0.1:3000'],
  ['wss://[::1]:3000', { type: 'wss', host: '::1', port: 3000 }, 'https://[::1]:3000'],
  ['http://0.0.0.0:3000', { type: 'http', host: '0.0.0.0', port: 3000 }, 'http://127.0.0.1:3000'],
  ['http://[::]:3000', { type: 'http', host: '::', port: 3000 }, 'http://[::1]:3000'],
])('the upstream %s is told and probed as it must be', (text, told, probed) => {
  const { origin, ...rest } = readUpstream(text);
  expect(rest).toEqual(told);
  expect(origin.origin).toBe(probed);
});

test.each([
  ['', /no address of an application/],
  ['127.0.0.1:3000', /no address of an application/],
  ['ftp://127.0.0.1:8009', /no address of an application/],
  ['http://', /no address of an application/],
  ['http://127.0.0.1:70000', /no address of an application/],
  ['http://127.0.0.1:0', /has port 0/],
  ['http://127.0.0.1:3000/app', /more than a scheme, a host and a port/],
  ['http://127.0.0.1:3000?x', /more than a scheme, a host and a port/],
  ['http://me:secret@127.0.0.1:3000', /^'http:\/\/127\.0\.0\.1:3000' has more than a scheme, a host and a port/],
])('the upstream %j is refused', (text, expected) => {
  expect(() => readUpstream(text)).toThrow(expected);
});

test.each([
  [{}, ['/shop', '/'], { path: '/shop', intervalMs: 2000, timeoutMs: 1000, fall: 3, rise: 2, status: [[200, 399]] }],
  [{}, [], { path: '/' }],
  [{}, ['ROOT'], { path: '/' }],
  [{}, ['shop/'], { path: '/shop' }],
  [{}, ['/caf\u00e9'], { path: '/caf%C3%A9' }],
  [
    { path: '/health?full=1', fall: 1, status: [[404, 404]] as const },
    ['/app'],
    { path: '/health?full=1', fall: 1, status: [[404, 404]] },
  ],
])('probe settings %j of an application at %j', (given, contexts, expected) => {
  expect(probeSettings(given, contexts)).toMatchObject(expected);
});

test.each([
  [{ path: 'health' }, /'health' cannot be probed/],
  [{ path: '/a b' }, /cannot be probed/],
  [{ path: '/a\r\nX: y' }, /cannot be probed/],
  [{ path: 'http://elsewhere/' }, /cannot be probed/],
  [{ intervalMs: 0 }, /probes every 0 ms/],
  [{ intervalMs: Number.NaN }, /probes every NaN ms/],
  [{ timeoutMs: 0 }, /each within 0 ms/],
  [{ fall: 0 }, /fall 0 is no number of probes/],
  [{ rise: 1.5 }, /rise 1.5 is no number of probes/],
])('probe settings %j are refused', (given, expected) => {
  expect(() => probeSettings(given, ['/'])).toThrow(expected);
});

test('a type that not every balancer can send requests to is pointed out', () => {
  expect(noticesAbout('http')).toEqual([]);
  expect(noticesAbout('https')).toEqual([expect.stringContaining('Type=https')]);
});
