import { describe, expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import { hostPort, type RawAnswer, talk } from '../support/raw-http.ts';

/** As `mcmp serve` has them without flags. */
const LIMITS = { maxNodes: 100_000, maxContexts: 1_000_000, maxHosts: 100_000 };
const MIB = 1024 * 1024;
/** Whatever a peer sends, it costs no more work than this, and so everyone else waits no longer. */
const MOST_CPU_MS = 1000;

const NODE = 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http';

/** Sends a message, and sees to it that the answer comes in time, on a machine that has nothing else to do. */
async function timely(lb: TestBalancer, command: string, body: string, target = '/'): Promise<RawAnswer> {
  const before = process.cpuUsage();
  const answer = await lb.mcmp(command, body, target);
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000;
  expect(cpuMs, `${command} of ${body.length} bytes, answered ${answer.status}`).toBeLessThan(MOST_CPU_MS);
  return answer;
}

function list(count: number, element: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => element(i)).join();
}

/** As many elements as a message of the largest size holds. */
function filling(prefix: string, pair: (i: number) => string, separator: string): string {
  let body = prefix;
  for (let i = 0; ; i++) {
    const next = pair(i);
    if (body.length + next.length + 1 > MIB) return body;
    body += (i === 0 ? '' : separator) + next;
  }
}

