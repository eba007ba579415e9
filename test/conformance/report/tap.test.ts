import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createTapReporter } from '../../../src/conformance/report/tap.ts';
import type { RunReport } from '../../../src/conformance/result.ts';
import { programOf } from '../../support/needs-program.ts';
import {
  exchange,
  HOSTILE,
  knowing,
  NO_BASELINES,
  result,
  runReport,
  targetReport,
  tell,
  variedRun,
} from './sample.ts';

const PERL = programOf(['perl'], 'perl', 'TAP reports, read by the TAP::Parser of Perl');

async function tapOf(report: RunReport, known = NO_BASELINES.known as ReturnType<typeof knowing>): Promise<string[]> {
  const lines: string[] = [];
  await tell(
    createTapReporter((line) => lines.push(line), report.targets.length > 1, known),
    report,
  );
  return lines;
}

interface Point {
  readonly ok: boolean;
  readonly description: string;
  readonly directive: string;
  readonly diagnostics: unknown;
}

/** Reads TAP 14 by its grammar, nothing else allowed; subtests are read by the same. */
function readTap(
  lines: readonly string[],
  isTop = true,
): { readonly points: readonly Point[]; readonly subtests: number } {
  const rest = [...lines];
  if (isTop) expect(rest.shift()).toBe('TAP version 14');
  const points: Point[] = [];
  let plan: number | undefined;
  let subtests = 0;
  for (let line = rest.shift(); line !== undefined; line = rest.shift()) {
    if (/^ {4}/.test(line)) {
      const inner = [line];
      while (rest[0]?.startsWith('    ') === true) inner.push(rest.shift() ?? '');
      const read = readTap(
        inner.map((one) => one.slice(4)),
        false,
      );
      subtests += 1;
      const next = /^(not )?ok/.exec(rest[0] ?? '');
      expect(next?.[1] === undefined).toBe(
        read.points.every(({ ok, directive }) => ok || directive.startsWith('TODO')),
      );
      continue;
    }
    if (line.startsWith('#')) continue;
    const planned = /^1\.\.(\d+)$/.exec(line);
    if (planned !== null) {
      expect(plan).toBe(undefined);
      plan = Number(planned[1]);
      continue;
    }
    const point = /^(not )?ok (\d+) - ((?:[^\\#]|\\[\\#])*?)(?: # ((?:SKIP|TODO) ?.*))?$/.exec(line);
    expect([line, point !== null]).toEqual([line, true]);
    expect(Number(point?.[2])).toBe(points.length + 1);
    let diagnostics: unknown;
    if (rest[0] === '  ---') {
      const end = rest.indexOf('  ...');
      const block = rest.splice(0, end + 1).slice(1, -1);
      expect(block.every((one) => one.startsWith('  '))).toBe(true);
      diagnostics = parse(block.map((one) => one.slice(2)).join('\n'), { strict: true });
    }
    points.push({
      ok: point?.[1] === undefined,
      description: (point?.[3] ?? '').replace(/\\([\\#])/g, '$1'),
      directive: point?.[4] ?? '',
      diagnostics,
    });
  }
  expect(plan).toBe(points.length);
  return { points, subtests };
}

describe('TAP', () => {
  it('has a version, a plan, and a point for each case, with diagnostics where there is something to explain', async () => {
    const { points } = readTap(await tapOf(variedRun()));
    expect(points).toHaveLength(12);
    expect(points[0]).toEqual({
      ok: true,
      description: 'wire/one: What wire/one asks for is there.',
      directive: '',
      diagnostics: undefined,
    });
    expect(points.filter(({ ok }) => !ok)).toHaveLength(5);
    expect(points[2]).toMatchObject({ ok: true, diagnostics: { verdict: 'non-strict' } });
    expect(points[4]?.diagnostics).toEqual({
      verdict: 'fail',
      level: 'may',
      source: 'reference §2.3, MCMP-STATUS-14, MCMP-STATUS-15',
      expected: 'MEM, and the load stays',
      actual: expect.stringContaining('</script>'),
      duration_ms: 3,
      waits: [{ what: 'the load is shown', duration_ms: 1234 }],
      exchanges: [
        {
          first: 'sent to the MCMP address 127.0.0.1:8090, 1 ms after the case began',
          first_bytes: [
            '> STATUS / HTTP/1.1\\r\\n',
            '> Host: 127.0.0.1:8090\\r\\n',
            '> Content-Length: 20\\r\\n',
            '> \\r\\n',
            '> JVMRoute=a&Load=101\\n',
            '',
          ].join('\n'),
          second: 'received within 2 ms, then the connection was closed',
          second_bytes: [
            '> HTTP/1.1 200 OK\\r\\n',
            '> Mess: </script><img src=x onerror=alert(1)>\\x1b[31m]]>&"\'`|%\\r\\n',
            '> ::error::x##[warning]y\\r\\n',
            '> \\r\\n',
            '> \\xc3\\xa9\\xff\\x00',
            '',
          ].join('\n'),
        },
      ],
    });
    expect(points[7]?.directive).toBe('SKIP needs the address of its web traffic: --traffic URL');
  });

  it('has a subtest for each of several targets', async () => {
    const other = targetReport([result('a/b', 'fail')], { dialect: 'undertow' });
    const { points, subtests } = readTap(await tapOf(runReport([targetReport([result('a/b')]), other])));
    expect(subtests).toBe(2);
    expect(points.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it('calls known deviations things to do, which fail nothing', async () => {
    const report = runReport([targetReport([result('a/b', 'fail'), result('a/c', 'fail')])]);
    const { points } = readTap(await tapOf(report, knowing({ 'a/b': 'Too old.', 'a/c': '' })));
    expect(points.map(({ ok, directive }) => [ok, directive])).toEqual([
      [false, 'TODO known deviation: Too old.'],
      [false, 'TODO known deviation'],
    ]);
  });

  it('escapes what would be a directive, and lets no line begin as a command of a build server', async () => {
    const bad = result('a/b # SKIP me \\', 'fail', {
      actual: HOSTILE,
      exchanges: [exchange({ received: `::x::\n`.repeat(5) })],
    });
    const lines = await tapOf(runReport([targetReport([bad])]));
    expect(readTap(lines).points[0]?.description).toBe('a/b # SKIP me \\: What a/b # SKIP me \\ asks for is there.');
    expect(lines.filter((line) => /^\s*(::|##)/.test(line))).toEqual([]);
  });

  it.skipIf(PERL === undefined)('is read by Perl as it is meant', async () => {
    const known = knowing({ 'status/wrong': 'Too old.' });
    // Its parser is of TAP 13, of which 14 is an extension.
    const text = (await tapOf(variedRun(), known)).join('\n').replace('TAP version 14', 'TAP version 13');
    const program = `use TAP::Parser; local $/; my $p = TAP::Parser->new({ tap => <STDIN> }); $p->run;
      printf "%d of %d, failed %s, todo %s, skipped %s, errors %s\\n", scalar $p->passed, $p->tests_run,
        join(',', $p->failed), join(',', $p->todo), join(',', $p->skipped), join('; ', $p->parse_errors);`;
    const { stdout, stderr } = spawnSync(PERL ?? '', ['-e', program], { input: `${text}\n`, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toBe('8 of 12, failed 5,7,10,11, todo 6, skipped 8,9,12, errors \n');
  });
});
