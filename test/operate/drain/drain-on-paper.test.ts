import { describe, expect, it } from 'vitest';
import type { ContextStatus } from '../../../src/core/cluster/records.ts';
import { drainOnPaper, paperBalancer } from './paper.ts';

/** What other brands and busy days bring, which no balancer here does on demand. */
describe('a drain at Undertow', () => {
  it('says STOP-APP again until its answer counts no requests', async () => {
    const lb = paperBalancer('undertow', { '/app': 'ENABLED' }, { requests: [3, 2, 0] });
    const { end, targets, tookMs } = await drainOnPaper([lb]);
    expect([end, targets[0]?.how, targets[0]?.requests]).toEqual(['drained', 'requests per context', 0]);
    expect(lb.said).toEqual(['DISABLE-APP /app', 'STOP-APP /app', 'STOP-APP /app', 'STOP-APP /app']);
    expect(tookMs).toBeGreaterThanOrEqual(1_000);
  });

  it('stops what was STOPPED before once more, as only the answer tells what runs there', async () => {
    const lb = paperBalancer('undertow', { '/old': 'STOPPED' }, { requests: [1, 1, 0] });
    expect((await drainOnPaper([lb])).end).toBe('drained');
    expect(lb.said.every((line) => line === 'STOP-APP /old')).toBe(true);
    expect(lb.said.length).toBeGreaterThan(2);
  });

  it('does not take the -1 of a context that is not there for one request less', async () => {
    // In turns for both contexts, and at last for both of them.
    const lb = paperBalancer('undertow', { '/a': 'ENABLED', '/b': 'ENABLED' }, { requests: [1, -1, 1, -1, 1, -1, 0] });
    const { end } = await drainOnPaper([lb]);
    expect(end).toBe('drained');
    expect(lb.said.filter((line) => line === 'STOP-APP /a').length).toBeGreaterThan(3);
  });
});

describe('a drain', () => {
  it('judges nothing by an answer that is older than its last command', async () => {
    const before = new Map<string, ContextStatus>([['/app', 'ENABLED']]);
    const lb = paperBalancer(
      'httpd-2',
      { '/app': 'ENABLED' },
      { stale: (time) => (time === 2 || time === 4 ? { contexts: before } : undefined) },
    );
    expect((await drainOnPaper([lb])).end).toBe('drained');
  });

  it('stops an application that is deployed meanwhile with the others', async () => {
    const lb = paperBalancer('httpd-2', { '/app': 'ENABLED' });
    lb.onRead = (time) => {
      if (time === 2) lb.contexts.set('/new', 'ENABLED');
    };
    expect((await drainOnPaper([lb], { waitMs: 3_000 })).end).toBe('drained');
    expect([...lb.contexts.values()]).toEqual(['STOPPED', 'STOPPED']);
  });

  it.each<[ContextStatus, string]>([
    ['ENABLED', 'interfered'],
    // Sessions come back then.
    ['DISABLED', 'interfered'],
    ['STOPPED', 'drained'],
  ])('after STOP finds a context %s again: %s', async (status, end) => {
    const lb = paperBalancer('nginx', { '/app': 'ENABLED' });
    lb.onRead = () => {
      if (lb.said.includes('STOP-APP /app')) lb.contexts.set('/app', status);
    };
    expect((await drainOnPaper([lb])).end).toBe(end);
  });

  it('that somebody hindered at one balancer and another refused has been hindered', async () => {
    const strict = paperBalancer('mcmp', { '/app': 'ENABLED' }, { refuses: 'DISABLE-APP' });
    const other = paperBalancer('httpd-2', { '/app': 'ENABLED' });
    other.onRead = (time) => {
      if (time === 3) other.contexts.set('/app', 'ENABLED');
    };
    const { end, targets } = await drainOnPaper([strict, other], { waitMs: 60_000 });
    expect([end, ...targets.map(({ state }) => state)]).toEqual(['interfered', 'refused', 'interfered']);
  });

  it('is not undone when a balancer that was changed cannot be read any more', async () => {
    const lb = paperBalancer('httpd-2', { '/app': 'ENABLED' });
    const gone = paperBalancer('httpd-2', { '/app': 'ENABLED' });
    gone.onRead = (time) => {
      gone.isSilent = time > 2;
    };
    const outcome = await drainOnPaper([lb, gone], {
      waitMs: 20_000,
      silentMs: 30_000,
      timeoutMs: 5_000,
      undoOnTimeout: true,
    });
    expect(outcome.end).toBe('timed-out');
    expect(outcome.undo?.results).toHaveLength(1);
    expect([lb.contexts.get('/app'), gone.contexts.get('/app')]).toEqual(['ENABLED', 'DISABLED']);
  });

  it('is undone by what balancers say after it, not by an answer of before', async () => {
    const before = new Map<string, ContextStatus>([['/app', 'ENABLED']]);
    let isOver = false;
    const lb = paperBalancer(
      'httpd-2',
      { '/app': 'ENABLED' },
      {
        stale: () => {
          if (!isOver) return undefined;
          isOver = false;
          return { contexts: before };
        },
      },
    );
    const { end } = await drainOnPaper([lb], {
      waitMs: 20_000,
      timeoutMs: 5_000,
      undoOnTimeout: true,
      onProgress: ({ targets }) => {
        isOver = targets[0]?.state === 'timed-out';
      },
    });
    expect([end, lb.contexts.get('/app')]).toEqual(['undone', 'ENABLED']);
  });
});