describe('a message of 1 MiB costs less than a second', () => {
  const bodies: readonly [string, string, string][] = [
    ['CONFIG', 'pairs of Alias and Context', filling(`${NODE}&`, (i) => `Alias=a${i}&Context=/${i}`, '&')],
    ['CONFIG', '1 alias with many contexts', filling(`${NODE}&Alias=a&Context=`, (i) => `/${i}`, ',')],
    ['CONFIG', 'many aliases with 1 context', filling(`${NODE}&Context=/a&Alias=`, (i) => `a${i}`, ',')],
    ['CONFIG', 'the same context over and over', filling(`${NODE}&Alias=a&`, () => 'Context=/same', '&')],
    ['CONFIG', 'commas', `${NODE}&Alias=a&Context=/a${','.repeat(MIB - 100)}`],
    ['CONFIG', 'equals signs', `${NODE}&X=${'='.repeat(MIB - 100)}`],
    ['CONFIG', 'ampersands', `${NODE}${'&'.repeat(MIB - 100)}`],
    ['CONFIG', 'percent signs', `${NODE}&X=${'%'.repeat(MIB - 100)}`],
    ['CONFIG', 'escapes', `${NODE}&X=${'%41'.repeat(MIB / 3 - 100)}`],
    ['CONFIG', 'unknown fields', filling(`${NODE}&`, (i) => `X${i}=1`, '&')],
    ['CONFIG', 'one long value', `${NODE}&Domain=${'x'.repeat(MIB - 100)}`],
    ['CONFIG', 'JVMRoute over and over', filling('', (i) => `JVMRoute=r${i}`, '&')],
    ['ENABLE-APP', 'pairs of Alias and Context', filling('JVMRoute=n1&', (i) => `Alias=a${i}&Context=/${i}`, '&')],
    [
      'ENABLE-APP',
      'many aliases times many contexts',
      `JVMRoute=n1&Alias=${list(70_000, (i) => `a${i}`)}&Context=${list(70_000, (i) => `/${i}`)}`,
    ],
    ['STATUS', 'unknown fields', filling('JVMRoute=n1&', (i) => `X${i}=1`, '&')],
    ['STATUS', 'Load over and over', filling('JVMRoute=n1&', (i) => `Load=${i % 100}`, '&')],
    ['PING', 'equals signs', `JVMRoute=${'='.repeat(MIB - 100)}`],
    ['INFO', 'anything', filling('', (i) => `X${i}=%41`, '&')],
    ['REMOVE-APP', 'many contexts of nobody', filling('JVMRoute=nobody&Alias=a&Context=', (i) => `/${i}`, ',')],
    ['STOP-APP', 'many contexts of nobody', filling('JVMRoute=nobody&Alias=a&Context=', (i) => `/${i}`, ',')],
    [
      'ENABLE-APP',
      'as many aliases times long contexts as are taken, each of which the report repeats',
      `JVMRoute=n1&Alias=${list(76, (i) => `a${i}`)}&Context=${list(13_000, (i) => `/${'x'.repeat(60)}${i}`)}`,
    ],
    [
      'STOP-APP',
      'many aliases times many contexts of nobody',
      `JVMRoute=nobody&Alias=${list(70_000, (i) => `a${i}`)}&Context=${list(70_000, (i) => `/${i}`)}`,
    ],
  ];
  it.each(bodies.map(([command, what, body]) => ({ command, what, body })))(
    '$command: $what',
    async ({ command, body }) => {
      const lb = await startTestBalancer({ limits: LIMITS });
      expect((await lb.mcmp('CONFIG', NODE)).status).toBe(200);
      await timely(lb, command, body);
      await timely(lb, 'VERSION', '');
      await timely(lb, 'REMOVE-APP', 'JVMRoute=n1', '/*');
      expect(lb.log.filter(({ message }) => message.startsWith('A bug'))).toEqual([]);
    },
  );

  it('also each of the commands that follow a large CONFIG', async () => {
    const lb = await startTestBalancer({ limits: LIMITS });
    const apps = filling('Alias=a,b,c,d,e&Context=', (i) => `/${i}`, ',').slice(0, 900_000);
    expect((await timely(lb, 'CONFIG', `${NODE}&${apps}`)).status).toBe(200);
    for (const command of ['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'ENABLE-APP', 'REMOVE-APP', 'ENABLE-APP']) {
      const answer = await timely(lb, command, `JVMRoute=n1&${apps}`);
      expect(answer.status, answer.headers.get('mess')).toBe(200);
    }
    for (const command of ['DISABLE-APP', 'ENABLE-APP', 'STOP-APP']) await timely(lb, command, 'JVMRoute=n1', '/*');
    await timely(lb, 'CONFIG', `${NODE}&${apps}`);
    await timely(lb, 'REMOVE-APP', 'JVMRoute=n1', '/*');
    await timely(lb, 'CONFIG', NODE);
    expect((await lb.mcmp('INFO')).body).not.toContain('Context:');
  });
});

describe('limits', () => {
  it('10,000 routes are taken and given back in no time each', { timeout: 60_000 }, async () => {
    const lb = await startTestBalancer({ limits: LIMITS });
    for (let start = 0; start < 10_000; start += 100) {
      const messages = Array.from({ length: 100 }, (_, i) => {
        const route = start + i;
        const body = `JVMRoute=r${route}&Host=h${route}&Port=${1 + route}&Type=http&Alias=a&Context=/c${route % 7}`;
        const last = i === 99 ? 'Connection: close\r\n' : '';
        return `CONFIG / HTTP/1.1\r\nHost: ${hostPort(lb.mcmpPort)}\r\n${last}Content-Length: ${body.length}\r\n\r\n${body}`;
      });
      const { text } = await talk(lb.mcmpPort, messages.join(''));
      expect(text.match(/^HTTP\/1\.1 200 /gm)).toHaveLength(100);
    }
    await timely(lb, 'INFO', '');
    await timely(lb, 'DUMP', '');
    await timely(lb, 'STATUS', 'JVMRoute=r9999&Load=-1');
    await timely(lb, 'REMOVE-APP', 'JVMRoute=r5000', '/*');
  });

  it.each([
    [
      'nodes',
      { maxNodes: 1, maxHosts: 10, maxContexts: 10 },
      'CONFIG',
      'JVMRoute=n2&Host=127.0.0.2&Port=9&Type=http&Alias=b&Context=/b',
    ],
    ['aliases', { maxNodes: 10, maxHosts: 2, maxContexts: 10 }, 'ENABLE-APP', 'JVMRoute=n1&Alias=a,b,c&Context=/a,/b'],
    [
      'contexts',
      { maxNodes: 10, maxHosts: 10, maxContexts: 2 },
      'ENABLE-APP',
      'JVMRoute=n1&Alias=a,b&Context=/a,/b,/c',
    ],
    [
      'contexts of a new node',
      { maxNodes: 10, maxHosts: 10, maxContexts: 2 },
      'CONFIG',
      'JVMRoute=n2&Host=127.0.0.2&Port=9&Type=http&Alias=b&Context=/b,/c,/d',
    ],
    [
      'contexts named by what came early',
      { maxNodes: 10, maxHosts: 10, maxContexts: 2 },
      'STOP-APP',
      `JVMRoute=late&Alias=a&Context=${list(10_001, (i) => `/${i}`)}`,
    ],
  ] as const)('over the limit of %s: MEM, and nothing half done', async (_, limits, command, body) => {
    const lb = await startTestBalancer({ limits });
    expect((await lb.mcmp('CONFIG', `${NODE}&Alias=a&Context=/a`)).status).toBe(200);
    const before = (await lb.mcmp('DUMP')).body;
    const answer = await timely(lb, command, body);
    expect([answer.status, answer.headers.get('type')]).toEqual([500, 'MEM']);
    expect((await lb.mcmp('DUMP')).body).toBe(before);
  });

  it('commands that come before their node fill a bounded table', async () => {
    const lb = await startTestBalancer({ limits: LIMITS });
    let refused = 0;
    for (let i = 0; i < 30; i++) {
      const answer = await timely(lb, 'STOP-APP', `JVMRoute=r${i}&Alias=a&Context=${list(1000, (j) => `/${j}`)}`);
      if (answer.status === 500) {
        refused++;
        expect(answer.headers.get('type')).toBe('MEM');
      }
    }
    expect(refused).toBe(20);
  });
});

describe('CVE-2016-3110, CVE-2016-8612: what has crashed other balancers', () => {
  it.each([
    ['CONFIG', 'JVMRoute=a======'],
    ['CONFIG', '====='],
    ['CONFIG', 'JVMRoute'],
    ['CONFIG', '&&&&'],
    ['CONFIG', 'JVMRoute=&Host='],
    ['ENABLE-APP', ''],
    ['ENABLE-APP', 'JVMRoute'],
    ['ENABLE-APP', 'JVMRoute=n1&Alias'],
    ['DISABLE-APP', 'JVMRoute=n1&Alias=&Context='],
    ['STOP-APP', 'JVMRoute=n1&Alias=a,&Context=,'],
    ['STOP-APP', 'JVMRoute=n1&Alias=,,,&Context=,,,'],
    ['STATUS', 'Load=1'],
    ['STATUS', 'JVMRoute'],
    ['STATUS', 'JVMRoute='],
    ['STATUS', `JVMRoute=${'x'.repeat(100_000)}`],
    ['STATUS', 'JVMRoute=n1&Load=1e999'],
    ['PING', 'Scheme=http&Host='],
    ['PING', 'Scheme=http&Host=127.0.0.1&Port=99999999999999999999'],
    ['PING', 'Scheme=http&Host=%00&Port=1'],
    ['PING', '='],
    ['INFO', '%'],
    ['DUMP', '\0'],
    ['VERSION', '%%%'],
  ])('%s %s', async (command, body) => {
    const lb = await startTestBalancer();
    expect((await lb.mcmp('CONFIG', NODE)).status).toBe(200);
    expect([200, 500]).toContain((await timely(lb, command, body)).status);
    expect((await lb.mcmp('INFO')).body).toContain('Name: n1');
    expect(lb.log.filter(({ message }) => message.startsWith('A bug'))).toEqual([]);
  });
});

describe('names that mean something to JavaScript are only names', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

  it.each(names)('%s as a route, alias, context, balancer, domain, cookie and field', async (name) => {
    const lb = await startTestBalancer({ useAlias: true });
    const node = await startNode(name);
    await lb.register(name, node.port, {
      contexts: `/${name}`,
      alias: name,
      config: `Balancer=${name}&Domain=${name}&StickySessionCookie=${name}&StickySessionPath=${name}&${name}=${name}`,
    });
    const request = (headers: string) => lb.get(`/${name}/x;${name}=a.${name}?${name}`, headers);
    expect((await request(`X: y\r\n${name}: ${name}\r\nCookie: ${name}=a.${name}\r\n`)).status).toBe(404);
    for (const command of ['DISABLE-APP', 'STOP-APP', 'ENABLE-APP']) {
      expect((await lb.mcmp(command, `JVMRoute=${name}&Alias=${name}&Context=/${name}`)).status).toBe(200);
    }
    for (const command of ['INFO', 'DUMP']) expect((await lb.mcmp(command)).body).toContain(name);
    for (const [command, body] of [
      ['STATUS', `${name}=1&JVMRoute=not-${name}`],
      ['STATUS', `JVMRoute=not-${name}&Load=1`],
      ['PING', `Scheme=${name}&Host=${name}&Port=${name}`],
      [name.toUpperCase(), ''],
    ] as const) {
      expect([400, 404, 500, 501]).toContain((await lb.mcmp(command, body)).status);
    }
    expect(Object.hasOwn(Object.prototype, 'JVMRoute')).toBe(false);
    expect((await lb.mcmp('REMOVE-APP', `JVMRoute=${name}`, '/*')).status).toBe(200);
    expect(lb.log.filter(({ message }) => message.startsWith('A bug'))).toEqual([]);
  });

  it('as an alias, it is matched like any other', async () => {
    const lb = await startTestBalancer({ useAlias: true });
    const node = await startNode('n1');
    await lb.register('n1', node.port, { alias: 'constructor', contexts: '/app' });
    expect((await lb.get('/app')).status).toBe(404);
    const { status } = await talk(lb.port, 'GET /app HTTP/1.1\r\nHost: constructor\r\nConnection: close\r\n\r\n');
    expect(status).toBe(200);
  });
});
