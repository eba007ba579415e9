import { describe, expect, it } from 'vitest';
import { createTreeReporter, type TreeOptions } from '../../../src/conformance/report/tree.ts';
import type { RunReport } from '../../../src/conformance/result.ts';
import {
  exchange,
  HOSTILE,
  knowing,
  NO_BASELINES,
  recordingTools,
  result,
  runReport,
  target,
  targetReport,
  tell,
  variedRun,
} from './sample.ts';

async function treeOf(report: RunReport, options: Partial<TreeOptions> = {}, columns = 80): Promise<string[]> {
  const { out, style, progress, printed } = recordingTools(columns);
  const base = { out, style, progress, verbose: false, save: undefined, baselines: NO_BASELINES };
  await tell(createTreeReporter({ ...base, ...options }), report);
  return printed;
}

const GOOD = runReport([targetReport([result('status/a'), result('status/b'), result('wire/c')])]);

describe('the tree', () => {
  it('says of a good run one line for each topic, and one for the whole', async () => {
    expect(await treeOf(GOOD)).toEqual([
      'http://127.0.0.1:8090 · dialect httpd-2 · mod_proxy_cluster/2.0.0.Dev · 3 cases',
      '',
      '✔ status  2',
      '✔ wire    1',
      '',
      '3 passed · 2.3 s · suite 1.0 · seed 42 · dialect httpd-2',
    ]);
  });

  it('names failing cases below their topic, and once more with their bytes at the end', async () => {
    const text = (await treeOf(variedRun())).join('\n');
    expect(text).toContain(`✘ status    1   1 unclean, 1 wrong code, 1 failed
  ✘ status/load-out-of-range  failed
    expected     MEM, and the load stays
    actual       Load in INFO:`);
    expect(text).toContain(`
1) ✘ status/load-out-of-range
   failed · may · reference §2.3, MCMP-STATUS-14, MCMP-STATUS-15
   requirement  A Load above 100 is no load.
   expected     MEM, and the load stays`);
    expect(text).toContain(`
   waited       1.2 s until the load is shown
   sent to the MCMP address 127.0.0.1:8090, 1 ms after the case began
   │ STATUS / HTTP/1.1\\r\\n
   │ Host: 127.0.0.1:8090\\r\\n`);
    expect(text).toContain('   received within 2 ms, then the connection was closed\n   │ HTTP/1.1 200 OK\\r\\n');
    expect(text).toContain('\n   1 other exchange: --save DIR keeps all\n');
    expect(text).toContain('received within 2 ms, then the connection was reset');
    expect(text.indexOf('5) ? manager/broken')).toBeGreaterThan(text.indexOf('4) ∅ manager/none'));
  });

  it('groups the reasons of skipped cases, the most frequent first', async () => {
    expect((await treeOf(variedRun())).join('\n')).toContain(`
Skipped
  2 cases  needs the address of its web traffic: --traffic URL
  1 case   not part of the dialect httpd-2
`);
  });

  it('counts every verdict, the waiting and the seed in its last lines, broken between facts only', async () => {
    const lines = await treeOf(variedRun());
    expect(lines.slice(-3)).toEqual([
      '3 passed, 1 non-strict, 3 skipped, 1 unimplemented, 1 unclean, 1 wrong code,',
      '1 failed, 1 could not be judged · 2.3 s · suite 1.0 · seed 42 ·',
      'dialect httpd-2 · waited for 1 state, 1.2 s',
    ]);
  });

  it.each([40, 80, 200])('keeps to %i columns, whatever is quoted, and no line carries a control', async (columns) => {
    for (const verbose of [false, true]) {
      const lines = await treeOf(variedRun(), { verbose }, columns);
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }
  });

  it('lets no line begin as a command of a build server does, whatever a peer said', async () => {
    const words = `a ${HOSTILE} ::set-output::b`;
    const bad = result('a/b', 'fail', {
      expected: words,
      actual: words.repeat(20),
      exchanges: [exchange({ received: `${HOSTILE}\n::add-mask::x\n`.repeat(9) })],
    });
    const lines = await treeOf(runReport([targetReport([bad])]));
    expect(lines.filter((line) => /^\s*(::|##)/.test(line))).toEqual([]);
  });

  it('names every case when asked to, with what was waited for', async () => {
    const waited = result('wire/c', 'pass', { waits: [{ what: 'the node is gone', tookMs: 2500 }] });
    const lines = await treeOf(runReport([targetReport([result('status/a'), waited])]), { verbose: true });
    expect(lines).toContain('  ✔ status/a  What status/a asks for is there.');
    expect(lines).toContain('            waited 2.5 s: the node is gone');
  });

  it('says of what is non-strict why it is allowed', async () => {
    const lax = result('a/b', 'non-strict', { reason: 'as undertow does' });
    const lines = await treeOf(runReport([targetReport([lax])]), { verbose: true });
    expect(lines).toContain('         actual: 200 with an empty body; as undertow does');
  });

  it('prints topics in the order of the cases, though they end in another', async () => {
    const { out, style, progress, printed } = recordingTools();
    const reporter = createTreeReporter({
      out,
      style,
      progress,
      verbose: false,
      save: undefined,
      baselines: NO_BASELINES,
    });
    const [a, b] = [result('first/a'), result('second/b')];
    reporter.targetBegins?.(target(), [a.facts, b.facts]);
    reporter.caseEnds?.(target(), b);
    expect(printed.filter((line) => line.startsWith('✔'))).toEqual([]);
    reporter.caseEnds?.(target(), a);
    expect(printed.filter((line) => line.startsWith('✔'))).toEqual(['✔ first   1', '✔ second  1']);
  });

  it('shows how far it is while it runs', async () => {
    const { out, style, progress, shown } = recordingTools();
    const times = [0, 1500, 2500];
    const nowMs = (): number => times.shift() ?? 0;
    const base = { out, style, progress, verbose: false, save: undefined, baselines: NO_BASELINES, nowMs };
    const reporter = createTreeReporter(base);
    const [a, b] = [result('a/a', 'fail'), result('b/b')];
    reporter.targetBegins?.(target(), [a.facts, b.facts]);
    reporter.caseBegins?.(target(), a.facts);
    reporter.caseEnds?.(target(), a);
    reporter.caseBegins?.(target(), b.facts);
    expect(shown).toEqual(['0 of 2 cases · 1.5 s · a/a', '1 of 2 cases · 2.5 s · 1 deviation · b/b']);
  });

  it('keeps known deviations out of the failures, names them only when asked to, and says what the baseline says', async () => {
    const report = runReport([targetReport([result('a/b', 'fail'), result('a/c')])]);
    const known = knowing({ 'a/b': 'The peer is older than the rule.' });
    const notes = (): string[] => ['base.json: 1 known deviation'];
    const lines = await treeOf(report, { baselines: { known, notes }, verbose: true });
    const short = await treeOf(report, { baselines: { known, notes } });
    expect(short).not.toContain('  ✘ a/b  failed, known');
    expect(short).toContain('1 passed, 1 failed, 1 of them known · 2.3 s · suite 1.0 · seed 42 ·');
    expect(lines).toContain('✔ a  1   1 failed, 1 of them known');
    expect(lines).toContain('  ✘ a/b  failed, known');
    expect(lines).toContain('    reason       The peer is older than the rule.');
    expect(lines).not.toContain('Failures');
    expect(lines).toContain('  base.json: 1 known deviation');
  });

  it('tells several targets apart, and an interrupted run', async () => {
    const other = targetReport([result('a/b', 'fail')], { name: 'http://127.0.0.1:8091', dialect: 'undertow' });
    const lines = await treeOf(runReport([targetReport([result('a/b')]), other], { interrupted: true }), {}, 120);
    expect(lines).toContain('Failures of http://127.0.0.1:8091 · dialect undertow · mod_proxy_cluster/2.0.0.Dev');
    expect(lines).toContain('http://127.0.0.1:8090 · dialect httpd-2 · mod_proxy_cluster/2.0.0.Dev: 1 passed');
    expect(lines).toContain('Interrupted: what had not run by then is skipped.');
  });

  it('shows what a node sent before what it was answered', async () => {
    const node = exchange({ with: 'node', received: 'CONFIG / HTTP/1.1\r\n\r\n', sent: 'HTTP/1.1 200 OK\r\n\r\n' });
    const bad = result('order/first', 'fail', { exchanges: [node] });
    const text = (await treeOf(runReport([targetReport([bad], { direction: 'node', dialect: 'java' })]))).join('\n');
    expect(text).toContain(`came to us at 127.0.0.1:8090, 1 ms after the case began
   │ CONFIG / HTTP/1.1\\r\\n
   │ \\r\\n
   our answer, within 2 ms, then the connection was closed
   │ HTTP/1.1 200 OK\\r\\n`);
    expect(text).toContain('· kind java');
  });
});
