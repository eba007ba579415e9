import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../../support/balancer.ts';
import { createHandClock } from '../../support/hand-clock.ts';
import { waitFor } from '../../support/wait-for.ts';
import { MEM, outline, SYNTAX, scripted, stagedNode, statusAnswer } from './stage.ts';

const COMING = ['INFO', 'CONFIG', 'ENABLE-APP /app', 'STATUS'];

describe('one of several balancers', () => {
  it('that is dead, silent, refusing or misunderstanding keeps the node from no other', async () => {
    const dead = await scripted();
    await dead.close();
    const silent = await scripted(() => 'silence');
    const refusing = await scripted(({ method }) => (method === 'CONFIG' ? MEM : {}));
    const deaf = await scripted(() => SYNTAX);
    const good = await scripted();
    const { node } = stagedNode([dead, silent, refusing, deaf, good], { statusIntervalMs: 20 });
    await good.until(() => good.requests.filter(({ method }) => method === 'STATUS').length > 3);
    await waitFor(() => node.registrations()[3]?.state === 'rejected');
    const failed = await node.registered(20).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failed).toMatchObject({ code: 'MCMP_NOT_REGISTERED', kind: 'timeout' });
    expect(failed?.message).toContain(`127.0.0.1:${dead.port}: cannot connect to`);
    expect(failed?.message).toContain(`127.0.0.1:${silent.port}: introducing`);
    expect(failed?.message).toContain(`127.0.0.1:${refusing.port}: CONFIG: MEM: Can't read node`);
    expect(failed?.message).toContain(`127.0.0.1:${deaf.port}: INFO: SYNTAX: Domain field too big`);
    expect(failed?.message).not.toContain(`127.0.0.1:${good.port}:`);
  });

  it('can join later, and leave by itself', async () => {
    const [first, second] = [await scripted(), await scripted()];
    const { node } = stagedNode([first], { connector: { host: '127.0.0.1', port: 8080, inFlight: () => 1 } });
    await node.registered(5000);
    node.addBalancer(second.url);
    node.addBalancer(new URL(second.url));
    await node.registered(5000);
    expect(outline(second.requests)).toEqual(COMING);
    const before = first.requests.length;
    await node.removeBalancer(second.url);
    // Its own count of requests is no reason to wait: they may be those of the other.
    expect(outline(second.requests).slice(4)).toEqual([
      'DISABLE-APP /app',
      'STOP-APP /app',
      'REMOVE-APP /app',
      'REMOVE-APP /*',
    ]);
    expect(first.requests).toHaveLength(before);
    expect(node.registrations()).toHaveLength(1);
    node.addBalancer(second.url);
    await node.registered(5000);
    expect(outline(second.requests).slice(8)).toEqual(COMING);
  });

  it('hears what an operator says, and gives each answer', async () => {
    const [first, second] = [await scripted(), await scripted(({ method }) => (method === 'PING' ? MEM : {}))];
    const { node } = stagedNode([first, second]);
    await node.registered(5000);
    const said = await node.say({ method: 'PING', target: '/', pairs: [['JVMRoute', 'n1']] });
    expect(said.map(({ answer }) => (answer instanceof Error ? answer.message : answer.status))).toEqual([200, 500]);
    expect(node.registrations().map(({ state }) => state)).toEqual(['registered', 'registered']);
  });

  it('is spoken to anew, over another connection, when the node is refreshed', async () => {
    const peer = await scripted();
    const { node } = stagedNode([peer]);
    await node.registered(5000);
    node.refresh();
    await peer.until(() => peer.requests.length === 8);
    expect(outline(peer.requests)).toEqual([...COMING, ...COMING]);
    expect(peer.requests.map(({ connection }) => connection)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });
});

