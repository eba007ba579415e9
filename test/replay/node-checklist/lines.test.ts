import { describe, expect, test } from 'vitest';
import type { CreateNodeOptions } from '../../../src/node/registrar/types.ts';
import { outline, scripted, stagedNode } from '../../node/registrar/stage.ts';
import { createHandClock, type HandClock } from '../../support/hand-clock.ts';
import type { BalancerReaction, BalancerRequest, ScriptedBalancer } from '../../support/scripted-balancer.ts';

const INTERVAL_MS = 10_000;

interface Stage {
  readonly peer: ScriptedBalancer;
  readonly clock: HandClock;
  readonly staged: ReturnType<typeof stagedNode>;
}

/** A node with Java manners, registered at a balancer that says 200 to what it does not react to. */
async function registered(
  options: Partial<CreateNodeOptions> = {},
  react: (request: BalancerRequest) => BalancerReaction = () => ({}),
): Promise<Stage> {
  const clock = createHandClock({ random: 0 });
  const peer = await scripted(react);
  const staged = stagedNode([peer], { clock, manners: 'java', ...options });
  clock.advance(INTERVAL_MS);
  await staged.reaches('registered');
  await staged.isStill();
  return { peer, clock, staged };
}

function bodies({ requests }: ScriptedBalancer, method: string): string[] {
  return requests.filter((request) => request.method === method).map(({ body }) => body);
}

describe('lines of the node checklist that no recording is about', () => {
  test('NODE-06 the slashes of a context are form-encoded', async () => {
    const { peer } = await registered({ contexts: ['/a/b'] });
    expect(bodies(peer, 'ENABLE-APP')).toEqual(['JVMRoute=n1&Alias=localhost&Context=%2Fa%2Fb']);
  });

  test.each([
    ['httpd 2', 'Type=STOP-APP-RSP\nJvmRoute=n1\nAlias=localhost Contexts=/app\n\n'],
    ['Undertow', 'Type=STOP-APP-RSP,JvmRoute=n1Alias=localhostContext=/appRequests=2'],
  ])(
    'NODE-22 STOP-APP is not said again where the answer counts nothing that a Java node reads: %s',
    async (_, body) => {
      const { peer, staged } = await registered({}, ({ method }) => (method === 'STOP-APP' ? { body } : {}));
      await staged.node.undeploy('/app');
      expect(outline(peer.requests).slice(-3)).toEqual(['DISABLE-APP /app', 'STOP-APP /app', 'REMOVE-APP /app']);
    },
  );

  test('NODE-38 a balancer that joins has INFO first, and all connections are opened anew', async () => {
    const { peer, clock, staged } = await registered();
    const second = await scripted();
    staged.node.addBalancer(second.url);
    clock.advance(INTERVAL_MS);
    await second.until(() => second.requests.length === 4);
    await peer.until(() => peer.requests.length === 5);
    expect(outline(second.requests)).toEqual(['INFO', 'CONFIG', 'ENABLE-APP /app', 'STATUS']);
    expect(peer.requests.map(({ connection }) => connection)).toEqual([1, 1, 1, 1, 2]);
  });

  test('NODE-50 other routes in INFO do not matter', async () => {
    const info =
      'Node: [0],Name: other,Balancer: mycluster,LBGroup: ,Host: 127.0.0.1,Port: 8080,Type: http\n' +
      'Vhost: [0:1:0], Alias: localhost\nContext: [0:1:0], Context: /app, Status: ENABLED\n';
    const { peer } = await registered({}, ({ method }) => (method === 'INFO' ? { body: info } : {}));
    expect(outline(peer.requests)).toEqual(['INFO', 'CONFIG', 'ENABLE-APP /app', 'STATUS']);
  });

  test('NODE-51 a load that says the node is out of order', async () => {
    const { peer } = await registered({ load: () => -1 });
    expect(bodies(peer, 'STATUS')).toEqual(['JVMRoute=n1&Load=-1']);
  });

  test('NODE-62 several nodes of one program are configured each by its name', async () => {
    const { peer, clock } = await registered();
    const other = stagedNode([peer], { clock, manners: 'java', route: 'n2' });
    clock.advance(INTERVAL_MS);
    await other.reaches('registered');
    expect(bodies(peer, 'CONFIG').map((body) => /^JVMRoute=([^&]+)/.exec(body)?.[1])).toEqual(['n1', 'n2']);
  });

  test('NODE-64 a session cookie of its own is named', async () => {
    const { peer } = await registered({ config: { StickySessionCookie: 'SID', StickySessionPath: 'jsessionid' } });
    expect(bodies(peer, 'CONFIG')).toEqual([
      'JVMRoute=n1&Host=127.0.0.1&Port=8080&StickySessionCookie=SID&StickySessionForce=No&Type=http',
    ]);
  });
});
