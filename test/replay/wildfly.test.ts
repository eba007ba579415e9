import { describe, expect, test } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { carriedOut, type NodeMind, readInfoAsNode, resetRequests } from '../support/java-node.ts';
import { startNode } from '../support/node-server.ts';
import { talk } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';
import { asJavaNode, createPeer, type McmpPeer, type NodeAnswer } from './mcmp-peer.ts';

const ALIASES = ['default-host', 'localhost'];
const PATHS = ['/', '/app', '/wildfly-services'];

interface WildFly {
  readonly balancer: TestBalancer;
  readonly peer: McmpPeer;
  readonly port: number;
  readonly config: string;
  readonly mind: NodeMind;
  /** Sends a request that has to succeed; the context in plain letters. */
  tell(command: string, context?: string, aliases?: readonly string[]): Promise<NodeAnswer>;
  status(): Promise<NodeAnswer>;
  /** What a client gets for a path. */
  get(path: string): Promise<number>;
  /** Status of each context by path, as the node reads it from INFO. */
  contexts(): Promise<Map<string, string>>;
}

async function startWildFly(options: Parameters<typeof startTestBalancer>[0] = {}): Promise<WildFly> {
  const balancer = await startTestBalancer(options);
  const { port } = await startNode('wf1');
  const peer = createPeer(balancer.mcmpPort);
  const config = `JVMRoute=wf1&Host=127.0.0.1&Maxattempts=1&Port=${port}&StickySessionForce=No&Type=http&ping=10`;
  const ask = async (line: string, body: string): Promise<NodeAnswer> => {
    const answer = await peer.ask(asJavaNode(line, `127.0.0.1:${balancer.mcmpPort}`, body));
    expect(answer.status, `${line} ${body}\n${answer.head}`).toBe(200);
    return answer;
  };
  const host = {
    name: 'default-host',
    aliases: new Set(ALIASES),
    contexts: new Map(PATHS.map((path) => [path, true])),
  };
  return {
    balancer,
    peer,
    port,
    config,
    mind: { route: 'wf1', config, autoEnable: true, hosts: [host] },
    tell(command, context, aliases = ALIASES) {
      if (command === 'CONFIG') return ask('CONFIG /', config);
      if (command === 'INFO') return ask('INFO /', '');
      if (context === undefined) return ask(`${command} /*`, 'JVMRoute=wf1');
      const alias = encodeURIComponent(aliases.join(','));
      return ask(`${command} /`, `JVMRoute=wf1&Alias=${alias}&Context=${encodeURIComponent(context)}`);
    },
    status: () => ask('STATUS /', 'JVMRoute=wf1&Load=1'),
    async get(path) {
      const { status } = await balancer.get(path);
      return status;
    },
    async contexts() {
      const { body } = await ask('INFO /', '');
      const vhosts = readInfoAsNode(body).get('wf1') ?? [];
      expect(vhosts.length, 'virtual hosts').toBeLessThanOrEqual(1);
      return new Map(vhosts[0]?.contexts);
    },
  };
}

function all(status: string): Map<string, string> {
  return new Map(PATHS.map((path) => [path, status]));
}

async function boot(node: WildFly): Promise<void> {
  await node.tell('INFO');
  await node.tell('CONFIG');
  for (const path of PATHS) await node.tell('STOP-APP', path);
  await node.status();
  for (const path of PATHS) await node.tell('ENABLE-APP', path);
}

describe('a booting WildFly', () => {
  test('may send STOP-APP before CONFIG: its contexts are there and stopped after it', async () => {
    const node = await startWildFly();
    await node.tell('INFO');
    for (const path of PATHS) await node.tell('STOP-APP', path);
    expect(await node.contexts()).toEqual(new Map());
    await node.tell('CONFIG');
    expect(await node.contexts()).toEqual(all('STOPPED'));
    await node.status();
    expect(await node.get('/app')).toBe(404);
    for (const path of PATHS) await node.tell('ENABLE-APP', path);
    expect(await node.contexts()).toEqual(all('ENABLED'));
    expect(await node.get('/app')).toBe(200);
    expect(node.peer.connections(), 'nothing made the node close its connection').toBe(1);
  });

  test('may send CONFIG between two STOP-APP, from two threads', async () => {
    const node = await startWildFly();
    await node.tell('INFO');
    await node.tell('STOP-APP', '/');
    await node.tell('CONFIG');
    await node.tell('STOP-APP', '/app');
    await node.status();
    await node.tell('STOP-APP', '/wildfly-services');
    expect(await node.contexts()).toEqual(all('STOPPED'));
  });

  test('is kept and gets no request while it is not ready', async () => {
    const node = await startWildFly();
    await node.tell('CONFIG');
    for (const path of PATHS) await node.tell('STOP-APP', path);
    await node.status();
    expect([await node.get('/'), await node.get('/app')]).toEqual([404, 404]);
  });

  test('may name its two aliases in any order, and still has one virtual host', async () => {
    const node = await startWildFly();
    await node.tell('CONFIG');
    await node.tell('STOP-APP', '/', ['localhost', 'default-host']);
    await node.tell('STOP-APP', '/app', ['default-host', 'localhost']);
    await node.tell('ENABLE-APP', '/', ['default-host', 'localhost']);
    const { body } = await node.tell('INFO');
    const vhosts = readInfoAsNode(body).get('wf1');
    expect(vhosts).toEqual([
      {
        aliases: new Set(ALIASES),
        contexts: new Map([
          ['/', 'ENABLED'],
          ['/app', 'STOPPED'],
        ]),
      },
    ]);
  });
});

