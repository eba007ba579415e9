import { render } from 'ink-testing-library';
import { describe, expect, it, vi } from 'vitest';
import type { DemoSnapshot } from '../../src/demo/demo.ts';
import { bar, grouped, summaryLine } from '../../src/demo/text.ts';
import { DemoView, openView } from '../../src/demo/view.tsx';

const ADDRESSES = { web: 'http://127.0.0.1:8000', mcmp: 'http://127.0.0.1:8090', movedFrom: [] };

const SNAPSHOT: DemoSnapshot = {
  elapsedMs: 61_000,
  requests: 1_234_567,
  failed: 0,
  lastFailure: '',
  perSecond: 61.3,
  sessionsMoved: 1,
  nodes: [
    { route: 'node1', port: 1, condition: 'up', load: 100, requests: 600_000, perSecond: 40, share: 0.66 },
    { route: 'node2', port: 2, condition: 'killed', load: 100, requests: 600_000, perSecond: 0, share: 0 },
    { route: 'node3', port: 3, condition: 'leaving', load: 50, requests: 34_567, perSecond: 20, share: 0.34 },
  ],
  events: [{ atMs: 60_000, words: `node2 ${'said a lot '.repeat(20)}` }],
  next: { words: 'node2 comes back', inMs: 1200 },
};

function frame(props: Partial<Parameters<typeof DemoView>[0]> = {}): string[] {
  const { lastFrame, unmount } = render(
    <DemoView
      addresses={ADDRESSES}
      program="npm run mcmp --"
      snapshot={SNAPSHOT}
      columns={80}
      rows={24}
      color={false}
      {...props}
    />,
  );
  const text = lastFrame() ?? '';
  unmount();
  return text.split('\n');
}

/** What a terminal that is high enough shows after all these bytes. */
function onScreen(written: string): string {
  const rows: string[] = [];
  let row = 0;
  let column = 0;
  for (const [part, count = '', final] of written.matchAll(/\u001b\[[?]?(\d*)([A-Za-z])|\n|[^\u001b\n]+/gu)) {
    const line = rows[row] ?? '';
    if (part === '\n') [row, column] = [row + 1, 0];
    else if (final === 'A') row = Math.max(0, row - Number(count || 1));
    else if (final === 'B') row += Number(count || 1);
    else if (final === 'E') [row, column] = [row + Number(count || 1), 0];
    else if (final === 'G') column = Number(count || 1) - 1;
    else if (final === 'K') rows[row] = count === '2' ? '' : line.slice(0, column);
    else if (final === undefined) {
      rows[row] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length);
      column += part.length;
    }
  }
  return rows.map((line) => line ?? '').join('\n');
}

describe('the picture of the demo', () => {
  it('fits a terminal of 80 by 24, whatever there is to say', () => {
    const taken = {
      ...ADDRESSES,
      web: 'http://127.0.0.1:45678',
      mcmp: 'http://127.0.0.1:45679',
      movedFrom: [8000, 8090],
    };
    for (const lines of [frame(), frame({ addresses: taken }), frame({ snapshot: { ...SNAPSHOT, events: [] } })]) {
      expect(lines.length).toBeLessThan(24);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  it('has as many rows with one event as with many, so that nothing jumps', () => {
    const events = Array.from({ length: 6 }, (_, index) => ({ atMs: index, words: `event ${index}` }));
    expect(frame({ snapshot: { ...SNAPSHOT, events } })).toHaveLength(frame().length);
    expect(frame({ snapshot: { ...SNAPSHOT, events } }).join('\n')).toContain('event 5');
  });

  it('shows who gets what, what is next, and what was lost', () => {
    const text = frame().join('\n');
    expect(text).toContain('node1 up');
    expect(text).toContain('66%');
    expect(text).toContain('failed: 0');
    expect(text).toContain('next: node2 comes back in 2 s');
    expect(text).toContain('1 234 567 requests, 61/s   failed: 0   1 session moved');
    expect(text).toContain('npm run mcmp -- send INFO');
  });

  it('keeps the commands whole, also with long ports', () => {
    const text = frame({ addresses: { ...ADDRESSES, mcmp: 'http://127.0.0.1:45679', movedFrom: [8090] } }).join('\n');
    expect(text).toContain('npm run mcmp -- explain GET /shop --balancer http://127.0.0.1:45679');
  });

  it.each([8, 10, 12, 16, 20, 22, 60])(
    'leaves a row of a terminal of %d for the cursor, and says what was lost',
    (rows) => {
      const lines = frame({ rows, columns: 40 });
      expect(lines.length).toBeLessThan(rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
      expect(lines.join('\n')).toMatch(/node1 up .* 66% .*\n.*\n.*node3/u);
      expect(lines.join('\n')).toContain('failed: 0');
    },
  );

  it('is drawn in its own place again and again', async () => {
    let written = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
    const view = openView(ADDRESSES, 'mcmp', SNAPSHOT, false);
    for (const requests of [1_234_568, 1_234_569, 1_234_570]) {
      view.update({ ...SNAPSHOT, requests });
      await expect.poll(() => onScreen(written), { timeout: 5000 }).toContain(`${grouped(requests)} requests`);
    }
    view.close();
    vi.restoreAllMocks();
    expect(onScreen(written).match(/node1 up/gu)).toHaveLength(1);
    expect(onScreen(written).match(/ requests, /gu)).toHaveLength(1);
  });

  it('has no colours when it shall have none', () => {
    expect(frame().join('\n')).not.toContain('\u001b[');
  });
});

it.each([
  [0, ''],
  [1, '████████'],
  [0.5, '████'],
  [1 / 64, '▏'],
  [2, '████████'],
])('a share of %d is the bar "%s" of eight', (share, text) => {
  expect(bar(share, 8)).toBe(text);
});

it('groups digits by thousands', () => {
  expect([0, 999, 1000, 1_234_567].map(grouped)).toEqual(['0', '999', '1 000', '1 234 567']);
});

it('says everything in one line for a log', () => {
  expect(summaryLine(SNAPSHOT)).toBe(
    ' 61 s   61 requests/s  node1 66%, node2 killed, node3 leaving  1 session moved  failed: 0',
  );
});
