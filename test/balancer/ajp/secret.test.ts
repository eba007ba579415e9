import { describe, expect, it } from 'vitest';
import { type AjpCall, attributesOf, startAjpNode } from '../../support/ajp-node.ts';
import { startTestBalancer, TEST_OPTIONS } from '../../support/balancer.ts';
import { openRaw, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';

const SECRET = 'open sesame';

/** As Tomcat does: whoever does not say the secret gets a page and the end of the connection. */
function guarded(call: AjpCall): void {
  const [first] = attributesOf(call.request);
  if (first?.[0] === 'secret' && first[1] === SECRET) {
    call.answer('inside');
    return;
  }
  const page = '<html>a page of the container</html>';
  call.head(403, [
    ['Content-Type', 'text/html'],
    ['Content-Length', String(page.length)],
  ]);
  call.data(page);
  call.end(false);
}

it('says the secret first', async () => {
  const lb = await startTestBalancer({ ajpSecret: SECRET });
  const node = await startAjpNode(guarded);
  await lb.register('n1', node.port, { type: 'ajp' });
  expect((await lb.get('/app?q=1')).body).toBe('inside');
});

describe.each([
  ['a wrong secret', 'wrong', 'has to hold what the connector of the node has'],
  ['no secret', '', 'wants a secret'],
])('with %s', (_what, ajpSecret, hint) => {
  it('answers 503 with words that name the secret and the flag, and keeps the page of the container to itself', async () => {
    const lb = await startTestBalancer({ ajpSecret });
    const node = await startAjpNode(guarded);
    await lb.register('n1', node.port, { type: 'ajp' });
    const answer = await lb.get('/app');
    expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([503, 'ajp-secret-refused']);
    expect(answer.body).toContain('--ajp-secret-file');
    expect(answer.body).not.toContain('container');
    if (ajpSecret !== '') expect(answer.body).not.toContain(ajpSecret);
  });

  it('tells the operator once a minute, and does not take the node out', async () => {
    const lb = await startTestBalancer({ ajpSecret });
    const node = await startAjpNode(guarded);
    await lb.register('n1', node.port, { type: 'ajp' });
    for (let i = 0; i < 5; i++) await lb.get('/app');
    const told = lb.log.filter(({ message }) => message.includes('refused the AJP secret'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ level: 'warn', fields: { route: 'n1' } });
    expect(String(told[0]?.fields['hint'])).toContain(hint);
    expect((await lb.mcmp('INFO')).body).toContain('Load: 100');
    expect(node.calls).toHaveLength(5);
  });

  it.each(['GET', 'POST'])('gives a %s request to another node, for the first did not act on it', async (method) => {
    const lb = await startTestBalancer({ ajpSecret });
    const refusing = await startAjpNode(guarded);
    const open = await startAjpNode(async (call) => call.answer(`open ${await call.body()}`));
    await lb.register('refusing', refusing.port, { type: 'ajp', config: 'StickySessionForce=no' });
    await lb.register('open', open.port, { type: 'ajp', config: 'StickySessionForce=no' });
    const body = method === 'GET' ? '\r\n' : 'Content-Length: 5\r\n\r\nhello';
    const answer = await talk(
      lb.port,
      `${method} /app HTTP/1.1\r\nHost: a\r\nCookie: JSESSIONID=a.refusing\r\nConnection: close\r\n${body}`,
    );
    expect(answer.body).toBe(method === 'GET' ? 'open ' : 'open hello');
    expect(refusing.calls).toHaveLength(1);
  });
});

it('passes a 403 of the application on, as a whole, whatever its size', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode((call) => call.answer('x'.repeat(Number(call.request.uri.slice(5))), [], 403));
  await lb.register('n1', node.port, { type: 'ajp' });
  for (const length of [0, 5, 20_000, 300_000]) {
    const answer = await lb.get(`/app/${length}`);
    expect([answer.status, answer.body.length]).toEqual([403, length]);
  }
});

it('passes a 403 on that ends a connection which served a request before: the secret was right then', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode((call) => {
    if (call.number === 0) call.answer('first');
    else guarded(call);
  });
  await lb.register('n1', node.port, { type: 'ajp' });
  expect((await lb.get('/app')).status).toBe(200);
  const answer = await lb.get('/app');
  expect([answer.status, answer.body]).toEqual([403, '<html>a page of the container</html>']);
});

it('passes a long 403 on that its node does not end, once it is too long to be a refusal', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode((call) => {
    call.head(403);
    call.data('x'.repeat(40_000));
  });
  await lb.register('n1', node.port, { type: 'ajp' });
  const client = await openRaw(lb.port);
  client.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until((text) => text.startsWith('HTTP/1.1 403 Forbidden\r\n') && text.length > 40_000);
});

it('takes a new secret over when it reloads, on new connections only', async () => {
  const lb = await startTestBalancer({ ajpSecret: SECRET });
  const node = await startAjpNode(guarded);
  await lb.register('n1', node.port, { type: 'ajp' });
  expect((await lb.get('/app')).body).toBe('inside');
  const options = { ...TEST_OPTIONS, ajpSecret: 'another' };
  expect(lb.balancer.reload(options)).toEqual([]);
  expect((await lb.get('/app')).headers.get('x-mcmp-reason')).toBe('ajp-secret-refused');
  lb.balancer.reload({ ...options, ajpSecret: SECRET });
  expect((await lb.get('/app')).body).toBe('inside');
});

it('takes a new secret over on connections that are busy when it reloads: they serve no other request', async () => {
  const lb = await startTestBalancer({ ajpSecret: SECRET });
  const waiting: AjpCall[] = [];
  const node = await startAjpNode((call) => {
    if (call.request.uri === '/app/slow') waiting.push(call);
    else guarded(call);
  });
  await lb.register('n1', node.port, { type: 'ajp' });
  const slow = lb.get('/app/slow');
  await waitFor(() => waiting.length === 1);
  lb.balancer.reload({ ...TEST_OPTIONS, ajpSecret: 'another' });
  waiting[0]?.answer('late');
  expect((await slow).body).toBe('late');
  const answer = await lb.get('/app');
  expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([503, 'ajp-secret-refused']);
});
