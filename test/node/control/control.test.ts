import { describe, expect, it } from 'vitest';
import { McmpError } from '../../../src/core/errors.ts';
import { ROUTE_NAMES, routeRow } from '../../../src/node/control/routes.ts';
import { standInFleet } from './stand-in-fleet.ts';
import { startTestControl } from './test-control.ts';

const NODE2 = {
  route: 'node2',
  host: '127.0.0.1',
  port: 9002,
  condition: 'running',
  requests: 7,
  inFlight: 0,
  contexts: [{ route: 'node2', path: '/app', state: 'enabled', references: 1, inFlight: null }],
  balancers: [{ balancer: '127.0.0.1:8090', state: 'registered', reason: '', reportedState: 'OK', load: 100 }],
};

describe('reading', () => {
  it('describes itself by its table', async () => {
    const { ask } = await startTestControl(standInFleet());
    const { status, document } = await ask('GET', '/v1');
    expect(status).toBe(200);
    expect(document).toMatchObject({ schemaVersion: 1, program: expect.stringMatching(/^mcmp\/\d/), nodeCount: 3 });
    const routes = (document as { routes: { name: string; method: string; path: string }[] }).routes;
    expect(routes.map(({ name, method, path }) => `${name} ${method} ${path}`)).toEqual(
      ROUTE_NAMES.map((name) => `${name} ${routeRow(name).method} ${routeRow(name).path}`),
    );
  });

  it('shows a node', async () => {
    const { ask } = await startTestControl(standInFleet());
    expect(await ask('GET', '/v1/nodes/node2')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      document: { schemaVersion: 1, nodes: [NODE2], failures: [], pending: [] },
    });
  });

  it.each([
    ['/v1/nodes', ['node1', 'node2', 'node3']],
    ['/v1/nodes?state=running', ['node1', 'node3']],
    ['/v1/nodes?state=gone,killed', ['node2']],
    ['/v1/nodes?state=gone', []],
    ['/v1/nodes/*', ['node1', 'node2', 'node3']],
    ['/v1/nodes/*3', ['node3']],
    ['/v1/nodes/n%6Fde1', ['node1']],
  ])('%s lists %j', async (target, routes) => {
    const fleet = standInFleet();
    fleet.nodes.get('node2')?.become('killed');
    const { ask } = await startTestControl(fleet);
    const { status, document } = await ask('GET', target);
    expect(status).toBe(200);
    expect((document as { nodes: { route: string }[] }).nodes.map(({ route }) => route)).toEqual(routes);
  });

  it('calls a new attempt after one that failed by the same name as the table does: retrying', async () => {
    const fleet = standInFleet();
    const node = fleet.nodes.get('node1');
    if (node === undefined) throw new Error('there is a node1');
    node.standing = { ...node.standing, state: 'introducing', lastFailure: 'refused' };
    const { ask } = await startTestControl(fleet);
    const { document } = await ask('GET', '/v1/nodes/node1');
    expect(document).toMatchObject({ nodes: [{ balancers: [{ state: 'retrying', reason: 'refused' }] }] });
  });

  it('answers HEAD as GET, without the document', async () => {
    const { ask } = await startTestControl(standInFleet());
    const { status, headers, document } = await ask('HEAD', '/v1/nodes');
    expect({ status, document }).toEqual({ status: 200, document: '' });
    expect(Number(headers['content-length'])).toBeGreaterThan(100);
  });
});

