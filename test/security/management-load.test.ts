import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AnswerBounds, type Unread } from '../../src/balancer/management/answer-bounds.ts';
import { ask } from '../balancer/api/ask.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { openRaw } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 1024 * 1024;

function paths(count: number): string {
  return Array.from({ length: count }, (_, index) => `/context-${index}`).join(',');
}

function holdLoop(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}

describe('who asks the management address for much at once', () => {
  it('does not hold web traffic up: one packet with a hundred questions for the page', async () => {
    const lb = await startTestBalancer({ limits: { maxNodes: 10, maxContexts: 10_000, maxHosts: 10 } });
    await lb.register('n1', 9, { contexts: paths(10_000), load: null });
    const greedy = await openRaw(lb.mcmpPort);
    const head = 'HEAD /mod_cluster-manager?filter=c+o+n+t+e+x+zz HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const answers = (): number => greedy.received().split('HTTP/1.1 200').length - 1;
    greedy.write(head.repeat(100));
    await greedy.until(() => answers() > 0);
    expect((await lb.get('/nothing')).status).toBe(404);
    expect(answers()).toBeLessThan(90);
    await greedy.until(() => answers() === 100, 30_000);
  }, 40_000);

  it('is answered whether the process lives before all of that', async () => {
    const lb = await startTestBalancer({ limits: { maxNodes: 10, maxContexts: 10_000, maxHosts: 10 } });
    await lb.register('n1', 9, { contexts: paths(10_000), load: null });
    const greedy = await Promise.all(Array.from({ length: 10 }, () => openRaw(lb.mcmpPort)));
    const probe = await openRaw(lb.mcmpPort);
    const countOf = (text: string): number => text.split('HTTP/1.1 200').length - 1;
    const head = 'HEAD /mod_cluster-manager?filter=c+o+n+t+e+x+zz HTTP/1.1\r\nHost: localhost\r\n\r\n';
    for (const one of greedy) one.write(head.repeat(30));
    probe.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await probe.until((text) => text.endsWith('ok\n'));
    expect(greedy.reduce((sum, one) => sum + countOf(one.received()), 0)).toBeLessThan(200);
    await Promise.all(greedy.map((one) => one.until((text) => countOf(text) === 30, 30_000)));
  }, 40_000);

  it('gets metrics for so many readers at a time, and is told when to come back', async () => {
    const lb = await startTestBalancer({ metricsContexts: 10_000 });
    await lb.register('n1', 9, { contexts: paths(10_000), load: null });
    const slow = await Promise.all(Array.from({ length: 16 }, () => openRaw(lb.mcmpPort)));
    for (const { socket, write } of slow) {
      const heard = once(socket, 'data').then(() => socket.pause());
      write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await heard;
    }
    const refused = await ask(lb.mcmpPort, '/metrics');
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    for (const { close } of slow) close();
    await waitFor(async () => (await ask(lb.mcmpPort, '/metrics')).status === 200);
  });
});

describe('bounds of answers', () => {
  it('make one answer in a turn of the event loop when answers take long, in the order of the questions', async () => {
    const bounds = new AnswerBounds();
    const order: (number | string)[] = [];
    const all = Promise.all(
      [1, 2, 3].map((number) =>
        bounds.make(() => {
          holdLoop(15);
          order.push(number);
        }),
      ),
    );
    await new Promise<void>((resolve) => setImmediate(resolve));
    order.push('others');
    await all;
    expect(order).toEqual([1, 2, 'others', 3]);
  });

  it('make short answers at once', async () => {
    const bounds = new AnswerBounds();
    const made: number[] = [];
    const all = [1, 2, 3].map((number) => bounds.make(() => made.push(number)));
    expect(made).toEqual([1, 2, 3]);
    await Promise.all(all);
  });

  it('go on behind an answer that could not be made', async () => {
    const bounds = new AnswerBounds();
    const failing = [1, 2].map(() =>
      bounds.make(() => {
        holdLoop(15);
        throw new Error('broken');
      }),
    );
    const results = await Promise.allSettled([...failing, bounds.make(() => 'made')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('refuse large answers while 128 MiB of others are unread, and small ones never', () => {
    const bounds = new AnswerBounds();
    const reader = { pendingBytes: 100 * MIB, destroyed: false };
    bounds.given(reader);
    expect(bounds.hasRoomFor(10 * MIB)).toBe(true);
    bounds.given({ pendingBytes: 28 * MIB, destroyed: false } satisfies Unread);
    expect([bounds.hasRoomFor(10 * MIB), bounds.hasRoomFor(1000)]).toEqual([false, true]);
    reader.pendingBytes = 0;
    expect(bounds.hasRoomFor(10 * MIB)).toBe(true);
  });

  it('do not count who is gone', () => {
    const bounds = new AnswerBounds();
    bounds.given({ pendingBytes: 200 * MIB, destroyed: true });
    expect(bounds.hasRoomFor(10 * MIB)).toBe(true);
  });
});
