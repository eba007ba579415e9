import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, command } from '../balancer/api/ask.ts';
import { problemsOf, readApi } from '../support/api-schema.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { hostPort, openRaw, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const TOKEN = 'a-token-of-some-length';
const BASIC = `Basic ${Buffer.from(`anybody:${TOKEN}`).toString('base64')}`;
const REMOVE = { command: 'REMOVE-APP', node: 'n1' };

async function startWithNode(token = ''): Promise<TestBalancer> {
  const lb = await startTestBalancer({ token });
  await lb.register('n1', 9, { load: null });
  return lb;
}

async function isUntouched(lb: TestBalancer): Promise<boolean> {
  return (await lb.mcmp('INFO')).body.includes('Context: /app, Status: ENABLED');
}

describe('a change of the cluster by the JSON API', () => {
  it.each<[string, string, Record<string, string>, number]>([
    ['without a token, from this machine', '', {}, 200],
    ['without the token, from this machine', TOKEN, {}, 200],
    ['with the token', TOKEN, { authorization: `Bearer ${TOKEN}` }, 200],
    ['with the token as password', TOKEN, { authorization: BASIC }, 200],
    [
      'with the token, from a page of its own',
      TOKEN,
      { authorization: BASIC, origin: 'OWN', 'sec-fetch-site': 'same-origin' },
      200,
    ],
    ['from a page of its own', '', { origin: 'OWN', 'sec-fetch-site': 'same-origin' }, 200],
    ['typed into the browser', '', { 'sec-fetch-site': 'none' }, 200],
    ['with a wrong token', TOKEN, { authorization: `Bearer ${TOKEN}x` }, 401],
    ['with the beginning of the token', TOKEN, { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ['with a wrong password', TOKEN, { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` }, 401],
    ['with the token as name', TOKEN, { authorization: `Basic ${Buffer.from(`${TOKEN}:`).toString('base64')}` }, 401],
    ['with the token and nothing that says what it is', TOKEN, { authorization: TOKEN }, 401],
    ['with the token by another scheme', TOKEN, { authorization: `Digest ${TOKEN}` }, 401],
    ['from a page of another origin', '', { origin: 'http://attacker.example' }, 403],
    ['from another port of this machine', '', { origin: 'http://127.0.0.1:1' }, 403],
    ['from a page without an origin', '', { origin: 'null' }, 403],
    ['from an origin that is none', '', { origin: 'http://OWN/path' }, 403],
    [
      'from a page of another origin, with the token',
      TOKEN,
      { authorization: BASIC, origin: 'https://attacker.example' },
      403,
    ],
    [
      'from another site, whatever its origin says',
      TOKEN,
      { authorization: BASIC, origin: 'OWN', 'sec-fetch-site': 'cross-site' },
      403,
    ],
    ['from a sister site', '', { 'sec-fetch-site': 'same-site' }, 403],
    ['by a foreign name (DNS rebinding)', '', { host: 'attacker.example' }, 421],
    ['by a foreign name, with the token', TOKEN, { host: 'attacker.example', authorization: BASIC }, 421],
    ['for somebody behind a proxy', '', { 'x-forwarded-for': '203.0.113.9' }, 403],
    ['for somebody behind a proxy that says so otherwise', '', { forwarded: 'for=203.0.113.9' }, 403],
    ['for somebody behind a proxy whose line comes behind an empty one', '', { 'x-forwarded-for': '' }, 403],
    ['for somebody behind a proxy that names the client in X-Real-IP alone', '', { 'x-real-ip': '203.0.113.9' }, 403],
    ['for somebody behind a proxy, when there is a token', TOKEN, { via: '1.1 proxy' }, 401],
    ['for somebody behind a proxy who has the token', TOKEN, { via: '1.1 proxy', authorization: BASIC }, 200],
    ['from a form of a page', '', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['from a form that says text', '', { 'content-type': 'text/plain' }, 415],
    ['in no known type', '', { 'content-type': '' }, 415],
    ['in another coding of characters', '', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['that names its coding', '', { 'content-type': 'application/json; charset=UTF-8' }, 200],
  ])('%s (token %j)', async (_, token, headers, status) => {
    const lb = await startWithNode(token);
    const own = Object.entries(headers).map(([name, value]) => [
      name,
      value
        .replace('http://OWN', `http://${hostPort(lb.mcmpPort)}`)
        .replace(/^OWN$/, `http://${hostPort(lb.mcmpPort)}`),
    ]);
    const answer = await command(lb.mcmpPort, REMOVE, Object.fromEntries(own));
    expect([answer.status, await isUntouched(lb)]).toEqual([status, status !== 200]);
    if (status === 200) expect(problemsOf('commandsAnswer', JSON.parse(answer.text))).toEqual([]);
    else expect(readApi('error', answer.text)['code']).toMatch(/^MCMP_/);
    const challenges = [answer.headers['www-authenticate'] ?? []].flat();
    expect(challenges.map((challenge) => challenge.split(' ')[0])).toEqual(status === 401 ? ['Basic', 'Bearer'] : []);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('needs a Host, or the token', async () => {
    const lb = await startWithNode(TOKEN);
    const body = JSON.stringify(REMOVE);
    const by = (more: string) =>
      talk(
        lb.mcmpPort,
        `POST /api/v1/commands HTTP/1.0\r\n${more}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    expect([(await by('')).status, await isUntouched(lb)]).toEqual([421, true]);
    expect([(await by(`Authorization: Bearer ${TOKEN}\r\n`)).status, await isUntouched(lb)]).toEqual([200, false]);
  });

  it('takes a new token at once, and no longer the old one', async () => {
    const { TEST_OPTIONS } = await import('../support/balancer.ts');
    const lb = await startWithNode(TOKEN);
    lb.balancer.reload({ ...TEST_OPTIONS, token: 'another-token-of-some-length' });
    const by = (token: string) => command(lb.mcmpPort, REMOVE, { authorization: `Bearer ${token}` });
    expect((await by(TOKEN)).status).toBe(401);
    expect((await by('another-token-of-some-length')).status).toBe(200);
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('is never made by %s', async (method) => {
    const lb = await startWithNode();
    const body = JSON.stringify(REMOVE);
    const answer = await talk(
      lb.mcmpPort,
      `${method} /api/v1/commands HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect([answer.status, await isUntouched(lb)]).toEqual([405, true]);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('is refused to who is not in --mcmp-allow, like everything else', async () => {
    const lb = await startTestBalancer({ mcmpAllow: ['192.0.2.1'], token: TOKEN });
    for (const path of ['/api/v1/state', '/api/v1/events', '/api/v1/explain?url=/', '/api/v1/nothing']) {
      const { status, text } = await ask(lb.mcmpPort, path, { headers: { authorization: BASIC } });
      expect([path, status, readApi('error', text)['code']]).toEqual([path, 403, 'MCMP_NOT_ALLOWED']);
    }
    expect((await command(lb.mcmpPort, REMOVE, { authorization: BASIC })).status).toBe(403);
  });
});

describe('whatever is sent to the JSON API', () => {
  it.each([
    ['GET', '/api/v1/nothing', 404, 'MCMP_NO_SUCH_PATH'],
    ['POST', '/api/v1/state', 405, 'MCMP_WRONG_METHOD'],
    ['GET', '/api/v1/commands', 405, 'MCMP_WRONG_METHOD'],
  ])('%s %s is refused in JSON', async (method, path, status, code) => {
    const lb = await startTestBalancer();
    const answer = await ask(lb.mcmpPort, path, { method });
    expect([answer.status, readApi('error', answer.text)['code']]).toEqual([status, code]);
  });

  it('a body over --max-message is refused before it is read', async () => {
    const lb = await startTestBalancer({ maxMessageBytes: 1000 });
    const client = await openRaw(lb.mcmpPort);
    client.write(
      `POST /api/v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1001\r\n\r\n`,
    );
    const { status, body } = await client.closed();
    expect([status, readApi('error', body)['code']]).toEqual([413, 'MCMP_BODY_TOO_LARGE']);
  });

  it('a long query costs no more than its length', async () => {
    const lb = await startWithNode();
    const many = Array.from({ length: 1500 }, (_, index) => `node=${index}`).join('&');
    const { status, text } = await ask(lb.mcmpPort, `/api/v1/state?${many}&node=n1`);
    expect([status, readApi<{ readonly nodes: unknown[] }>('state', text).nodes.length]).toEqual([200, 1]);
    const longer = await ask(lb.mcmpPort, `/api/v1/state?node=${'x'.repeat(20_000)}`);
    expect(longer.status).toBeGreaterThanOrEqual(400);
    for (const query of [
      '?__proto__=1',
      '?constructor=1',
      `?${'x'.repeat(5000)}=1`,
      '?%ff=%fe',
      '?node=%ff%fe',
      '?%',
    ]) {
      const answer = await ask(lb.mcmpPort, `/api/v1/state${query}`);
      expect([query, answer.status]).toEqual([query, query.startsWith('?node') ? 200 : 400]);
      expect(answer.text.length).toBeLessThan(2000);
    }
  });

  it('a change comes with 200, and nothing else than MCMP refuses as the server’s fault (fast-check)', async () => {
    const lb = await startTestBalancer({ limits: { maxNodes: 3, maxContexts: 5, maxHosts: 5 } });
    const word = fc.constantFrom(
      'n1',
      'n2',
      'a',
      '/x',
      '/y',
      '',
      ',',
      'é',
      '<',
      '\u0000',
      '%',
      'x'.repeat(300),
      '__proto__',
    );
    const names = fc.constantFrom(
      'command',
      'route',
      'fields',
      'aliases',
      'contexts',
      'wildcard',
      'load',
      'node',
      'dryRun',
      'context',
      '__proto__',
    );
    const methods = fc.constantFrom('CONFIG', 'ENABLE-APP', 'STOP-APP', 'REMOVE-APP', 'STATUS', 'PING', 'INFO', 'GET');
    const fields = fc.array(
      fc.tuple(
        fc.constantFrom('JVMRoute', 'Host', 'Port', 'Alias', 'Context', 'Load', 'Type'),
        fc.oneof(word, fc.integer(), fc.array(word, { maxLength: 3 })),
      ),
      { maxLength: 5 },
    );
    const value = fc.oneof(
      word,
      methods,
      fields,
      fc.array(word, { maxLength: 3 }),
      fc.boolean(),
      fc.integer({ min: -2, max: 101 }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const sensible = fc.record(
      {
        command: methods,
        route: word,
        aliases: fc.array(word, { maxLength: 2 }),
        contexts: fc.array(word, { maxLength: 2 }),
        wildcard: fc.boolean(),
      },
      { requiredKeys: ['command'] },
    );
    const general = fc.record({ command: methods, fields });
    const anything = fc.array(fc.tuple(names, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
    const tables = async (): Promise<string> => {
      const { used, nodes } = readApi<{
        readonly used: object;
        readonly nodes: readonly { vhosts: object; load: number }[];
      }>('state', (await ask(lb.mcmpPort, '/api/v1/state')).text);
      return JSON.stringify([used, nodes.map(({ vhosts, load }) => [vhosts, load])]);
    };
    let before = await tables();
    await fc.assert(
      fc.asyncProperty(fc.oneof(sensible, general, anything, fc.string(), fc.json()), async (sent) => {
        const { status, text } = await command(lb.mcmpPort, typeof sent === 'string' ? sent : JSON.stringify(sent));
        expect([200, 400, 404, 409, 422]).toContain(status);
        const isAnswer = status === 200 || status === 409 || status === 422;
        readApi(isAnswer ? 'commandsAnswer' : 'error', text);
        const after = await tables();
        if (status !== 200) expect(after).toBe(before);
        before = after;
      }),
      { numRuns: 120, seed: 20_261_122 },
    );
    expect(lb.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('streams of the JSON API', () => {
  it('hold what a client sends behind its request back, and end with it', async () => {
    const lb = await startTestBalancer();
    const client = await openRaw(lb.mcmpPort);
    const host = hostPort(lb.mcmpPort);
    client.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${host}\r\n\r\nGET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await client.until((text) => text.includes('event: snapshot'));
    await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
    const text = await client.until((received) => received.includes('event: node-added'));
    expect(text.split('HTTP/1.1 200')).toHaveLength(2);
    client.close();
    await waitFor(async () => JSON.parse((await ask(lb.mcmpPort, '/api/v1/state')).text).clients.ofMcmpAlone < 3);
  });

  it('answer a thousand readers of events: some read, the others are told when to come back', async () => {
    const lb = await startTestBalancer();
    const host = hostPort(lb.mcmpPort);
    const clients = await Promise.all(Array.from({ length: 1000 }, () => openRaw(lb.mcmpPort)));
    for (const client of clients) client.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await Promise.all(
      clients.map((client) => client.until((text) => /event: snapshot|MCMP_TOO_MANY_READERS/.test(text))),
    );
    const reading = clients.filter((client) => client.received().startsWith('HTTP/1.1 200'));
    expect(reading).toHaveLength(64);
    await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
    await Promise.all(reading.map((client) => client.until((text) => text.includes('event: node-added'))));
  });

  it('give HTTP/1.0 and HEAD what they can take', async () => {
    const lb = await startTestBalancer();
    const old = await openRaw(lb.mcmpPort);
    old.write('GET /api/v1/events HTTP/1.0\r\n\r\n');
    const text = await old.until((received) => received.includes('event: snapshot'));
    expect(text).not.toMatch(/transfer-encoding/i);
    const head = await talk(
      lb.mcmpPort,
      `HEAD /api/v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect([head.status, head.body, head.headers.get('content-type')]).toEqual([200, '', 'text/event-stream']);
  });

  it('cannot be broken by names with line breaks and other words of the stream', async () => {
    const lb = await startTestBalancer({ dialect: 'httpd-2' });
    const client = await openRaw(lb.mcmpPort);
    client.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${hostPort(lb.mcmpPort)}\r\n\r\n`);
    await client.until((text) => text.includes('event: snapshot'));
    const evil = encodeURIComponent('x\n\nevent: reset\ndata: {}\n\n\u2028');
    await lb.mcmp('CONFIG', `JVMRoute=${evil}&Host=127.0.0.1&Port=9&Type=http`);
    await lb.mcmp('STATUS', `JVMRoute=${evil}&Load=200`);
    await lb.mcmp('CONFIG', 'JVMRoute=last&Host=127.0.0.1&Port=10&Type=http');
    const text = await client.until((received) => received.includes('"last"'));
    expect(text).not.toMatch(/^event: reset$/m);
  });
});
