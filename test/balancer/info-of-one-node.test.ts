import { describe, expect, it } from 'vitest';
import { readInfo } from '../../src/core/mcmp/index.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { hostPort, talk } from '../support/raw-http.ts';

async function infoFor(balancer: TestBalancer, route: string, accept = 'text/plain'): Promise<string> {
  const { mcmpPort } = balancer;
  const head = `INFO / HTTP/1.1\r\nHost: ${hostPort(mcmpPort)}\r\nAccept: ${accept}\r\nmcmp-route: ${route}\r\n`;
  return (await talk(mcmpPort, `${head}Connection: close\r\n\r\n`)).body;
}

async function cluster(dialect: string): Promise<TestBalancer> {
  const balancer = await startTestBalancer({ dialect });
  await balancer.register('n1', 1001, { contexts: '/a,/b', alias: 'one,two', load: null });
  await balancer.register('n+2', 1002, { contexts: '/a', load: null });
  await balancer.register('n3', 1003, { contexts: '/c', load: null });
  return balancer;
}

describe('INFO with the header MCMP-Route', () => {
  it('is what INFO says of that node, with the same ids', async () => {
    const balancer = await cluster('mcmp');
    const whole = readInfo((await balancer.mcmp('INFO')).body).info;
    for (const { id, name } of whole.nodes) {
      const { info } = readInfo(await infoFor(balancer, encodeURIComponent(name)));
      expect(info).toEqual({
        nodes: whole.nodes.filter((node) => node.id === id),
        vhosts: whole.vhosts.filter(({ node }) => node === id),
        contexts: whole.contexts.filter(({ node }) => node === id),
      });
      expect(readInfo(await infoFor(balancer, encodeURIComponent(name), 'text/xml')).info.nodes).toHaveLength(1);
    }
    expect(whole.nodes).toHaveLength(3);
  });

  it('is empty for a node that is not known', async () => {
    expect(await infoFor(await cluster('mcmp'), 'n4')).toBe('');
  });

  it('is the whole INFO where the dialect is that of httpd', async () => {
    const balancer = await startTestBalancer({ dialect: 'httpd-2' });
    await balancer.register('n1', 1001, { load: null });
    await balancer.register('n2', 1002, { load: null });
    expect(readInfo(await infoFor(balancer, 'n1')).info.nodes.map(({ name }) => name)).toEqual(['n1', 'n2']);
  });
});
