import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import type { CaseFacts, Level } from '../../../src/conformance/case.ts';
import { inAll } from '../../../src/conformance/dialects.ts';
import type { KnownReason } from '../../../src/conformance/report/facts.ts';
import type { ReportTools } from '../../../src/conformance/report/index.ts';
import type { CaseResult, Reporter, RunReport, TargetFacts, TargetReport } from '../../../src/conformance/result.ts';
import { VERDICTS, type Verdict } from '../../../src/conformance/verdict.ts';
import type { RecordedExchange } from '../../../src/conformance/wire/recorded.ts';
import { freeAfter } from '../../support/cleanup.ts';

/** Results as a run brings them, for tests of what is made of them. */

export function facts(id: string, more: Partial<CaseFacts> = {}): CaseFacts {
  return {
    id,
    requirement: `What ${id} asks for is there.`,
    level: 'must' satisfies Level,
    lines: ['MCMP-STATUS-01'],
    spec: '2.3',
    tags: [],
    needs: [],
    isolated: true,
    disturbs: false,
    dangerous: undefined,
    deadlineMs: 10_000,
    expected: inAll({ words: '200 with an empty body' }),
    ...more,
  };
}

export function exchange(more: Partial<RecordedExchange> = {}): RecordedExchange {
  return {
    with: 'mcmp',
    address: '127.0.0.1:8090',
    atMs: 1.25,
    tookMs: 2,
    sent: 'STATUS / HTTP/1.1\r\nHost: 127.0.0.1:8090\r\nContent-Length: 20\r\n\r\nJVMRoute=a&Load=101\n',
    received: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    end: 'closed',
    ...more,
  };
}

export interface ResultParts extends Partial<Omit<CaseResult, 'facts' | 'verdict'>> {
  readonly facts?: Partial<CaseFacts>;
}

export function result(id: string, verdict: Verdict = 'pass', parts: ResultParts = {}): CaseResult {
  const { facts: aboutCase, ...more } = parts;
  const words =
    verdict === 'pass'
      ? {}
      : verdict === 'skipped'
        ? { reason: 'needs the address of its web traffic: --traffic URL' }
        : verdict === 'error'
          ? { reason: 'connect ECONNREFUSED 127.0.0.1:8090' }
          : { expected: '500 of type MEM', actual: '200 with an empty body' };
  return {
    facts: facts(id, aboutCase),
    verdict,
    ...words,
    waits: [],
    tookMs: 3,
    exchanges: verdict === 'skipped' ? [] : [exchange()],
    ...more,
  };
}

export function target(more: Partial<TargetFacts> = {}): TargetFacts {
  return {
    direction: 'balancer',
    name: 'http://127.0.0.1:8090',
    dialect: 'httpd-2',
    calls: 'mod_proxy_cluster/2.0.0.Dev',
    ...more,
  };
}

export function targetReport(results: readonly CaseResult[], more: Partial<TargetFacts> = {}): TargetReport {
  return { target: target(more), results, tookMs: 1234.5 };
}

export function runReport(targets: readonly TargetReport[], more: Partial<RunReport> = {}): RunReport {
  return {
    suite: '1.0',
    tool: 'mcmp 0.1.0',
    seed: 42,
    startedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
    tookMs: 2345.6,
    targets,
    interrupted: false,
    ...more,
  };
}

/** Tells a reporter of a run as the engine does. */
export async function tell(reporter: Reporter, report: RunReport): Promise<void> {
  for (const one of report.targets) {
    reporter.targetBegins?.(
      one.target,
      one.results.map((each) => each.facts),
    );
    for (const each of one.results) {
      reporter.caseBegins?.(one.target, each.facts);
      reporter.caseEnds?.(one.target, each);
    }
    reporter.targetEnds?.(one);
  }
  await reporter.runEnds?.(report);
}

/** Something of everything, and strings of peers that mean harm. */
export const HOSTILE = '</script><img src=x onerror=alert(1)>\u001b[31m]]>&"\'`|%\r\n::error::x##[warning]y';

export function variedRun(): RunReport {
  const results = [
    result('wire/one'),
    result('wire/two'),
    result('wire/three', 'non-strict'),
    result('status/unknown-route'),
    result('status/load-out-of-range', 'fail', {
      facts: { level: 'may', requirement: 'A Load above 100 is no load.', lines: ['MCMP-STATUS-14', 'MCMP-STATUS-15'] },
      expected: 'MEM, and the load stays',
      actual: `Load in INFO: ${JSON.stringify(HOSTILE)}`,
      exchanges: [
        exchange({ atMs: 0 }),
        exchange({ received: `HTTP/1.1 200 OK\r\nMess: ${HOSTILE}\r\n\r\n\u00c3\u00a9\u00ff\u0000` }),
      ],
      waits: [{ what: 'the load is shown', tookMs: 1234 }],
    }),
    result('status/wrong', 'wrong-code'),
    result('status/dirty', 'unclean', { exchanges: [exchange({ end: 'reset' })] }),
    result('routing/skipped', 'skipped'),
    result('routing/skipped-too', 'skipped'),
    result('manager/none', 'unimplemented'),
    result('manager/broken', 'error', { exchanges: [] }),
    result('sticky/dialect', 'skipped', { reason: 'not part of the dialect httpd-2' }),
  ];
  return runReport([targetReport(results)]);
}

/** What a command has to print with, and all that was printed. */
export function recordingTools(columns = 80): ReportTools & {
  readonly printed: string[];
  readonly beside: string[];
  readonly logged: string[];
  readonly shown: string[];
} {
  const printed: string[] = [];
  const beside: string[] = [];
  const logged: string[] = [];
  const shown: string[] = [];
  const note =
    (level: string) =>
    (message: string, fields?: object): void => {
      logged.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
    };
  return {
    printed,
    beside,
    logged,
    shown,
    out: {
      isTerminal: true,
      columns,
      line: (text = '') => printed.push(text),
      write: (chunk) => printed.push(String(chunk)),
      json: (document) => printed.push(JSON.stringify(document)),
      flushed: async () => {},
    },
    log: { error: note('error'), warn: note('warn'), info: note('info'), debug: note('debug') },
    style: new Chalk({ level: 0 }),
    progress: { show: (text) => shown.push(text), hide() {}, clear() {} },
    aside: (line) => beside.push(line),
  };
}

/** Nothing is known. */
export const NO_BASELINES = { known: () => undefined, gone: () => [], notes: () => [] };

/** Knows the deviations of some cases, by their reasons. */
export function knowing(reasons: Readonly<Record<string, string>>): KnownReason {
  const known = new Map(Object.entries(reasons));
  return (_target, { facts: { id }, verdict }) => (VERDICTS[verdict].fails ? known.get(id) : undefined);
}

/** A folder that is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcmp-report-'));
  freeAfter(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
