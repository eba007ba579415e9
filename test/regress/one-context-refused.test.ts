import { describe, expect, it } from 'vitest';
import { outline, SYNTAX, scripted, stagedNode } from '../node/registrar/stage.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { createHandClock } from '../support/hand-clock.ts';
import type { BalancerReaction, BalancerRequest } from '../support/scripted-balancer.ts';

const FULL = { status: 500, headers: { Version: '0.2.1', Type: 'MEM', Mess: 'MEM: No more contexts' } };
const LISTS = { headers: { Server: 'mcmp/1.0' } };

/** Refuses whatever names `/bad`. */
function refusing(
  answer: BalancerReaction,
  info: BalancerReaction = {},
): (request: BalancerRequest) => BalancerReaction {
  return ({ method, body }) => (method === 'INFO' ? info : /Context=[^&]*bad/.test(body) ? answer : {});
}

describe('a context that a balancer does not take', () => {
  it.each([
    ['SYNTAX', SYNTAX, {}],
    ['SYNTAX, in a list', SYNTAX, LISTS],
    ['MEM, also after the node registered anew', FULL, {}],
    ['MEM, in a list', FULL, LISTS],
  ])('keeps no other from it, and no report: %s', async (_, answer, info) => {
    const clock = createHandClock({ random: 0 });
    const peer = await scripted(refusing(answer, info));
    const staged = stagedNode([peer], { clock, contexts: ['/bad', '/one', '/two'] });
    await staged.reaches('registered');
    const enabled = outline(peer.requests).join(' ');
    expect(enabled).toMatch(/ENABLE-APP \/one(,\/two| ENABLE-APP \/two) STATUS$/);
    expect(staged.node.registrations()[0]?.lastFailure).toMatch(/^ENABLE-APP: /);
    expect(staged.warnings().join()).toContain('it is tried again later');
    await staged.isStill();
    const before = peer.requests.length;
    for (let passed = 10; passed <= 60; passed += 10) {
      clock.advance(10_000);
      await peer.until(() => peer.requests.filter(({ method }) => method === 'STATUS').length === 1 + passed / 10);
      await staged.isStill();
    }
    expect(outline(peer.requests.slice(before)).filter((line) => line !== 'STATUS')).toEqual(['ENABLE-APP /bad']);
  });

  it('is tried at once when it is asked for again, and forgotten when it goes', async () => {
    let answer: BalancerReaction = SYNTAX;
    const peer = await scripted((request) => refusing(answer)(request));
    const { node } = stagedNode([peer], { contexts: ['/one', '/bad'] });
    await node.registered(5000);
    await node.wish('/bad', 'enabled');
    expect(outline(peer.requests).slice(-2)).toEqual(['STATUS', 'ENABLE-APP /bad']);
    answer = {};
    await node.wish('/bad', 'enabled');
    expect(node.registrations()[0]?.lastFailure).toBe('');
    answer = SYNTAX;
    await node.undeploy('/bad');
    expect(outline(peer.requests).slice(-2)).toEqual(['ENABLE-APP /bad', 'DISABLE-APP /bad']);
    await node.leave();
    expect(outline(peer.requests).at(-1)).toBe('REMOVE-APP /*');
  });

  it('is one among others at a balancer of the dialect httpd-2', async () => {
    const balancer = await startTestBalancer({ dialect: 'httpd-2' });
    const tooLong = `/${'c'.repeat(100)}`;
    const { node } = stagedNode([`http://127.0.0.1:${balancer.mcmpPort}`], { contexts: ['/one', tooLong, '/two'] });
    await node.registered(5000);
    const info = (await balancer.mcmp('INFO')).body;
    for (const path of ['/one', '/two']) expect(info).toContain(`Context: ${path}, Status: ENABLED`);
    expect(node.registrations()[0]?.lastFailure).toContain('Context field too big');
  });

  it('is the fault of the node when none is taken', async () => {
    const peer = await scripted(({ method }) => (method === 'ENABLE-APP' ? SYNTAX : {}));
    const staged = stagedNode([peer], { contexts: ['/one', '/two'] });
    await staged.reaches('rejected');
    expect(outline(peer.requests)).toEqual(['INFO', 'CONFIG', 'ENABLE-APP /one', 'ENABLE-APP /two']);
  });
});
