import { describe, expect, it } from 'vitest';
import type { BalancerOptions } from '../../src/balancer/index.ts';
import { order, type PageClient, pageClient } from '../balancer/page/page-client.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { hostPort, talk } from '../support/raw-http.ts';

const DISABLE = order('DISABLE-APP', 'CONTEXT', 'JVMRoute=n1&Alias=localhost&Context=/app');
const TOKEN = 'the-token-of-this-test';

/** A node whose contexts can be changed; none of the tests is to change them unless it says so. */
async function begin(
  options: Partial<BalancerOptions> = {},
): Promise<{ lb: TestBalancer; page: PageClient; status(): Promise<string> }> {
  const lb = await startTestBalancer(options);
  await lb.register('n1', 9, { load: null });
  await lb.register('n2', 10, { load: null });
  const status = async (): Promise<string> =>
    /\[0:1:\d+\], Context: \/app, Status: (\S+)/.exec((await lb.mcmp('INFO')).body)?.[1] ?? '';
  return { lb, page: pageClient(lb), status };
}

const confirmed = { order: DISABLE, confirmed: 'yes' };

describe('the manager page changes nothing (CSRF)', () => {
  it.each([
    `?Cmd=DISABLE-APP&Range=CONTEXT&JVMRoute=n1&Alias=localhost&Context=/app`,
    `?order=${encodeURIComponent(DISABLE)}&confirmed=yes`,
  ])('by GET %s, even with the token of the form in the URL', async (query) => {
    const { page, status } = await begin();
    expect((await page.get(`${query}&token=${await page.formToken()}`)).status).toBe(200);
    expect(await status()).toBe('ENABLED');
  });

  it.each([
    ['no token', { token: '' }],
    ['a token that is wrong', { token: 'x'.repeat(43) }],
    ['the token of another balancer', {}],
  ])('by a form with %s', async (_, options) => {
    const { page, status } = await begin();
    const token = 'token' in options ? options.token : await (await begin()).page.formToken();
    const answer = await page.post(confirmed, { token });
    expect(answer.status).toBe(403);
    expect(await status()).toBe('ENABLED');
  });

  it('by a form whose token stands in the URL', async () => {
    const { page, status } = await begin();
    const answer = await page.post(confirmed, { token: '', query: `?token=${await page.formToken()}` });
    expect(answer.status).toBe(403);
    expect(await status()).toBe('ENABLED');
  });

  it.each([
    'Origin: http://evil.example',
    'Origin: null',
    'Origin: http://127.0.0.1:1',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Site: same-site',
    'Sec-Fetch-Site: new-word',
  ])('for a page of another origin (%s), even with the right token', async (header) => {
    const { page, status } = await begin();
    expect((await page.post(confirmed, { headers: `${header}\r\n` })).status).toBe(403);
    expect(await status()).toBe('ENABLED');
  });

  it.each(['text/plain', 'multipart/form-data; boundary=x', 'application/json', ''])(
    'for a body of type %j',
    async (contentType) => {
      const { page, status } = await begin();
      expect((await page.post(confirmed, { contentType })).status).toBe(415);
      expect(await status()).toBe('ENABLED');
    },
  );

  it('for a Host that is not ours (DNS rebinding)', async () => {
    const { lb, page, status } = await begin();
    const rebound = await page.post(confirmed, { headers: 'Origin: http://evil.example\r\n' });
    expect(rebound.status).toBe(403);
    const answer = await talk(
      lb.mcmpPort,
      'GET /mod_cluster-manager HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );
    expect(answer.status).toBe(421);
    expect(await status()).toBe('ENABLED');
  });

  it('but does for its own form, in the browser and out of it', async () => {
    const own = await begin();
    const headers = `Origin: http://${hostPort(own.lb.mcmpPort)}\r\nSec-Fetch-Site: same-origin\r\n`;
    expect((await own.page.post(confirmed, { headers })).status).toBe(303);
    expect(await own.status()).toBe('DISABLED');
    const plain = await begin();
    expect((await plain.page.post(confirmed)).status).toBe(303);
    expect(await plain.status()).toBe('DISABLED');
  });

  it.each(['Cmd=REMOVE-APP&Range=NODE&JVMRoute=n1', 'Cmd=CONFIG&JVMRoute=n3', 'Cmd=STOP-APP&Range=ALL', 'x', ''])(
    'for an order that none of its buttons gives: %j',
    async (text) => {
      const { page, status } = await begin();
      expect((await page.post({ order: text, confirmed: 'yes' })).status).toBe(400);
      expect(await status()).toBe('ENABLED');
    },
  );
});

describe('the mutating GET of old tools', () => {
  it.each([
    ['the nonce in a page of another origin', 'Sec-Fetch-Site: cross-site', 403],
    ['a foreign Origin', 'Origin: http://evil.example', 403],
    ['a proxy that speaks for another machine', 'X-Forwarded-For: 192.0.2.7', 401],
    ['a wrong bearer token', 'Authorization: Bearer wrong', 401],
  ])('is held to the same rules: %s', async (_, header, expected) => {
    const { page, status } = await begin({ legacyManagerGet: true, token: TOKEN });
    const nonce = /nonce=([0-9a-f-]{36})/.exec(await page.look())?.[1] ?? '';
    const answer = await page.get(`?nonce=${nonce}&${DISABLE}`, `${header}\r\n`);
    expect(answer.status).toBe(expected);
    expect(await status()).toBe('ENABLED');
    const allowed = await page.get(`?nonce=${nonce}&${DISABLE}`, `Authorization: Bearer ${TOKEN}\r\n`);
    expect(allowed.status).toBe(200);
    expect(await status()).toBe('DISABLED');
  });
});

describe('from another machine', () => {
  const elsewhere = 'X-Forwarded-For: 192.0.2.7\r\n';

  it('the page asks the browser for the token, and takes it as password', async () => {
    const { page, status } = await begin({ token: TOKEN });
    const refused = await page.post(confirmed, { headers: elsewhere });
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('\r\nWWW-Authenticate: Basic realm="mcmp", charset="UTF-8"\r\n');
    expect(refused.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await status()).toBe('ENABLED');
    const basic = Buffer.from(`operator:${TOKEN}`).toString('base64');
    expect((await page.post(confirmed, { headers: `${elsewhere}Authorization: Basic ${basic}\r\n` })).status).toBe(303);
    expect(await status()).toBe('DISABLED');
  });

  it('nothing can be changed while there is no token, and the page shows no buttons that could not work', async () => {
    const { page, status } = await begin();
    const refused = await page.post(confirmed, { headers: elsewhere });
    expect(refused.status).toBe(403);
    expect(await status()).toBe('ENABLED');
    const seen = (await page.get('', elsewhere)).body;
    expect(seen).toContain('From here you can only look');
    expect(seen).not.toContain('name="order"');
    expect(await page.look()).toContain('name="order"');
  });
});

describe('the manager page gives nothing away', () => {
  it('every answer of it forbids scripts, frames, sniffing and keeping', async () => {
    const { page } = await begin();
    const answers = [
      await page.get(),
      await page.get('?filter=x'),
      await page.get('?bad'),
      await page.post({ order: order('STOP-APP', 'NODE', 'JVMRoute=n1') }),
      await page.post(confirmed, { token: 'wrong' }),
      await page.post(confirmed, { headers: 'Origin: null\r\n' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 200, 403, 403]);
    for (const { headers, body } of answers) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src data:; /);
      for (const rule of ["form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
        expect(policy).toContain(rule);
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(body).not.toMatch(/<script|javascript:|\son[a-z]+=|\sstyle=/i);
    }
  });

  it('says nothing in its own name that stands in a link, be it a notice or a filter', async () => {
    const { page } = await begin();
    const text = await page.look('?done=Stopped%20all&notice=Stopped&filter=%3Cb%3EStopped%20by%20x%3C/b%3E');
    expect(text).not.toContain('class="notice');
    expect(text).not.toContain('<b>Stopped');
    expect(text.match(/Stopped by x/g)).toHaveLength(1);
    expect(text).toContain('value="&lt;b&gt;Stopped by x&lt;/b&gt;"');
  });

  it('shows a notice to whoever has its id, once, and forgets those that nobody fetches', async () => {
    const { page } = await begin();
    const first = (await page.post(confirmed)).headers.get('location')?.replace(/#.*/, '') ?? '';
    for (let index = 0; index < 100; index++) await page.post({ order: DISABLE }, { token: await page.formToken() });
    expect(await page.look(first)).not.toContain('class="notice');
  });
});

describe('names that peers chose (CVE-2015-0298, CVE-2023-6710)', () => {
  it.each(['mcmp', 'httpd-2'])('never become markup of the page, in dialect %s', async (dialect) => {
    const lb = await startTestBalancer({ dialect });
    const page = pageClient(lb);
    const marks = ['%26lt%3Bimg%26gt%3B', '`onload%3Dx`', '%C3%BCber', '%E2%80%AE', '%FF', 'javascript%3Aalert(1)'];
    for (const [index, mark] of marks.entries()) {
      const config = `JVMRoute=r${index}${mark}&Host=127.0.0.1&Port=${index + 9}&Type=http&Domain=${mark}&Balancer=${mark}`;
      await lb.mcmp('CONFIG', config);
      await lb.mcmp('ENABLE-APP', `JVMRoute=r${index}${mark}&Alias=${mark}&Context=/${mark}`);
    }
    // What MCMP refuses already (reference §1.2) must not come in by another way.
    await lb.mcmp('CONFIG', 'JVMRoute=%3Cscript%3E&Host=127.0.0.1&Port=99&Type=http');
    const text = await page.look();
    expect(text).toContain('&amp;lt;img&amp;gt;');
    expect(text).not.toMatch(/<img|<script|\u202e|`/);
    expect(text).not.toMatch(/href="(?![?#/]|data:image\/svg)/);
  });
});
