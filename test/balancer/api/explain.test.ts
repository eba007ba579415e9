import { expect, it } from 'vitest';
import type { Explanation } from '../../../src/core/routing/index.ts';
import { readApi } from '../../support/api-schema.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { ask, read } from './ask.ts';

it.each(['/app', '/nothing', 'http://shop.example/app?x=1', '*', 'app', '/%zz', '/caf%C3%A9', '/café/x'])(
  'explains %s as its schema has it',
  async (url) => {
    const lb = await startTestBalancer({ useAlias: true });
    await lb.mcmp('CONFIG', 'JVMRoute=n%C3%A9&Host=127.0.0.1&Port=9&Type=http&Domain=d%C3%A9');
    await lb.mcmp('ENABLE-APP', 'JVMRoute=n%C3%A9&Alias=shop.example,127.0.0.1&Context=/app,/caf%C3%A9');
    await lb.mcmp('STATUS', 'JVMRoute=n%C3%A9&Load=-1');
    const header = encodeURIComponent('Cookie: JSESSIONID=secret-of-somebody.né');
    const host = encodeURIComponent('Host: shop.example');
    const path = `/api/v1/explain?url=${encodeURIComponent(url)}&header=${header}&header=${host}`;
    const explanation = await read<Explanation>(lb.mcmpPort, path, 'explain');
    expect(JSON.stringify(explanation)).not.toContain('secret-of-somebody');
    if (explanation.context === null) return;
    expect(explanation.candidates).toMatchObject([{ node: 'né', domain: 'dé', usable: false }]);
    expect(explanation.sessions).toMatchObject([{ id: 'secr….né', route: 'né' }]);
  },
);

it('finds a context by its own letters', async () => {
  const lb = await startTestBalancer();
  await lb.register('n1', 9, { contexts: '/caf%C3%A9', load: null });
  const explanation = await read<Explanation>(lb.mcmpPort, '/api/v1/explain?url=/caf%C3%A9', 'explain');
  expect(explanation.context).toBe('/café');
});

it.each([
  ['', 'the parameter url is missing'],
  ['?url=', 'the parameter url is missing'],
  ['?url=/a&url=/b', 'more than one url'],
  ['?uri=/a', 'there is no parameter "uri"'],
])('refuses the query %j', async (query, problem) => {
  const lb = await startTestBalancer();
  const { status, text } = await ask(lb.mcmpPort, `/api/v1/explain${query}`);
  expect(status).toBe(400);
  expect(readApi('error', text)).toMatchObject({ code: 'MCMP_BAD_QUERY', error: expect.stringContaining(problem) });
});