describe('changing', () => {
  it.each([
    ['PATCH', '/v1/nodes/node2', { load: '70' }, ['load 70 = 70']],
    ['PATCH', '/v1/nodes/node2', { load: -1 }, ['load -1 = -1']],
    ['PUT', '/v1/nodes/node2/contexts/%2Fapp', { state: 'disabled' }, ['wish /app disabled']],
    ['PUT', '/v1/nodes/node2/contexts/%2Fapp%2F', { state: 'stopped' }, ['wish /app stopped']],
    ['PUT', '/v1/nodes/node2/contexts/app', { state: 'enabled' }, ['wish /app enabled']],
    ['PUT', '/v1/nodes/node2/contexts/%2Fnew', { state: 'stopped' }, ['deploy /new stopped']],
    ['PUT', '/v1/nodes/node2/contexts/ROOT', { state: 'enabled' }, ['deploy / enabled']],
    ['POST', '/v1/nodes/node2/contexts', { path: '/app' }, ['deploy /app enabled']],
    ['POST', '/v1/nodes/node2/contexts', { path: '/b', state: 'disabled' }, ['deploy /b disabled']],
    ['DELETE', '/v1/nodes/node2/contexts/%2Fapp', undefined, ['undeploy /app']],
    ['POST', '/v1/nodes/node2/kill', {}, ['kill']],
    ['POST', '/v1/nodes/node2/restart', {}, ['restart']],
    ['POST', '/v1/nodes/node2/leave', {}, ['leave']],
    ['POST', '/v1/nodes/node2/refresh', {}, ['refresh']],
    ['POST', '/v1/nodes/node2/say', { method: 'PING' }, ['say PING / ']],
    [
      'POST',
      '/v1/nodes/node2/say',
      {
        method: 'STATUS',
        target: '/*',
        pairs: [
          ['JVMRoute', '{route}'],
          ['Load', '5'],
        ],
      },
      ['say STATUS /* JVMRoute=node2&Load=5'],
    ],
  ])('%s %s %j', async (method, target, body, told) => {
    const fleet = standInFleet();
    const { ask } = await startTestControl(fleet);
    expect(await ask(method, target, body)).toMatchObject({ status: 200, document: { failures: [], pending: [] } });
    expect(fleet.nodes.get('node2')?.told).toEqual(told);
    expect(fleet.nodes.get('node1')?.told).toEqual([]);
  });

  it('answers with what is so afterwards', async () => {
    const { ask } = await startTestControl(standInFleet());
    expect((await ask('POST', '/v1/nodes/node1/kill', {})).document).toMatchObject({
      nodes: [{ route: 'node1', condition: 'killed' }],
    });
    const twice = await ask('POST', '/v1/nodes/node2/contexts', { path: '/app' });
    expect(twice.document).toMatchObject({ contexts: [{ route: 'node2', path: '/app', references: 2 }] });
    const once = await ask('DELETE', '/v1/nodes/node2/contexts/%2Fapp');
    expect(once.document).toMatchObject({ contexts: [{ route: 'node2', path: '/app', references: 1 }] });
    const none = await ask('DELETE', '/v1/nodes/node2/contexts/%2Fapp');
    expect(none.document).toMatchObject({ contexts: [] });
    expect((await ask('GET', '/v1/nodes/node2/contexts/%2Fapp')).status).toBe(404);
  });

  it('passes on what balancers say, and why one says nothing', async () => {
    const { ask } = await startTestControl(standInFleet());
    const { document } = await ask('POST', '/v1/nodes/node1/say', { method: 'PING' });
    expect((document as { answers: unknown[] }).answers).toEqual([
      {
        route: 'node1',
        balancer: '127.0.0.1:8090',
        status: 200,
        headers: { 'content-type': 'text/plain' },
        body: 'Type=PING-RSP&State=OK',
        truncated: false,
        error: null,
      },
      expect.objectContaining({
        balancer: '127.0.0.1:8091',
        status: null,
        error: { code: 'MCMP_UNREACHABLE', kind: 'unreachable', message: 'nothing listens' },
      }),
    ]);
  });

  it('does it to all nodes that match, and says which failed', async () => {
    const fleet = standInFleet();
    fleet.nodes.get('node2')?.become('killed');
    fleet.nodes.get('node3')?.failWith(new McmpError('unreachable', 'MCMP_LISTEN', 'the port is taken'));
    const { ask } = await startTestControl(fleet);
    const { status, document } = await ask('PUT', '/v1/nodes/node*/contexts/%2Fapp', { state: 'disabled' });
    expect(status).toBe(207);
    expect(document).toEqual({
      schemaVersion: 1,
      contexts: [{ route: 'node1', path: '/app', state: 'disabled', references: 1, inFlight: null }],
      failures: [
        { route: 'node2', error: expect.objectContaining({ code: 'MCMP_WRONG_CONDITION' }) },
        { route: 'node3', error: { code: 'MCMP_LISTEN', kind: 'unreachable', message: 'the port is taken' } },
      ],
      pending: [],
    });
  });

  it('does not wait longer than it was asked to, and says what is not done', async () => {
    const fleet = standInFleet();
    let release = (): void => {};
    fleet.nodes.get('node2')?.holdUntil(
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    const { ask } = await startTestControl(fleet);
    const early = await ask('POST', '/v1/nodes/node*/leave?wait=50ms', {});
    expect(early.status).toBe(202);
    expect(early.document).toMatchObject({ nodes: [{ route: 'node1' }, { route: 'node3' }], pending: ['node2'] });
    expect((await ask('GET', '/v1/nodes/node2')).document).toMatchObject({ nodes: [{ condition: 'leaving' }] });
    release();
    await expect
      .poll(async () => (await ask('GET', '/v1/nodes/node2')).document)
      .toMatchObject({ nodes: [{ condition: 'gone' }] });
  });

  it('logs a failure that comes after the answer', async () => {
    const fleet = standInFleet();
    let fail = (): void => {};
    fleet.nodes.get('node2')?.holdUntil(
      new Promise((_, reject) => {
        fail = () => reject(new Error('too late'));
      }),
    );
    const { ask, logged } = await startTestControl(fleet);
    expect((await ask('POST', '/v1/nodes/node2/leave?wait=0', {})).status).toBe(202);
    fail();
    await expect
      .poll(() => logged)
      .toEqual([
        {
          level: 'warn',
          message: 'An action failed after its answer was given',
          fields: { route: 'node2', problem: 'too late' },
        },
      ]);
  });
});

describe('faults', () => {
  it('are switched on, listed, and switched off', async () => {
    const fleet = standInFleet();
    const { ask } = await startTestControl(fleet);
    const on = await ask('POST', '/v1/faults', { fault: 'latency:200ms±50ms@node2' });
    expect(on.status).toBe(201);
    const [{ id }] = (on.document as { faults: [{ id: string }] }).faults;
    expect(on.document).toEqual({
      schemaVersion: 1,
      faults: [
        {
          id,
          text: 'latency:200ms±50ms@node2',
          fault: 'latency',
          chance: 1,
          amount: 200,
          spread: 50,
          window: null,
          nodes: ['node2'],
          strikes: 0,
        },
      ],
    });
    expect(fleet.faults.isOn('latency', 'node2')).toBe(true);
    fleet.faults.strike('latency', 'node2');
    await ask('POST', '/v1/faults', { fault: 'hang@30s..' });
    expect((await ask('GET', '/v1/faults')).document).toMatchObject({
      faults: [{ strikes: 1 }, { fault: 'hang', nodes: [], window: { fromMs: 30_000, untilMs: null } }],
    });
    expect((await ask('DELETE', `/v1/faults/${id}`)).document).toMatchObject({ faults: [{ fault: 'hang' }] });
    expect((await ask('DELETE', '/v1/faults')).document).toEqual({ schemaVersion: 1, faults: [] });
    expect(fleet.faults.list()).toEqual([]);
  });
});

describe('what cannot be done', () => {
  it.each([
    ['GET', '/', undefined, 404, 'MCMP_NO_SUCH_ROUTE'],
    ['GET', '/v2/nodes', undefined, 404, 'MCMP_NO_SUCH_ROUTE'],
    ['GET', '/v1/nodes/', undefined, 404, 'MCMP_NO_SUCH_ROUTE'],
    ['GET', '/v1/nodes/node1/contexts//app', undefined, 404, 'MCMP_NO_SUCH_ROUTE'],
    ['GET', '/v1/nodes/node4', undefined, 404, 'MCMP_NO_SUCH_NODE'],
    ['GET', '/v1/nodes/constructor', undefined, 404, 'MCMP_NO_SUCH_NODE'],
    ['POST', '/v1/nodes/x*/kill', {}, 404, 'MCMP_NO_SUCH_NODE'],
    ['GET', '/v1/nodes/node1/contexts/%2Fnone', undefined, 404, 'MCMP_NO_SUCH_CONTEXT'],
    ['DELETE', '/v1/nodes/node1/contexts/%2Fnone', undefined, 404, 'MCMP_NO_SUCH_CONTEXT'],
    ['DELETE', '/v1/faults/99', undefined, 404, 'MCMP_NO_SUCH_FAULT'],
    ['GET', '/v1/nodes/%', undefined, 400, 'MCMP_BAD_TARGET'],
    ['GET', '/v1/nodes/%ff', undefined, 400, 'MCMP_BAD_TARGET'],
    ['GET', `/v1/nodes/${'*'.repeat(5000)}`, undefined, 400, 'MCMP_BAD_TARGET'],
    ['GET', '/v1/nodes?state=dead', undefined, 400, 'MCMP_BAD_QUERY'],
    ['GET', '/v1/nodes?stat=gone', undefined, 400, 'MCMP_BAD_QUERY'],
    ['GET', '/v1/nodes?state=gone&state=killed', undefined, 400, 'MCMP_BAD_QUERY'],
    ['POST', '/v1/nodes/node1/kill?wait=2h', {}, 400, 'MCMP_BAD_QUERY'],
    ['POST', '/v1/faults', { fault: 'ajp-crlf' }, 400, 'MCMP_FAULT'],
    ['POST', '/v1/faults', { fault: 'tls-expired' }, 400, 'MCMP_FAULT'],
    ['PATCH', '/v1/nodes/node1', {}, 400, 'MCMP_BAD_BODY'],
    ['PATCH', '/v1/nodes/node1', { load: '' }, 400, 'MCMP_BAD_BODY'],
    ['PATCH', '/v1/nodes/node1', { load: 'sinus' }, 400, 'MCMP_USAGE'],
    ['PATCH', '/v1/nodes/node1', { load: 5, __proto__: null, laod: 5 }, 400, 'MCMP_BAD_BODY'],
    ['PATCH', '/v1/nodes/node1', '{"load":5,"__proto__":{}}', 400, 'MCMP_BAD_BODY'],
    ['PATCH', '/v1/nodes/node1', [5], 400, 'MCMP_BAD_BODY'],
    ['PATCH', '/v1/nodes/node1', 'null', 400, 'MCMP_BAD_BODY'],
    ['PATCH', '/v1/nodes/node1', '{"load":', 400, 'MCMP_BAD_BODY'],
    ['PATCH', '/v1/nodes/node1', '['.repeat(60_000), 400, 'MCMP_BAD_BODY'],
    ['PUT', '/v1/nodes/node1/contexts/%2Fapp', { state: 'off' }, 400, 'MCMP_BAD_BODY'],
    ['PUT', '/v1/nodes/node1/contexts/%2Fa%2Cb', { state: 'enabled' }, 400, 'MCMP_USAGE'],
    ['POST', '/v1/nodes/node1/contexts', { path: '/a b' }, 400, 'MCMP_USAGE'],
    ['POST', '/v1/nodes/node1/say', { method: 'A B' }, 400, 'MCMP_BAD_BODY'],
    ['POST', '/v1/nodes/node1/say', { method: 'PING', target: '/x' }, 400, 'MCMP_BAD_BODY'],
    ['POST', '/v1/nodes/node1/say', { method: 'PING', pairs: [['a']] }, 400, 'MCMP_BAD_BODY'],
    ['POST', '/v1/nodes/node1/kill', { now: true }, 400, 'MCMP_BAD_BODY'],
    ['POST', '/v1/faults', { fault: 'hang@node4' }, 404, 'MCMP_NO_SUCH_NODE'],
    ['DELETE', '/v1/nodes', undefined, 405, 'MCMP_WRONG_METHOD'],
    ['POST', '/v1/nodes/node1', {}, 405, 'MCMP_WRONG_METHOD'],
    ['OPTIONS', '/v1/nodes', undefined, 405, 'MCMP_WRONG_METHOD'],
    ['POST', '/v1/events', {}, 405, 'MCMP_WRONG_METHOD'],
    ['PATCH', '/v1/nodes/node1', `{"load":"${'x'.repeat(70_000)}"}`, 413, 'MCMP_BODY_TOO_LARGE'],
  ])('%s %s %j is answered %d %s', async (method, target, body, status, code) => {
    const { ask } = await startTestControl(standInFleet());
    const answer = await ask(method, target, body);
    expect(answer.status).toBe(status);
    expect(answer.document).toMatchObject({ schemaVersion: 1, error: { code, message: expect.stringMatching(/./) } });
  });

  it('names the methods that a path does take', async () => {
    const { ask } = await startTestControl(standInFleet());
    expect((await ask('POST', '/v1/nodes/node1', {})).headers['allow']).toBe('GET, PATCH, HEAD');
    expect((await ask('GET', '/v1/nodes/node1/kill')).headers['allow']).toBe('POST');
  });

  it.each([
    ['kill', 'killed'],
    ['kill', 'gone'],
    ['leave', 'killed'],
    ['leave', 'leaving'],
    ['refresh', 'gone'],
    ['restart', 'starting'],
  ] as const)('%s of a node that is %s', async (action, condition) => {
    const fleet = standInFleet();
    fleet.nodes.get('node1')?.become(condition);
    const { ask } = await startTestControl(fleet);
    const { status, document } = await ask('POST', `/v1/nodes/node1/${action}`, {});
    expect(status).toBe(409);
    expect(document).toMatchObject({ error: { code: 'MCMP_WRONG_CONDITION', hint: expect.stringMatching(/./) } });
    expect(fleet.nodes.get('node1')?.told).toEqual([]);
  });

  it.each(['cmd:touch /x', 'replay:/etc/passwd'])(
    'setting the load %s, which reaches into the machine',
    async (load) => {
      const fleet = standInFleet();
      const { ask } = await startTestControl(fleet);
      expect(await ask('PATCH', '/v1/nodes/node1', { load })).toMatchObject({ status: 400 });
      expect(fleet.nodes.get('node1')?.told).toEqual([]);
    },
  );

  it('tells of a bug only that there is one, and logs it', async () => {
    const fleet = standInFleet();
    fleet.nodes.get('node1')?.failWith(new TypeError('secret of the stack'));
    const { ask, logged } = await startTestControl(fleet);
    const { status, document } = await ask('POST', '/v1/nodes/node1/kill', {});
    expect(status).toBe(500);
    expect(JSON.stringify(document)).not.toContain('secret');
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ problem: 'secret of the stack' }) }),
    );
  });
});
