import { describe, expect, it } from 'vitest';
import { readApi } from '../../support/api-schema.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { startNode } from '../../support/node-server.ts';
import { hostPort, openRaw } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ask } from './ask.ts';

const JSON_PLEASE = { headers: { accept: 'application/json' } };

interface Ready {
  readonly ready: boolean;
  readonly why: readonly { readonly code: string; readonly words: string }[];
}

describe('/healthz', () => {
  it('is 200 as long as the process answers, whatever the cluster is like', async () => {
    const lb = await startTestBalancer();
    expect(await ask(lb.mcmpPort, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await ask(lb.mcmpPort, '/healthz', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  it('is 200 while the balancer stops, when /readyz is 503 already', async () => {
    const lb = await startTestBalancer({ readyWhen: 'always' });
    const busy = await startNode('n1', () => {});
    await lb.register('n1', busy.port);
    const get = (path: string): string =>
      `GET ${path} HTTP/1.1\r\nHost: ${hostPort(lb.mcmpPort)}\r\nConnection: close\r\n`;
    const [health, ready] = [await openRaw(lb.mcmpPort), await openRaw(lb.mcmpPort)];
    health.write(get('/healthz'));
    ready.write(get('/readyz'));
    await ask(lb.mcmpPort, '/healthz');
    const closing = lb.balancer.close();
    health.write('\r\n');
    ready.write('\r\n');
    expect((await health.closed()).status).toBe(200);
    const answer = await ready.closed();
    expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('stopping')]);
    await closing;
  });
});

describe('/readyz', () => {
  it('says that the balancer stops, to whoever asks while requests still run', async () => {
    const lb = await startTestBalancer();
    let finish = (): void => {};
    const node = await startNode('n1', (_, response) => {
      finish = () => response.end('at last');
    });
    await lb.register('n1', node.port);
    const running = lb.get('/app');
    await waitFor(() => node.seen.length === 1);
    let closed = false;
    const closing = lb.balancer.close().then(() => {
      closed = true;
    });
    expect(await ask(lb.mcmpPort, '/readyz')).toMatchObject({ status: 503, text: expect.stringContaining('stopping') });
    expect(await ask(lb.mcmpPort, '/healthz')).toMatchObject({ status: 200 });
    await expect(lb.get('/app')).rejects.toThrow();
    expect(closed).toBe(false);
    finish();
    expect(await running).toMatchObject({ status: 200, body: 'at last' });
    await closing;
    await expect(ask(lb.mcmpPort, '/healthz')).rejects.toThrow();
  });

  it('is 503 and says why until a context can be served, and then again when none can', async () => {
    const lb = await startTestBalancer();
    const node = await startNode('n1');
    const ready = async (): Promise<readonly [number, Ready]> => {
      const { status, text } = await ask(lb.mcmpPort, '/readyz', JSON_PLEASE);
      return [status, readApi<Ready>('ready', text)];
    };
    const notReady = [503, { ready: false, why: [{ code: 'no-context' }] }] as const;
    expect(await ready()).toMatchObject(notReady);
    await lb.mcmp('CONFIG', `JVMRoute=n1&Host=127.0.0.1&Port=${node.port}&Type=http`);
    await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100');
    expect(await ready()).toMatchObject(notReady);
    await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/app');
    expect(await ready()).toEqual([200, { schemaVersion: 1, ready: true, why: [] }]);
    await lb.mcmp('DISABLE-APP', 'JVMRoute=n1', '/*');
    expect(await ready()).toMatchObject(notReady);
    await lb.mcmp('ENABLE-APP', 'JVMRoute=n1', '/*');
    expect(await ready()).toMatchObject([200, { ready: true }]);
    node.kill();
    await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100');
    expect(await ready()).toMatchObject(notReady);
  });

  it('speaks in words to who does not ask for JSON', async () => {
    const lb = await startTestBalancer();
    const { status, text } = await ask(lb.mcmpPort, '/readyz');
    expect([status, text]).toEqual([503, expect.stringMatching(/^not ready: no context can be served.*\n$/)]);
  });

  it('with --ready-when always is 200 without a context', async () => {
    const lb = await startTestBalancer({ readyWhen: 'always' });
    expect(await ask(lb.mcmpPort, '/readyz')).toMatchObject({ status: 200, text: 'ready\n' });
  });
});

describe('/', () => {
  it('lists every path of the address, one line each', async () => {
    const lb = await startTestBalancer();
    const { status, text } = await ask(lb.mcmpPort, '/');
    expect(status).toBe(200);
    for (const path of [
      '/api/v1/state',
      '/api/v1/events',
      '/api/v1/commands',
      '/api/v1/explain',
      '/healthz',
      '/readyz',
    ]) {
      expect(text).toMatch(new RegExp(`^(GET|POST) +${path} +\\w.*$`, 'm'));
    }
  });

  it('sends a browser to the manager page', async () => {
    const lb = await startTestBalancer();
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const { status, headers } = await ask(lb.mcmpPort, '/', { headers: { accept } });
    expect([status, headers['location']]).toEqual([302, '/mod_cluster-manager']);
  });

  it('belongs to the nodes where web traffic comes as well, and the other paths to who may manage', async () => {
    const lb = await startTestBalancer({ mcmp: [] });
    const shared = { host: '127.0.0.1', port: Number(lb.port) };
    lb.balancer.closeNow();
    const both = await startTestBalancer({ listen: [shared], mcmp: [shared] });
    const node = await startNode('n1');
    await both.register('n1', node.port, { contexts: '/' });
    expect((await ask(both.port, '/')).text).toContain('"node":"n1"');
    expect((await ask(both.port, '/healthz')).text).toBe('ok\n');
    expect((await ask(both.port, '/healthz', { headers: { host: 'shop.example' } })).text).toContain('"node":"n1"');
  });
});