describe('brands', () => {
  const contexts = ['/a', '/b', '/c'];
  it.each([
    ['Apache/2.4.62 (Unix) mod_proxy_cluster/2.0.0.Dev', true],
    ['Apache/2.4.6 (Unix) mod_cluster/1.3.16.Final', true],
    ['nginx/1.6.3', true],
    ['mcmp/0.1.0', true],
    ['mod_cluster_undertow/2.3.27.Final', false],
    ['Apache', false],
  ])('%s takes several contexts in one command: %s', async (server, lists) => {
    const peer = await scripted(({ method }) => (method === 'INFO' ? { headers: { Server: server } } : {}));
    const { node } = stagedNode([peer], { contexts });
    await node.registered(5000);
    expect(outline(peer.requests).slice(2, -1)).toEqual(
      lists ? ['ENABLE-APP /a,/b,/c'] : ['ENABLE-APP /a', 'ENABLE-APP /b', 'ENABLE-APP /c'],
    );
    const before = peer.requests.length;
    await node.leave();
    // The answer to STOP-APP counts the requests of one context.
    expect(outline(peer.requests.slice(before)).filter((line) => line.startsWith('STOP-APP'))).toHaveLength(3);
  });

  it.each(['/context-number-', '/приложение-'])(
    'get no message that the smallest of them would cut: %s',
    async (name) => {
      const many = Array.from({ length: 200 }, (_, index) => `${name}${index}`);
      const peer = await scripted(({ method }) => (method === 'INFO' ? { headers: { Server: 'mcmp/1.0' } } : {}));
      const { node } = stagedNode([peer], { contexts: many });
      await node.registered(5000);
      const enables = peer.requests.filter(({ method }) => method === 'ENABLE-APP');
      expect(Math.max(...enables.map(({ body }) => body.length))).toBeLessThan(1024);
      expect(enables.length).toBeLessThan(20);
      expect(outline(enables).flatMap((line) => line.replace('ENABLE-APP ', '').split(','))).toEqual(many);
    },
  );

  it('are warned about what their limits are, before it is sent (needs B17, B18)', async () => {
    const peer = await scripted(({ method }) => (method === 'INFO' ? { headers: { Server: 'mcmp/1.0' } } : {}));
    const long = `/${'c'.repeat(100)}`;
    const mcmp = stagedNode([peer], { contexts: [long], config: { Domain: `it's`, StickySession: 'perhaps' } });
    await mcmp.node.registered(5000);
    expect(mcmp.warnings()).toEqual([
      expect.stringContaining(`Domain=it's holds one of`),
      expect.stringContaining('StickySession=perhaps is no boolean'),
    ]);
    const httpd = stagedNode([await scripted()], { contexts: [long] });
    await httpd.node.registered(5000);
    expect(httpd.warnings()).toEqual([expect.stringMatching(/^Context=\/c+\.\.\. has 101 bytes; many balancers take/)]);
  });
});

describe('a message', () => {
  it.each([
    ['Apache/2.4.6 (Unix) mod_cluster/1.3.16.Final', 160, 'this balancer reads 8008 as it comes'],
    ['Apache/2.4.62 (Unix) mod_proxy_cluster/2.0.0.Dev', 160, undefined],
    ['Apache/2.4.62 (Unix) mod_proxy_cluster/2.0.0.Dev', 260, 'this balancer reads 13188 as it comes'],
    ['mcmp/1.0', 260, undefined],
  ])('to %s with %d names is longer than it reads: %s', async (server, names, warning) => {
    const peer = await scripted(({ method }) => (method === 'INFO' ? { headers: { Server: server } } : {}));
    const aliases = Array.from({ length: names }, (_, index) => `host-${index}.${'name.'.repeat(8)}example`);
    const { node, warnings } = stagedNode([peer], { aliases });
    await node.registered(5000);
    expect(warnings()).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)]);
  });
});

