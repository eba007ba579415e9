import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { openRaw, talk } from '../support/raw-http.ts';

/** Two nodes with a context each, and one whose context nobody may reach. */
async function startCluster() {
  const lb = await startTestBalancer();
  const [app, admin] = [await startNode('app'), await startNode('admin')];
  await lb.register('n1', app.port, { contexts: '/app' });
  await lb.register('n2', admin.port, { contexts: '/admin' });
  await lb.mcmp('DISABLE-APP', 'JVMRoute=n2&Alias=localhost&Context=/admin');
  return { lb, app, admin };
}

/** What different servers make of a target, on the way to choosing an application. */
const READINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => decode(path),
  (path) => resolveDots(path),
  (path) => resolveDots(decode(path)),
  (path) => resolveDots(decode(withoutParameters(path))),
  (path) => resolveDots(withoutParameters(decode(path))),
  (path) => decode(resolveDots(withoutParameters(path))),
  (path) => resolveDots(decode(path).replaceAll('\\', '/')),
];

const withoutParameters = (path: string): string => path.replace(/;[^/]*/g, '');

const decode = (path: string): string =>
  path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function resolveDots(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?]*/i, '');
  return (path.startsWith('/') ? path : `/${path}`).replace(/\?.*$/s, '');
}

describe('a path never leaves the context that it was matched with', () => {
  it.each([
    ['CVE-2024-1459', '/app/..;/admin'],
    ['CVE-2024-1459', '/app/..;x=y/admin/x'],
    ['CVE-2024-1459', '/app;x/..;/..;/admin'],
    ['GHSA-2q7r-29rg-6m5h', '/app/%2e%2e/admin'],
    ['GHSA-2q7r-29rg-6m5h', '/app/%2E./admin'],
    ['GHSA-2q7r-29rg-6m5h', '/app/.%2e%2fadmin'],
    ['dots', '/app/../admin'],
    ['dots behind an empty segment', '/app//../admin'],
    ['an encoded slash', '/app/..%2fadmin'],
    ['an encoded slash in place of a real one', '/app%2f..%2fadmin'],
    ['an encoded backslash', '/app/..%5cadmin'],
    ['a backslash', '/app\\..\\admin'],
    ['an encoded semicolon', '/app/..%3b/admin'],
    ['NUL', '/app%00/../admin'],
    ['NUL', '/app/%00'],
    ['a bad escape', '/app/%zz/../admin'],
    ['half an escape', '/app/%2'],
    ['a climb', '/app/../../../etc/passwd'],
    ['a fragment', '/app#/../admin'],
    ['an absolute target', 'http://a/app/../admin'],
    ['no path at all', 'http://a?/app/../admin'],
    ['overlong UTF-8 for a dot', '/app/%c0%ae%c0%ae/admin'],
  ])('%s: %s', async (_, target) => {
    const { lb, app, admin } = await startCluster();
    const answer = await talk(lb.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(admin.seen).toEqual([]);
    for (const seen of app.seen) for (const read of READINGS) expect(read(pathOf(seen.target))).toMatch(/^\/app/);
    if (answer.status !== 200) expect([400, 404]).toContain(answer.status);
  });

  it('whatever is tried, by any reading of the target that a node may have', async () => {
    const { lb, app } = await startCluster();
    const piece = fc.constantFrom(
      ...[
        '/',
        '/app',
        '/admin',
        '/x',
        '..',
        '.',
        ';',
        ';x=1',
        '%2e',
        '%2E%2e',
        '%2f',
        '%5c',
        '%3b',
        '%00',
        '%61pp',
        '//',
        '?',
        'http://a',
      ],
    );
    const targets = fc.sample(fc.array(piece, { minLength: 1, maxLength: 8 }), { seed: 7, numRuns: 1500 });
    const client = await openRaw(lb.port);
    let asked = 0;
    for (const pieces of targets) {
      const target = `/app${pieces.join('')}`;
      if (/[\s\\#]/.test(target)) continue;
      client.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
      asked++;
    }
    client.write('GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const { text } = await client.closed();
    expect(text.match(/HTTP\/1\.1 [24]\d\d /g)).toHaveLength(asked + 1);
    expect(app.seen.length).toBeGreaterThan(100);
    // A decoded slash that is not one (%2F) and a doubly encoded dot are not readings of the standard.
    for (const { target } of app.seen) {
      for (const read of READINGS) expect(read(pathOf(target)), target).toMatch(/^\/app/);
    }
  });
});

describe('the target of a request is only ever a node of the table (CVE-2021-40438)', () => {
  it('an absolute target is routed by its path and goes to the node in origin form', async () => {
    const { lb, app } = await startCluster();
    const elsewhere = await startNode('elsewhere');
    const authority = `127.0.0.1:${elsewhere.port}`;
    const request = (path: string): string =>
      `GET http://${authority}${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`;
    expect((await talk(lb.port, request('/app/x?y=/z'))).status).toBe(200);
    expect((await talk(lb.port, request('?app'))).status).toBe(404);
    expect((await talk(lb.port, request('/elsewhere'))).status).toBe(404);
    expect(app.seen.map(({ target }) => target)).toEqual(['/app/x?y=/z']);
    expect(app.seen[0]?.rawHeaders.slice(0, 2)).toEqual(['Host', authority]);
    expect(elsewhere.seen).toEqual([]);
  });

  it.each([
    ['CONNECT', (authority: string) => `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n`, 501],
    [
      'a user in the authority',
      (authority: string) => `GET http://a@${authority}/app HTTP/1.1\r\nHost: ${authority}\r\n`,
      400,
    ],
    ['another scheme', (authority: string) => `GET ftp://${authority}/app HTTP/1.1\r\nHost: ${authority}\r\n`, 400],
    ['a unix socket', () => 'GET unix:/var/run/x|http://a/app HTTP/1.1\r\nHost: a\r\n', 400],
    ['another host than Host', (authority: string) => `GET http://${authority}/app HTTP/1.1\r\nHost: a\r\n`, 400],
    ['an authority with a CR', () => 'GET http://a\r/app HTTP/1.1\r\nHost: a\r\n', 400],
  ])('%s', async (_, head, status) => {
    const { lb, app } = await startCluster();
    const elsewhere = await startNode('elsewhere');
    const answer = await talk(lb.port, `${head(`127.0.0.1:${elsewhere.port}`)}Connection: close\r\n\r\n`);
    expect(answer.status).toBe(status);
    expect([...app.seen, ...elsewhere.seen]).toEqual([]);
  });

  it('headers choose no node', async () => {
    const { lb, app, admin } = await startCluster();
    const elsewhere = await startNode('elsewhere');
    const there = `127.0.0.1:${elsewhere.port}`;
    const answer = await lb.get(
      '/app',
      `X-Forwarded-Host: ${there}\r\nX-Forwarded-Server: ${there}\r\nX-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\nForwarded: host=${there}\r\nX-Host: ${there}\r\n`,
    );
    expect(answer.status).toBe(200);
    expect(app.seen).toHaveLength(1);
    expect([...elsewhere.seen, ...admin.seen]).toEqual([]);
  });
});
