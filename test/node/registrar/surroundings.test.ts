import dns from 'node:dns';
import process from 'node:process';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createNode } from '../../../src/node/registrar/create-node.ts';
import { readInfoAsJava } from '../../../src/node/registrar/java-info.ts';
import type { CreateNodeOptions, Tamper } from '../../../src/node/registrar/types.ts';
import { troubleWithAddress } from '../../../src/node/registrar/warnings.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { readInfoAsNode } from '../../support/java-node.ts';
import { waitFor } from '../../support/wait-for.ts';
import { outline, scripted, stagedNode } from './stage.ts';

const SEED = 20_005;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('an address that is told to a balancer (need B5)', () => {
  it.each([
    ['127.0.0.1', '10.0.0.5', /reach it at 127\.0\.0\.1:80, which is that machine itself: listen on 10\.0\.0\.5 or/],
    ['localhost', '10.0.0.5', /which is that machine itself/],
    ['[::1]', '2001:db8::5', /which is that machine itself/],
    ['127.0.0.1', '::ffff:10.0.0.5', /listen on 10\.0\.0\.5 or/],
    ['0.0.0.0', undefined, /which is no address/],
    ['[::]', '10.0.0.5', /which is no address/],
    ['127.0.0.1', '127.0.0.1', undefined],
    ['127.0.0.1', '::ffff:127.0.0.1', undefined],
    ['127.0.0.1', undefined, undefined],
    ['10.0.0.5', '10.0.0.5', undefined],
  ])('%s, spoken from %s, is warned about: %s', (host, localAddress, expected) => {
    const trouble = troubleWithAddress({ host, port: 80, type: 'http' }, localAddress, 'lb:8090');
    if (expected === undefined) expect(trouble).toBeUndefined();
    else expect(trouble).toMatch(expected);
  });
});

describe('a TLS handshake with a balancer that fails', () => {
  it('is warned about once, with what to do: it does not get well by itself', async () => {
    const { mcmpPort } = await startTestBalancer();
    const place = `127.0.0.1:${mcmpPort}`;
    const { events, warnings } = stagedNode([`https://${place}`], { statusIntervalMs: 20 });
    const failures = () => events.filter((event) => event.kind === 'life' && event.to === 'retrying').length;
    await waitFor(() => failures() > 1);
    expect(warnings()).toEqual([`https://${place} does not speak TLS. It may speak plain HTTP: try http://${place}`]);
  });
});

describe('the name of a balancer (need B9)', () => {
  it.skipIf(process.platform !== 'linux')('is resolved again at each connect, to wherever it has moved', async () => {
    const first = await startTestBalancer();
    await startTestBalancer({ mcmp: [{ host: '127.0.0.2', port: first.mcmpPort }] });
    let address = '127.0.0.1';
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, options: unknown, done: Callback) => {
      const all = typeof options === 'object' && options !== null && Reflect.get(options, 'all') === true;
      if (all) done(null, [{ address, family: 4 }]);
      else done(null, address, 4);
    }) as typeof dns.lookup);
    const { node, events } = stagedNode([`http://balancer.example.com:${first.mcmpPort}`], { statusIntervalMs: 50 });
    await node.registered(5000);
    address = '127.0.0.2';
    first.balancer.closeNow();
    await waitFor(() => events.some((event) => event.kind === 'life' && event.to === 'retrying'));
    await node.registered(10_000);
    expect(lookup.mock.calls.length).toBeGreaterThan(1);
  });
});

type Callback = (error: null, address: unknown, family?: number) => void;

describe('INFO in the eyes of a Java node', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '',
      'Something: else',
      'Node: [0],Name: n1',
      'Node: [1],Name: n2',
      'Node: [x],Name: n1',
      'Node: [0]',
    ),
    fc
      .tuple(fc.constantFrom('0:1:0', '1:1:0', '0:2:1', '2:1:1', '0:1', '0:1:x'), fc.constantFrom('a', 'b', 'a,b', ''))
      .map(([ids, alias]) => `Vhost: [${ids}], Alias: ${alias}`),
    fc
      .tuple(
        fc.constantFrom('0:1:0', '1:1:3', '0:2:1', '9:1:1'),
        fc.constantFrom('/', '/one', '/a,b'),
        fc.constantFrom('ENABLED', 'DISABLED', 'STOPPED', 'enabled'),
      )
      .map(([ids, path, status]) => `Context: [${ids}], Context: ${path}, Status: ${status}`),
  );

  it('is what the model of the recorded nodes makes of it, readable or not', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = lines.join('\n');
        expect(readInfoAsJava(text, 'n1')).toEqual(modelReads(text));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

function modelReads(text: string) {
  try {
    return readInfoAsNode(text).get('n1') ?? [];
  } catch {
    return undefined;
  }
}

describe('a tamperer', () => {
  it('decides what is sent: nothing counts as success, of several the last answer counts', async () => {
    const peer = await scripted(({ method }) => (method === 'PING' ? { status: 500 } : {}));
    const tamper: Tamper = {
      outgoing: (message) => {
        if (message.method === 'STATUS') return [];
        return message.method === 'CONFIG' ? [{ method: 'PING', target: '/', pairs: [] }, message] : [message];
      },
      pace: () => 'byte-by-byte',
      leavesConnectionOpen: () => true,
      vanishes: () => false,
    };
    const { node } = stagedNode([peer], { tamper });
    await node.registered(5000);
    expect(outline(peer.requests)).toEqual(['INFO', 'PING', 'CONFIG', 'ENABLE-APP /app']);
    expect(peer.requests.map(({ connection }) => connection)).toEqual([1, 2, 3, 4]);
  });
});

describe('options that can never be right', () => {
  const right: CreateNodeOptions = { route: 'n1', balancers: [], connector: { host: '127.0.0.1', port: 80 } };
  it.each<readonly [string, Partial<CreateNodeOptions>]>([
    ['no route', { route: '' }],
    ['a route with a space', { route: 'node 1' }],
    ['a balancer that is no URL', { balancers: ['127.0.0.1:8090'] }],
    ['a balancer of another scheme', { balancers: ['ajp://127.0.0.1:8090'] }],
    ['no alias', { aliases: [] }],
    ['an alias that is a list', { aliases: ['a,b'] }],
    ['a context that is a list', { contexts: ['/a,/b'] }],
    ['no time between reports', { statusIntervalMs: 0 }],
    ['a time that is none', { drainPollMs: Number.NaN }],
    ['a time to drain before now', { drainTimeoutMs: -1 }],
  ])('%s', (_, wrong) => {
    expect(() => createNode({ ...right, ...wrong })).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  it('are not these', async () => {
    const node = createNode(right);
    await node.registered();
    await node.leave();
  });
});

describe('what the application gets wrong', () => {
  it('counting sessions does not keep a context, and does not end the node', async () => {
    const peer = await scripted();
    const staged = stagedNode([peer], {
      sessions: () => {
        throw new Error('no store');
      },
    });
    await staged.node.registered(5000);
    await staged.node.undeploy('/app');
    expect(outline(peer.requests).at(-1)).toBe('REMOVE-APP /app');
    expect(staged.warnings()).toContain('sessions of /app cannot be counted: Error: no store');
  });
});
