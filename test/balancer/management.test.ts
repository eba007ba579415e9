import { expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { hostPort, openRaw, talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

it('answers 501 to MCMP on a port that does not receive it, and changes nothing (CVE-2011-4608)', async () => {
  const lb = await startTestBalancer();
  for (const command of ['CONFIG', 'ENABLE-APP', 'STATUS', 'REMOVE-APP', 'INFO', 'DUMP', 'PING', 'VERSION', 'config']) {
    const body = 'JVMRoute=evil&Host=127.0.0.1&Port=1&Type=http&Load=1';
    const answer = await talk(
      lb.port,
      `${command} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer.status, command).toBe(501);
    expect(answer.headers.has('mess'), command).toBe(false);
  }
  expect((await lb.mcmp('INFO')).body).toBe('');
});

it.each(['/', '*', '/*', '/anything', '/a/../b', '/%2e'])(
  'checks --mcmp-allow before a byte of the body, on target %s (CVE-2024-10306)',
  async (target) => {
    const lb = await startTestBalancer({ mcmpAllow: ['192.0.2.1'] });
    const client = await openRaw(lb.mcmpPort);
    client.write(`CONFIG ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n`);
    const answer = await client.closed();
    expect(answer.status).toBe(403);
    expect(answer.headers.has('type')).toBe(false);
  },
);

it('keeps an MCMP connection open over successes and errors, as Java nodes use it', async () => {
  const lb = await startTestBalancer();
  const client = await openRaw(lb.mcmpPort);
  const send = (command: string, body: string): void =>
    client.write(
      `${command} / HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  send('STATUS', 'JVMRoute=unknown&Load=1');
  await client.until((text) => text.includes('MEM: Can\'t read node with "unknown" JVMRoute'));
  send('PING', '');
  const text = await client.until((received) => received.includes('Type=PING-RSP&State=OK'));
  expect(text).not.toContain('Connection: close');
  for (const head of text.split('HTTP/1.1 ').slice(1)) expect(head).toMatch(/^\d{3} .*\r\n[\s\S]*Content-Length: \d+/);
});

it('reads a chunked MCMP body', async () => {
  const lb = await startTestBalancer();
  const body = 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http';
  const chunks = [...body].map((byte) => `1\r\n${byte}\r\n`).join('');
  const answer = await talk(
    lb.mcmpPort,
    `CONFIG / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
  );
  expect(answer.status).toBe(200);
  expect((await lb.mcmp('INFO')).body).toContain('Name: n1');
});

it('answers MEM to a message over --max-message and keeps nothing of it', async () => {
  const lb = await startTestBalancer({ maxMessageBytes: 1024 });
  const body = `JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http&X=${'x'.repeat(5000)}`;
  const announced = await lb.mcmp('CONFIG', body);
  expect([announced.status, announced.headers.get('type')]).toEqual([500, 'MEM']);
  const chunked = await talk(
    lb.mcmpPort,
    `CONFIG / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  );
  expect([chunked.status, chunked.headers.get('type')]).toEqual([500, 'MEM']);
  expect((await lb.mcmp('INFO')).body).toBe('');
});

it('refuses a browser that came by a foreign name (DNS rebinding), but not a node', async () => {
  const lb = await startTestBalancer();
  const info = (headers: string) => talk(lb.mcmpPort, `INFO / HTTP/1.1\r\nConnection: close\r\n${headers}\r\n`);
  expect((await info('Host: lb.example:8090\r\n')).status).toBe(200);
  expect((await info('Host: evil.example\r\nOrigin: http://evil.example\r\n')).status).toBe(421);
  expect((await info('Host: evil.example\r\nSec-Fetch-Site: same-origin\r\n')).status).toBe(421);
  const explain = (host: string) =>
    talk(lb.mcmpPort, `GET /api/v1/explain?url=/app HTTP/1.1\r\nConnection: close\r\nHost: ${host}\r\n\r\n`);
  expect((await explain('evil.example')).status).toBe(421);
  expect((await explain(hostPort(lb.mcmpPort))).status).toBe(200);
  expect((await explain('localhost:1')).status).toBe(200);
});

it('pings the node on STATUS and says NOTOK when it does not answer', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  expect(node.pings()).toBe(1);
  node.kill();
  expect((await lb.mcmp('STATUS', 'JVMRoute=n1&Load=50')).body).toContain('State=NOTOK');
  expect((await lb.get('/app')).status).toBe(503);
});

it('explains where a request would go, without counting it', async () => {
  const lb = await startTestBalancer();
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  const answer = await talk(
    lb.mcmpPort,
    `GET /api/v1/explain?url=/app/x&header=Cookie:%20JSESSIONID%3Da.n1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  const explanation: unknown = JSON.parse(answer.body);
  expect(explanation).toMatchObject({ context: '/app', reason: 'sticky' });
  expect((await lb.mcmp('INFO')).body).toContain('Elected: 0');
});

it('explains for the Host header rather than for the host of the URL, and shows a node in error as INFO does', async () => {
  const lb = await startTestBalancer();
  await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=ajp');
  await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/app');
  expect((await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100')).body).toContain('State=NOTOK');
  const answer = await talk(
    lb.mcmpPort,
    'GET /api/v1/explain?url=http://a/app&header=Host:%20b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  );
  expect(JSON.parse(answer.body)).toMatchObject({ host: { name: 'b' }, candidates: [{ node: 'n1', load: -1 }] });
});

it('finishes what runs, refuses what is new, and closes, when it is asked to stop', async () => {
  const lb = await startTestBalancer();
  let finish: () => void = () => {};
  const node = await startNode('n1', (_request, response) => {
    finish = () => response.end('finished');
  });
  await lb.register('n1', node.port);
  const [busy, idle] = [await openRaw(lb.port), await openRaw(lb.port)];
  busy.write('GET /app HTTP/1.1\r\nHost: a\r\n\r\n');
  await waitFor(() => node.seen.length === 1);
  const closing = lb.balancer.close();
  await idle.closed();
  await expect(openRaw(lb.port)).rejects.toThrow();
  finish();
  const answer = await busy.closed();
  expect(answer.body).toBe('finished');
  expect(answer.headers.get('connection')).toBe('close');
  await closing;
});

it('takes over new settings while it runs, and says which ones need a restart', async () => {
  const { TEST_OPTIONS } = await import('../support/balancer.ts');
  const lb = await startTestBalancer();
  const changed = lb.balancer.reload({ ...TEST_OPTIONS, mcmpAllow: ['192.0.2.1'], useAlias: true });
  expect(changed).toEqual(['useAlias']);
  expect((await lb.mcmp('INFO')).status).toBe(403);
});

it('says 408 to a head that never ends, and closes a connection that never begins', async () => {
  const lb = await startTestBalancer({ headerTimeoutMs: 300 });
  const [slow, silent] = [await openRaw(lb.port), await openRaw(lb.port)];
  slow.write('GET /app HTTP/1.1\r\nHost: a\r\nX-Slow: ');
  expect((await slow.closed()).status).toBe(408);
  expect((await silent.closed()).text).toBe('');
});

it('answers 503 above --max-connections and still lets the operator in', async () => {
  const lb = await startTestBalancer({ maxConnections: 2 });
  const kept = [await openRaw(lb.port), await openRaw(lb.port)];
  kept[0]?.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
  await kept[0]?.until((text) => text.includes('404'));
  kept[1]?.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
  await kept[1]?.until((text) => text.includes('404'));
  const answer = await lb.get('/x');
  expect([answer.status, answer.headers.get('x-mcmp-reason')]).toEqual([503, 'too-many-connections']);
  expect((await lb.mcmp('INFO')).status).toBe(200);
  const host = hostPort(lb.mcmpPort);
  const { body } = await talk(lb.mcmpPort, `GET /metrics HTTP/1.0\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const refused = body.split('\n').filter((line) => line.startsWith('mcmp_client_connections_refused_total{'));
  expect(refused.map((line) => line.replace(/^\w+/, ''))).toEqual(['{listener="web"} 1', '{listener="mcmp"} 0']);
});

it.each(['127.0.0.1', 'localhost', '127.9.9.9', '[::1]', '0.0.0.0'])(
  'refuses a node whose address is the balancer itself: %s',
  async (host) => {
    const lb = await startTestBalancer();
    for (const port of [lb.port, lb.mcmpPort]) {
      const answer = await lb.mcmp('CONFIG', `JVMRoute=loop&Host=${encodeURIComponent(host)}&Port=${port}&Type=http`);
      expect([answer.status, answer.headers.get('type')]).toEqual([500, 'MEM']);
    }
    expect((await lb.mcmp('INFO')).body).toBe('');
  },
);

it('refuses to put the manager page where something else is', async () => {
  await expect(startTestBalancer({ managerPath: '/metrics' })).rejects.toMatchObject({ code: 'MCMP_PATH_TAKEN' });
  const lb = await startTestBalancer({ managerPath: '/mod_cluster_manager' });
  expect(
    (await talk(lb.mcmpPort, 'GET /mod_cluster_manager HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'))
      .status,
  ).toBe(200);
});
