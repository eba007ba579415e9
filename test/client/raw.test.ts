import { afterEach, describe, expect, it } from 'vitest';
import { exchangeRaw } from '../../src/client/raw.ts';
import { type BalancerReaction, type ScriptedBalancer, startScriptedBalancer } from '../support/scripted-balancer.ts';

let peer: ScriptedBalancer;

afterEach(() => peer.close());

async function ask(reaction: BalancerReaction, timeoutMs = 2000) {
  peer = await startScriptedBalancer(() => reaction);
  return exchangeRaw(peer.url, { method: 'STATUS', target: '/', pairs: [['JVMRoute', 'a b']] }, { timeoutMs });
}

describe('a raw exchange', () => {
  it.each([
    ['a good answer', 'HTTP/1.1 200 OK\r\nConnection: close\r\nX:  two  spaces \r\n\r\nabc\n'],
    ['an answer that no HTTP client takes', 'HTTP/1.1 200\nType=\xff\n'],
  ])('returns %s to the last byte', async (_, bytes) => {
    const answer = await ask({ bytes, end: true });
    expect(answer.bytes.toString('latin1')).toBe(bytes);
    expect(answer.ended).toBe(true);
  });

  it('asks for the end of the connection, and sends the command as the client does', async () => {
    await ask({ bytes: 'x', end: true });
    expect(peer.said()).toEqual(['STATUS / JVMRoute=a%20b']);
    expect(peer.requests[0]?.headers.get('connection')).toBe('close');
  });

  it('returns what came when the peer does not close', async () => {
    const answer = await ask({ bytes: 'HTTP/1.1 200 OK\r\n\r\n' }, 50);
    expect(answer).toMatchObject({ ended: false });
  });

  it.each([
    ['MCMP_TIMEOUT', 'silence'],
    ['MCMP_NO_ANSWER', 'close'],
  ] as const)('fails with %s when the peer does %s', async (code, reaction) => {
    await expect(ask(reaction, 50)).rejects.toMatchObject({ code });
  });

  it('fails when nothing listens', async () => {
    await ask({ bytes: 'x', end: true });
    await peer.close();
    await expect(
      exchangeRaw(peer.url, { method: 'INFO', target: '/', pairs: [] }, { timeoutMs: 1000 }),
    ).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
