import { describe, expect, it } from 'vitest';
import { createHandClock } from '../../support/hand-clock.ts';
import type { BalancerRequest } from '../../support/scripted-balancer.ts';
import { infoOf, MEM, outline, SYNTAX, scripted, stagedNode, statusAnswer } from './stage.ts';

const COMING = ['INFO', 'CONFIG', 'ENABLE-APP /app', 'STATUS'];

describe('a node that comes', () => {
  it('says what it is, one command a context to a balancer that does not say who it is, on one connection', async () => {
    const peer = await scripted();
    const { node } = stagedNode([peer], {
      contexts: ['/one', { path: '/two', wish: 'disabled' }, { path: 'three/', wish: 'stopped' }, 'ROOT'],
      aliases: ['localhost', 'example.org'],
      config: { ping: '5', Balancer: 'b1', StickySessionForce: 'false', Domain: '' },
      load: 42,
    });
    await node.registered(5000);
    expect(peer.said()).toEqual([
      'INFO /',
      'CONFIG / JVMRoute=n1&Balancer=b1&Host=127.0.0.1&Port=8080&StickySessionForce=No&Type=http&ping=5',
      'ENABLE-APP / JVMRoute=n1&Alias=localhost,example.org&Context=/one',
      'ENABLE-APP / JVMRoute=n1&Alias=localhost,example.org&Context=/',
      'DISABLE-APP / JVMRoute=n1&Alias=localhost,example.org&Context=/two',
      'STOP-APP / JVMRoute=n1&Alias=localhost,example.org&Context=/three',
      'STATUS / JVMRoute=n1&Load=42',
    ]);
    expect(new Set(peer.requests.map(({ connection }) => connection))).toEqual(new Set([1]));
  });

  it('never tells an excluded context', async () => {
    const peer = await scripted();
    const { node } = stagedNode([peer], {
      contexts: ['/', '/app', '/docs'],
      excludedContexts: ['ROOT', 'localhost:docs'],
    });
    await node.registered(5000);
    expect(outline(peer.requests)).toEqual(COMING);
    await node.deploy('/docs');
    await node.undeploy('/');
    expect(outline(peer.requests)).toEqual(COMING);
    expect(node.contexts().map(({ path, references }) => [path, references])).toEqual([
      ['/app', 1],
      ['/docs', 2],
    ]);
  });

  it('reports every interval, whatever the load function gives', async () => {
    const loads = [50.4, 200, -7, Number.NaN, undefined, 0];
    const clock = createHandClock({ random: 0 });
    const peer = await scripted();
    const staged = stagedNode([peer], {
      clock,
      load: () => {
        if (loads.length === 0) throw new Error('no metric');
        return loads.shift() as number;
      },
    });
    for (let reports = 1; reports <= 7; reports += 1) {
      await peer.until(() => peer.requests.filter(({ method }) => method === 'STATUS').length === reports);
      await staged.isStill();
      clock.advance(10_000);
    }
    const sent = peer.requests.flatMap(({ body }) => /Load=(.*)/.exec(body)?.[1] ?? []);
    expect(sent.slice(0, 7)).toEqual(['50', '100', '-1', '-1', '-1', '0', '0']);
    expect(staged.warnings()).toEqual([
      expect.stringContaining('NaN, which is no number: -1 is reported'),
      expect.stringContaining('undefined, which is no number'),
      expect.stringContaining('no metric; 0 is reported'),
    ]);
  });
});

describe('nodes that come together', () => {
  it('do not report in step: the second report comes sooner, each by its own draw', async () => {
    const reportsMs = async (random: number): Promise<number[]> => {
      const clock = createHandClock({ random });
      const times: number[] = [];
      const peer = await scripted(({ method }) => {
        if (method === 'STATUS') times.push(clock.nowMs());
        return {};
      });
      const staged = stagedNode([peer], { clock });
      await staged.reaches('registered');
      for (let reports = 2; reports <= 4; reports += 1) {
        await staged.isStill();
        clock.toNext();
        // The wire's watch of the clock may wake first.
        while (times.length < reports) {
          await staged.isStill();
          if (times.length < reports) clock.toNext();
        }
      }
      return times;
    };
    expect(await reportsMs(0)).toEqual([0, 10_000, 20_000, 30_000]);
    expect(await reportsMs(0.5)).toEqual([0, 7400, 17_400, 27_400]);
    expect(await reportsMs(0.9)).toEqual([0, 5400, 15_400, 25_400]);
  });
});

