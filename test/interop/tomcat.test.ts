import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { readInfoAsNode } from '../support/java-node.ts';
import { openRaw } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';
import { INTEROP_WANTED, WHY_SKIPPED } from './java-program.ts';
import { buildTomcatNode, startTomcat } from './tomcat-node.ts';

if (!INTEROP_WANTED) console.info(`Tests with a real Tomcat are left out: ${WHY_SKIPPED}`);

const DEADLINE_MS = 20_000;

async function vhostsOf(balancer: TestBalancer, route: string): Promise<unknown> {
  const { body } = await balancer.mcmp('INFO');
  return readInfoAsNode(body).get(route);
}

async function serves(balancer: TestBalancer, path: string): Promise<boolean> {
  return (await balancer.get(path)).status === 200;
}

describe.runIf(INTEROP_WANTED)('a real Tomcat', { timeout: 60_000 }, () => {
  beforeAll(buildTomcatNode, 300_000);

  it('registers, serves 250 requests of one client, undeploys, and leaves', async () => {
    const balancer = await startTestBalancer();
    const node = await startTomcat({ balancer: `127.0.0.1:${balancer.mcmpPort}`, route: 'node1' });
    await waitFor(async () => (await serves(balancer, '/one')) && (await serves(balancer, '/two')), DEADLINE_MS);
    expect(await vhostsOf(balancer, 'node1')).toEqual([
      {
        aliases: new Set(['localhost']),
        contexts: new Map([
          ['/one', 'ENABLED'],
          ['/two', 'ENABLED'],
        ]),
      },
    ]);

    // Tomcat closes its connection at the 100th response.
    const client = await openRaw(balancer.port);
    for (let count = 1; count <= 250; count++) {
      client.write(`GET /one/${count} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await client.until((text) => text.includes(`node1 /one/${count}`));
    }
    expect(client.received().match(/HTTP\/1\.1 \d+/g)).toEqual(Array(250).fill('HTTP/1.1 200'));

    await node.tell('undeploy /two');
    expect([await serves(balancer, '/one'), await serves(balancer, '/two')]).toEqual([true, false]);
    expect(await vhostsOf(balancer, 'node1')).toEqual([
      { aliases: new Set(['localhost']), contexts: new Map([['/one', 'ENABLED']]) },
    ]);

    await node.tell('exit');
    expect(await serves(balancer, '/one')).toBe(false);
    expect((await balancer.mcmp('INFO')).body).not.toMatch(/Vhost|Context/);
    expect(balancer.log.filter(({ message }) => message === 'An MCMP message was refused')).toEqual([]);
  });

  it('keeps all its applications and its three names when it registers again', async () => {
    const balancer = await startTestBalancer({ useAlias: true });
    const aliases = 'www.example.com,example.com';
    const node = await startTomcat({ balancer: `127.0.0.1:${balancer.mcmpPort}`, aliases });
    const whole = [
      {
        aliases: new Set(['localhost', 'www.example.com', 'example.com']),
        contexts: new Map([
          ['/one', 'ENABLED'],
          ['/two', 'ENABLED'],
        ]),
      },
    ];
    const isWhole = async (): Promise<boolean> => isDeepStrictEqual(await vhostsOf(balancer, 'node1'), whole);
    // Its first STATUS ends the registration; a refresh in the middle of one is lost.
    await waitFor(
      async () => (await isWhole()) && (await balancer.mcmp('INFO')).body.includes('Load: 100'),
      DEADLINE_MS,
    );
    // The node undoes an administrator's work when it registers again: that is how its second registration shows.
    await balancer.mcmp('DISABLE-APP', 'JVMRoute=node1&Alias=localhost&Context=/two');
    expect(await isWhole()).toBe(false);
    await node.tell('refresh');
    await waitFor(isWhole, DEADLINE_MS);
  });

  it('undeploys only when the request of our client is answered, and nobody new comes in meanwhile', async () => {
    const balancer = await startTestBalancer();
    const node = await startTomcat({ balancer: `127.0.0.1:${balancer.mcmpPort}` });
    await waitFor(async () => (await serves(balancer, '/one')) && (await serves(balancer, '/two')), DEADLINE_MS);
    const slow = balancer.get('/two?sleep=2500');
    // Its STOP-APP is told of the request: that is what it waits for.
    await waitFor(async () => (await balancer.mcmp('INFO')).body.includes('Connected: 1'));
    const undeployed = node.tell('undeploy /two');
    await waitFor(async () => !(await serves(balancer, '/two')));
    const first = await Promise.race([slow.then(() => 'answer'), undeployed.then(() => 'undeployed')]);
    expect(first).toBe('answer');
    expect(await slow).toMatchObject({ status: 200, body: 'node1 /two' });
    await undeployed;
    expect((await balancer.mcmp('INFO')).body).not.toContain('/two');
    expect(await serves(balancer, '/one')).toBe(true);
  });

  it('brings everything back to a balancer that forgot it', async () => {
    const first = await startTestBalancer();
    const { mcmpPort } = first;
    const aliases = 'www.example.com,example.com';
    await startTomcat({ balancer: `127.0.0.1:${mcmpPort}`, aliases });
    await waitFor(async () => (await serves(first, '/one')) && (await serves(first, '/two')), DEADLINE_MS);
    const before = await vhostsOf(first, 'node1');
    first.balancer.closeNow();
    const second = await startTestBalancer({ mcmp: [{ host: '127.0.0.1', port: mcmpPort }] });
    await waitFor(async () => (await serves(second, '/one')) && (await serves(second, '/two')), DEADLINE_MS);
    expect(await vhostsOf(second, 'node1')).toEqual(before);
  });
});