describe('a real balancer', () => {
  it.each(['mcmp', 'httpd-2'] as const)(
    'of the dialect %s has the node back when it comes back empty, and lets it go',
    async (dialect) => {
      const first = await startTestBalancer({ dialect });
      const { node } = stagedNode([`http://127.0.0.1:${first.mcmpPort}`], {
        statusIntervalMs: 50,
        contexts: ['/a', '/b'],
      });
      await node.registered(5000);
      first.balancer.closeNow();
      await waitFor(() => node.registrations()[0]?.state === 'retrying');
      const second = await startTestBalancer({ dialect, mcmp: [{ host: '127.0.0.1', port: first.mcmpPort }] });
      await node.registered(10_000);
      const info = await second.mcmp('INFO');
      for (const path of ['/a', '/b']) expect(info.body).toContain(`Context: ${path}, Status: ENABLED`);
      await node.undeploy('/a');
      await node.deploy('/c', 'disabled');
      expect((await second.mcmp('INFO')).body).not.toContain('Context: /a,');
      await node.leave();
      expect((await second.mcmp('INFO')).body).not.toContain('Context: ');
    },
  );
});

describe('with Java manners', () => {
  it('comes after one interval, tries again at events only, and says nothing more after SYNTAX, not even goodbye', async () => {
    const clock = createHandClock({ random: 0 });
    let answer: 'MEM' | 'SYNTAX' | 'OK' = 'MEM';
    const peer = await scripted(({ method }) => {
      if (method === 'STATUS') return statusAnswer();
      return method !== 'CONFIG' || answer === 'OK' ? {} : answer === 'MEM' ? MEM : SYNTAX;
    });
    const staged = stagedNode([peer], { clock, manners: 'java' });
    await staged.isStill();
    clock.advance(9_999);
    await staged.isStill();
    expect(peer.requests).toHaveLength(0);
    clock.advance(1);
    await staged.reaches('retrying');
    clock.advance(9_999);
    await staged.isStill();
    expect(outline(peer.requests)).toEqual(['INFO', 'CONFIG']);
    answer = 'SYNTAX';
    clock.advance(1);
    await staged.reaches('silent');
    clock.advance(1_000_000);
    await staged.isStill();
    expect(outline(peer.requests)).toEqual(['INFO', 'CONFIG', 'INFO', 'CONFIG']);
    expect(peer.said()[1]).toBe('CONFIG / JVMRoute=n1&Host=127.0.0.1&Port=8080&StickySessionForce=No&Type=http');
    const [{ answer: refused } = { answer: undefined }] = await staged.node.say({
      method: 'PING',
      target: '/',
      pairs: [],
    });
    expect(refused).toMatchObject({ code: 'MCMP_NOT_SAID' });
    answer = 'OK';
    staged.node.refresh();
    await staged.isStill();
    clock.toNext();
    await staged.reaches('registered');
    await staged.node.leave();
    expect(outline(peer.requests).slice(4)).toEqual([
      ...COMING,
      ...['DISABLE-APP /app', 'STOP-APP /app', 'REMOVE-APP /app', 'REMOVE-APP /*'],
    ]);
  });

  it('says STOP-APP again when a request to the context ended, else once at the end', async () => {
    const clock = createHandClock({ random: 0 });
    const peer = await scripted(({ method }) =>
      method === 'STOP-APP' ? { body: 'Type=STOP-APP-RSP&Requests=2\n' } : {},
    );
    const ended: ((path: string) => void)[] = [];
    const connector = {
      host: '127.0.0.1',
      port: 8080,
      onRequestEnded: (listener: (path: string) => void) => {
        ended.push(listener);
        return () => undefined;
      },
    };
    const staged = stagedNode([peer], { clock, manners: 'java', connector, contexts: ['/app', '/two'] });
    clock.advance(10_000);
    await staged.reaches('registered');
    await staged.isStill();
    const undeployed = staged.node.undeploy('/app');
    await staged.isStill();
    clock.advance(1000);
    await staged.isStill();
    for (const path of ['/two/x', '/app/x']) for (const listener of ended) listener(path);
    await staged.isStill();
    clock.toNext();
    await undeployed;
    expect(outline(peer.requests).slice(-6)).toEqual([
      ...['DISABLE-APP /app', 'STOP-APP /app', 'STOP-APP /app', 'STATUS', 'STOP-APP /app', 'REMOVE-APP /app'],
    ]);
  });
});