describe('a balancer that fails', () => {
  it.each([
    ['MEM to STATUS', 'STATUS', MEM],
    ['500 without a type to STATUS', 'STATUS', { status: 500, body: 'failed to process management request' }],
    ['nothing to STATUS, twice', 'STATUS', 'close'],
    ['MEM to CONFIG', 'CONFIG', MEM],
    ['MEM to ENABLE-APP', 'ENABLE-APP', MEM],
    ['403 to INFO', 'INFO', { status: 403 }],
    ['404 to CONFIG', 'CONFIG', { status: 404 }],
    [
      'a SYNTAX that is none (Undertow, a node that moved)',
      'CONFIG',
      { status: 500, headers: { Type: 'SYNTAX', Mess: 'MEM: Old node still exist' } },
    ],
  ] as const)('with %s has the node back at once, from INFO', async (_, method, reaction) => {
    // A connection that breaks under a request is opened again once, so that it takes two to fail.
    let left = reaction === 'close' ? 2 : 1;
    const peer = await scripted((request) => {
      if (request.method !== method || left === 0) return {};
      left -= 1;
      return reaction;
    });
    const { node, events } = stagedNode([peer]);
    await node.registered(5000);
    const life = events.flatMap((event) => (event.kind === 'life' ? [event.to] : []));
    expect(life.filter((state) => state === 'retrying')).toHaveLength(1);
    expect(outline(peer.requests).slice(-4)).toEqual(COMING);
  });

  it('for ever is asked again later and later, with jitter', async () => {
    const clock = createHandClock();
    const askedMs: number[] = [];
    const peer = await scripted(({ method }) => {
      if (method === 'INFO') askedMs.push(clock.nowMs());
      return method === 'STATUS' ? MEM : {};
    });
    const staged = stagedNode([peer], { clock });
    while (askedMs.length < 8) {
      await peer.until(() => peer.requests.at(-1)?.method === 'STATUS');
      await staged.isStill();
      clock.toNext();
    }
    const pauses = askedMs.slice(1).map((ms, index) => ms - (askedMs[index] ?? 0));
    expect(pauses).toEqual([0, 750, 1500, 3000, 6000, 7500, 7500]);
    expect(staged.node.registrations()[0]?.lastFailure).toBe("STATUS: MEM: Can't read node");
  });

  it('with SYNTAX hears from us again after a minute, and we say what it does not like', async () => {
    const clock = createHandClock({ random: 0 });
    let wrong = true;
    const peer = await scripted(({ method }) => (method === 'CONFIG' && wrong ? SYNTAX : {}));
    const staged = stagedNode([peer], { clock, config: { Domain: 'far-too-long-a-domain' } });
    await staged.reaches('rejected');
    await staged.isStill();
    expect(staged.node.registrations()[0]?.lastFailure).toBe(
      'CONFIG: SYNTAX: Domain field too big (Domain=far-too-long-a-domain)',
    );
    expect(staged.warnings()).toEqual(['Domain=far-too-long-a-domain has 21 bytes; many balancers take at most 19']);
    clock.advance(59_999);
    expect(staged.state()).toBe('rejected');
    wrong = false;
    clock.advance(1);
    await staged.reaches('registered');
  });

  it.each([
    [403, 'access denied', /<Location|Require/],
    [404, 'does not receive MCMP', /EnableMC/],
    [501, 'does not receive MCMP', /EnableMC/],
  ])(
    'because it is none, or wants nobody, is shown with what to do (needs B2, B3, B4): %d',
    async (status, why, what) => {
      const peer = await scripted(() => ({ status, body: '<html><h1>No</h1></html>' }));
      const staged = stagedNode([peer], { statusIntervalMs: 5 });
      await peer.until(() => peer.requests.length > 3);
      expect(staged.warnings()).toEqual([expect.stringMatching(what)]);
      expect(staged.node.registrations()[0]?.lastFailure).toContain(why);
    },
  );

  it('by State=NOTOK keeps its node, which says so once', async () => {
    const clock = createHandClock({ random: 0 });
    const peer = await scripted(({ method }) => (method === 'STATUS' ? statusAnswer({ state: 'NOTOK' }) : {}));
    const staged = stagedNode([peer], { clock });
    for (let reports = 1; reports <= 3; reports += 1) {
      await peer.until(() => peer.requests.filter(({ method }) => method === 'STATUS').length === reports);
      await staged.isStill();
      clock.advance(10_000);
    }
    expect(outline(peer.requests).slice(0, 6)).toEqual([...COMING, 'STATUS', 'STATUS']);
    expect(staged.node.registrations()[0]?.reportedState).toBe('NOTOK');
    expect(staged.warnings()).toEqual([
      `127.0.0.1:${peer.port} cannot reach the node at 127.0.0.1:8080: it answers State=NOTOK`,
    ]);
  });
});

