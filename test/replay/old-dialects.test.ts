import { describe, expect, test } from 'vitest';
import { CRASHES, NGINX_DIFFERENCES } from '../core/dialects/nginx-differences.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { talk } from '../support/raw-http.ts';
import { balancerRecordings, bodyOf, type Exchange } from '../support/recordings.ts';
import { waitFor } from '../support/wait-for.ts';
import { checkSituations, command } from './checklist/situation.ts';
import { recordedAnswer } from './httpd-replay.ts';

const SILENCE = { status: 0, contentType: '', version: '', type: '', mess: '', body: '' };

/** nginx's own table sizes, and the balancer name it was recorded with. */
async function startNginx(): Promise<TestBalancer> {
  const limits = { maxNodes: 300, maxContexts: 200, maxHosts: 300 };
  return await startTestBalancer({ dialect: 'nginx', limits, defaultBalancer: 'balancer-name' });
}

/** Sends a recorded request on a connection of its own. */
async function replay({ mcmpPort }: TestBalancer, { request }: Exchange): Promise<typeof SILENCE> {
  const body = bodyOf(request);
  const recorded = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${request.method} ${request.uri} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n`;
  const answer = await talk(mcmpPort, `${head}${recorded.join('')}Content-Length: ${body.length}\r\n\r\n${body}`);
  if (answer.text === '') return SILENCE;
  const header = (name: string): string => answer.headers.get(name) ?? '';
  return {
    status: answer.status,
    contentType: answer.status === 404 || answer.status === 405 ? 'text/html' : header('content-type'),
    version: header('version'),
    type: header('type'),
    mess: header('mess'),
    body: answer.status >= 400 ? '(an HTML error page)' : answer.body.replace(/id=\d+/, 'id=GENERATION'),
  };
}

// The other files go on where these end, at moments that only nginx's timer knows: the machine is tested with them.
const WHOLE = [
  '01-empty-cluster.json',
  '02-one-node-life.json',
  '06-errors-config.json',
  '07-errors-apps.json',
  '08-errors-status-ping.json',
];

describe('mcmp serve --dialect nginx answers as the recorded nginx did', () => {
  const recordings = balancerRecordings('nginx_mod_cluster_module').filter(({ file }) => WHOLE.includes(file));
  test.for(recordings)('$file', async ({ file, exchanges }) => {
    let balancer = await startNginx();
    for (const [index, exchange] of exchanges.entries()) {
      const place = `${file}[${index}]`;
      const answer = await replay(balancer, exchange);
      const recorded = recordedAnswer(exchange);
      const readable = { ...recorded, body: recorded.body.replaceAll('\u0001', '') };
      if (NGINX_DIFFERENCES.has(place)) expect(answer, place).not.toEqual(readable);
      else expect(answer, `${place} ${exchange.request.method}`).toEqual(readable);
      if (CRASHES.has(place)) balancer = await startNginx();
    }
  });

  test('a peer whose PING is not answered learns it at once, by the end of the connection', async () => {
    const balancer = await startNginx();
    const { text, end } = await balancer.mcmp('PING');
    expect(text).toBe('');
    expect(['fin', 'reset']).toContain(end);
    expect((await balancer.mcmp('QUERY')).text).toBe('');
    expect((await balancer.mcmp('PING', 'JVMRoute=ghost')).headers.get('mess')).toBe("MEM: Can't read node");
  });

  test('a body of more than 16008 bytes is read as if there were none', async () => {
    const balancer = await startNginx();
    const long = await balancer.mcmp('CONFIG', `JVMRoute=n1&Foo=${'x'.repeat(20_000)}`);
    expect(long.headers.get('mess')).toBe("SYNTAX: JVMRoute can't be empty");
    expect((await balancer.mcmp('CONFIG', `JVMRoute=n1&Foo=${'x'.repeat(15_000)}`)).status).toBe(200);
  });

  checkSituations(
    [
      {
        id: 'MCMP-ROUTE-14 a disabled context is as good as stopped',
        nodes: [{ route: 'n1' }],
        commands: [['DISABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app']],
        path: '/app',
        headers: 'Cookie: JSESSIONID=abc.n1\r\n',
        answers: 404,
      },
      {
        id: 'MCMP-ROUTE-16 a node without STATUS',
        nodes: [{ route: 'n1', load: null }],
        path: '/app',
        answers: ['n1'],
      },
    ],
    'nginx',
  );
});

describe('mcmp serve --dialect httpd-1.3', () => {
  const start = async (): Promise<TestBalancer> => await startTestBalancer({ dialect: 'httpd-1.3' });

  test.for([
    ['MCMP-WIRE-32', 'ERROR', 'a=b', 'SYNTAX: Command is not supported'],
    ['the table has no rows', 'ADDID', 'JGroupUuid=u&JGroupData=d', "MEM: Can't update or insert JGroupId"],
    ['the table has no rows', 'REMOVEID', 'JGroupUuid=u', "MEM: Can't read JGroupId"],
    ['the table has no rows', 'QUERY', 'JGroupUuid=u', "MEM: Can't read JGroupId"],
  ] as const)('%s: %s %s is refused as an MCMP message', async ([, method, body, mess]) => {
    const answer = await (await start()).mcmp(method, body);
    expect({ status: answer.status, version: answer.headers.get('version'), mess: answer.headers.get('mess') }).toEqual(
      {
        status: 500,
        version: '0.2.1',
        mess,
      },
    );
  });

  test('QUERY of everything finds nothing, and a method that nobody knows is none', async () => {
    const balancer = await start();
    expect(await balancer.mcmp('QUERY', 'JGroupUuid=*')).toMatchObject({ status: 200, body: '' });
    expect((await balancer.mcmp('FOO')).status).toBe(501);
  });

  test('ADDID changes nothing from an address that may not manage the balancer', async () => {
    const balancer = await startTestBalancer({ dialect: 'httpd-1.3', mcmpAllow: [] });
    expect((await balancer.mcmp('ADDID', 'JGroupUuid=u')).status).toBe(403);
  });

  test('MCMP-APP-28: STOP-APP tells of the request that a node is still busy with, until it is over', async () => {
    const balancer = await start();
    let finish: () => void = () => {};
    const node = await startNode('n1', (_, response) => {
      finish = () => response.end('done');
    });
    await balancer.register('n1', node.port);
    const running = balancer.get('/app');
    await waitFor(() => node.seen.length === 1);
    const stop = (): Promise<string> => command(balancer, 'STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
    expect(await stop()).toBe('Type=STOP-APP-RSP&JvmRoute=n1&Alias=localhos&Context=/app&Requests=1\n');
    finish();
    expect((await running).body).toBe('done');
    await waitFor(async () => (await stop()).endsWith('&Requests=0\n'));
  });

  test('MCMP-CONFIG-46: a node that moves is refused once and serves again after its second CONFIG', async () => {
    const balancer = await start();
    const [old, moved] = [await startNode('old'), await startNode('moved')];
    await balancer.register('n1', old.port);
    const config = `JVMRoute=n1&Host=127.0.0.1&Port=${moved.port}&Type=http`;
    expect((await balancer.mcmp('CONFIG', config)).headers.get('mess')).toBe(
      'MEM: Old node with "REMOVED" JVMRoute still exists',
    );
    expect((await balancer.get('/app')).status).toBe(404);
    await balancer.register('n1', moved.port);
    expect((await balancer.get('/app')).body).toContain('"node":"moved"');
  });

  test('MCMP-STATUS-17: a STATUS without Load takes the node out of service', async () => {
    const balancer = await start();
    await balancer.register('n1', (await startNode('n1')).port);
    expect((await balancer.get('/app')).status).toBe(200);
    await command(balancer, 'STATUS', 'JVMRoute=n1');
    expect((await balancer.get('/app')).status).toBe(503);
  });
});