describe('a WildFly that registers again', () => {
  test('loses nothing after a STATUS that it found refused, although it has two aliases', async () => {
    const node = await startWildFly();
    await boot(node);
    const { body } = await node.tell('INFO');
    const requests = resetRequests(node.mind, readInfoAsNode(body));
    expect(requests.map(({ line }) => line)).toEqual(['CONFIG /']);
    for (const request of requests) await node.tell(request.line.split(' ')[0] ?? '');
    await node.status();
    expect(await node.contexts()).toEqual(all('ENABLED'));
    expect(await node.get('/app')).toBe(200);
  });

  test('finds aliases as it spelled them, and is found by them in any spelling', async () => {
    const node = await startWildFly({ useAlias: true });
    const aliases = ['default-host', 'Shop.Example.COM'];
    await node.tell('CONFIG');
    await node.tell('ENABLE-APP', '/app', aliases);
    await node.tell('ENABLE-APP', '/', aliases);
    await node.tell('DISABLE-APP', '/', ['DEFAULT-HOST', 'shop.example.com']);
    const { body } = await node.tell('INFO');
    const host = {
      name: 'default-host',
      aliases: new Set(aliases),
      contexts: new Map([
        ['/app', true],
        ['/', true],
      ]),
    };
    const requests = resetRequests({ ...node.mind, hosts: [host] }, readInfoAsNode(body));
    expect(requests.map(({ line }) => line)).toEqual(['CONFIG /', 'ENABLE-APP /']);
    await node.status();
    const { port } = node.balancer;
    for (const name of ['shop.example.com', 'SHOP.EXAMPLE.COM:8080']) {
      const answer = await talk(port, `GET /app HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
      expect(answer.status, name).toBe(200);
    }
    for (const path of ['/', '/app']) await node.tell('REMOVE-APP', path, ['shop.example.com', 'default-host']);
    expect((await node.tell('INFO')).body).not.toContain('Vhost');
  });

  test('finds its contexts again after the balancer forgot everything', async () => {
    const node = await startWildFly();
    const { body } = await node.tell('INFO');
    const requests = resetRequests(node.mind, readInfoAsNode(body));
    expect(carriedOut(new Map(), requests)).toEqual(all('ENABLED'));
    await node.tell('CONFIG');
    for (const path of PATHS) await node.tell('ENABLE-APP', path);
    await node.status();
    expect(await node.contexts()).toEqual(all('ENABLED'));
  });
});

describe('a WildFly that leaves', () => {
  test('may go through DISABLE and STOP twice before it removes its contexts', async () => {
    const node = await startWildFly();
    await boot(node);
    for (const path of PATHS) {
      await node.tell('DISABLE-APP', path);
      expect((await node.tell('STOP-APP', path)).body).toMatch(/&Requests=0\n$/);
    }
    expect(await node.contexts()).toEqual(all('STOPPED'));
    await node.status();
    for (const path of PATHS) {
      await node.tell('DISABLE-APP', path);
      expect((await node.tell('STOP-APP', path)).body).toMatch(/&Requests=0\n$/);
      await node.tell('REMOVE-APP', path);
    }
    expect(await node.contexts()).toEqual(new Map());
    await node.tell('REMOVE-APP');
    expect([await node.get('/'), await node.get('/app')]).toEqual([404, 404]);
    expect(node.peer.connections()).toBe(1);
  });

  test('suspended and resumed, keeps its contexts and takes requests again', async () => {
    const node = await startWildFly();
    await boot(node);
    for (const path of PATHS) {
      await node.tell('DISABLE-APP', path);
      await node.tell('STOP-APP', path);
    }
    await node.status();
    expect(await node.get('/app')).toBe(404);
    for (const path of PATHS) await node.tell('ENABLE-APP', path);
    expect(await node.get('/app')).toBe(200);
  });

  test('reloaded, is back at the same address within a second, with nothing left of before', async () => {
    const node = await startWildFly();
    await boot(node);
    await node.tell('ENABLE-APP', '/old');
    await node.tell('REMOVE-APP');
    expect(await node.contexts()).toEqual(new Map());
    node.peer.close();
    await node.tell('INFO');
    await node.tell('STOP-APP', '/');
    await node.tell('CONFIG');
    for (const path of PATHS) await node.tell('STOP-APP', path);
    expect((await node.status()).body).toContain('State=OK');
    for (const path of PATHS) await node.tell('ENABLE-APP', path);
    expect(await node.contexts()).toEqual(all('ENABLED'));
    expect(await node.get('/app')).toBe(200);
    expect(node.peer.connections()).toBe(2);
  });

  test('reloaded, outlives the time after which a removed node is forgotten', async () => {
    const balancer = await startTestBalancer({ waitBeforeRemoveMs: 300 });
    const { port } = await startNode('wf1');
    await balancer.register('wf1', port);
    await balancer.mcmp('REMOVE-APP', 'JVMRoute=wf1', '/*');
    await balancer.register('wf1', port);
    await balancer.register('late', (await startNode('late')).port);
    await balancer.mcmp('REMOVE-APP', 'JVMRoute=late', '/*');
    await waitFor(async () => !(await balancer.mcmp('INFO')).body.includes('Name: late'));
    expect((await balancer.mcmp('INFO')).body).toContain('Context: /app, Status: ENABLED');
    expect((await balancer.get('/app')).status).toBe(200);
  });
});