describe('a balancer that restarted and still knows nothing (need B11)', () => {
  it('is noticed by its new id, and told everything', async () => {
    const clock = createHandClock({ random: 0 });
    let id = '1';
    const peer = await scripted(({ method }) => (method === 'STATUS' ? statusAnswer({ id }) : {}));
    const staged = stagedNode([peer], { clock });
    await peer.until(() => peer.requests.length === 4);
    await staged.isStill();
    id = '2';
    clock.advance(10_000);
    await peer.until(() => peer.requests.length === 9);
    expect(outline(peer.requests)).toEqual([...COMING, 'STATUS', ...COMING]);
  });

  it('is not seen in the nginx module, which says another number each time', async () => {
    const clock = createHandClock({ random: 0 });
    let id = 0;
    const peer = await scripted(({ method }) => (method === 'STATUS' ? statusAnswer({ id: String(++id) }) : {}));
    const staged = stagedNode([peer], { clock });
    for (let reports = 1; reports <= 6; reports += 1) {
      await peer.until(() => peer.requests.filter(({ method }) => method === 'STATUS').length >= reports);
      await staged.isStill();
      clock.advance(10_000);
    }
    // Once it is believed.
    expect(peer.requests.filter(({ method }) => method === 'INFO')).toHaveLength(2);
  });
});

describe('what INFO shows of the node', () => {
  const registering = async (info: string, options = {}) => {
    const peer = await scripted(({ method }) => (method === 'INFO' ? { body: info } : {}));
    const staged = stagedNode([peer], { contexts: ['/one', '/two'], aliases: ['localhost', 'www'], ...options });
    await staged.node.registered(5000);
    return { ...staged, said: outline(peer.requests) };
  };
  const REST = ['CONFIG', 'ENABLE-APP /one', 'ENABLE-APP /two', 'STATUS'];

  it('is said again, whatever it is: a balancer may drop contexts at CONFIG', async () => {
    const info = infoOf({ '/one': 'ENABLED', '/two': 'DISABLED' }, { aliases: ['localhost', 'WWW'] });
    expect((await registering(info)).said).toEqual(['INFO', ...REST]);
  });

  it('and is no longer deployed is removed first', async () => {
    const info = infoOf({ '/one': 'ENABLED', '/old': 'ENABLED' }, { aliases: ['localhost', 'www'] });
    expect((await registering(info)).said).toEqual(['INFO', 'REMOVE-APP /old', ...REST]);
  });

  it.each([
    ['fewer', ['localhost']],
    ['more', ['localhost', 'www', 'shop']],
    ['other', ['localhost', 'shop']],
  ])('goes as a whole when it has %s names, and comes back as a whole', async (_, aliases) => {
    expect((await registering(infoOf({ '/one': 'ENABLED' }, { aliases }))).said).toEqual([
      'INFO',
      'REMOVE-APP /*',
      ...REST,
    ]);
  });

  it('at another address is not thrown out, for it may be another node of the same name (need B7)', async () => {
    const { said, warnings } = await registering(infoOf({ '/one': 'ENABLED' }, { port: 9999 }));
    expect(said).toEqual(['INFO', ...REST]);
    expect(warnings()).toEqual([expect.stringContaining('knows n1 at 127.0.0.1:9999')]);
  });

  it('at another address and without contexts is what a goodbye leaves for a while: no word about it', async () => {
    const { said, warnings } = await registering(infoOf({}, { port: 9999 }));
    expect(said).toEqual(['INFO', ...REST]);
    expect(warnings()).toEqual([]);
  });

  it('cannot keep it from registering by what cannot be removed', async () => {
    const peer = await scripted(({ method }) => {
      if (method === 'INFO') return { body: infoOf({ '/old': 'ENABLED' }) };
      return method === 'REMOVE-APP' ? MEM : {};
    });
    await stagedNode([peer]).node.registered(5000);
    expect(outline(peer.requests)).toEqual(['INFO', 'REMOVE-APP /old', 'CONFIG', 'ENABLE-APP /app', 'STATUS']);
  });

  it('and an administrator disabled while it was registered stays disabled, until the node insists', async () => {
    let info = '';
    let refused = false;
    const peer = await scripted(({ method }: BalancerRequest) => {
      if (method === 'INFO') return { body: info };
      if (method !== 'STATUS' || refused || info === '') return {};
      refused = true;
      return MEM;
    });
    const clock = createHandClock({ random: 0 });
    const staged = stagedNode([peer], { clock });
    await staged.reaches('registered');
    await staged.isStill();
    info = infoOf({ '/app': 'DISABLED' });
    clock.advance(10_000);
    await peer.until(() => peer.requests.filter(({ method }) => method === 'STATUS').length === 3);
    await staged.reaches('registered');
    expect(outline(peer.requests)).toEqual([...COMING, 'STATUS', 'INFO', 'CONFIG', 'STATUS']);
    expect(staged.warnings()).toEqual([expect.stringContaining('somebody made /app disabled')]);
    await staged.node.wish('/app', 'enabled');
    expect(outline(peer.requests).at(-1)).toBe('ENABLE-APP /app');
  });
});
