import { runTarget } from '../../src/conformance/engine/run-target.ts';
import type { Features } from '../../src/conformance/needs.ts';
import type { NodeKind } from '../../src/conformance/node/kinds.ts';
import type { NodeCase } from '../../src/conformance/node/stage.ts';
import { type NodeTargetOptions, openNodeTarget } from '../../src/conformance/node/target.ts';
import type { CaseResult } from '../../src/conformance/result.ts';

export interface JudgeNodeOptions {
  readonly start: NodeTargetOptions['start'];
  readonly kind: NodeKind;
  readonly features: Features;
  readonly statusIntervalMs: number;
  readonly cases: readonly NodeCase[];
  readonly control?: readonly string[];
  readonly jobs?: number;
  readonly startTimeoutMs?: number;
  /** Without a start: called with the address at which the node that stands is to register. */
  readonly stands?: (balancer: URL) => Promise<void>;
}

/** Judges a node by some cases; each has a node of its own. */
export async function judgeNode(options: JudgeNodeOptions): Promise<readonly CaseResult[]> {
  const { start, kind, features, statusIntervalMs, cases, control = [], jobs = 4, startTimeoutMs = 3000 } = options;
  const target = await openNodeTarget({
    listen: start === undefined ? { host: '127.0.0.1', port: 0 } : undefined,
    ...{ start, control, features, statusIntervalMs, startTimeoutMs, ask: undefined },
  });
  await options.stands?.(new URL(`http://${target.name.replace(/^.* /, '')}`));
  const report = await runTarget({
    target: { direction: 'node', name: target.name, dialect: kind, calls: '' },
    circumstances: {
      ...{ dialect: kind, features: target.features, hasTraffic: false, isEmpty: true, canRestart: false },
      ...{ safe: false, dangerous: true },
    },
    cases,
    createTrial: target.createStage,
    jobs: Math.min(jobs, target.mostJobs),
    seed: 1,
    signal: new AbortController().signal,
    reporter: {},
  });
  await target.close();
  return report.results;
}

/**
 * The same, and what is not as it should be is judged again, case by case: many cases measure times, and those of nodes that
 * share a process with the judge and with other tests say little on a busy machine.
 */
export async function judgeNodeCalmly(
  options: JudgeNodeOptions,
  isAsItShould: (result: CaseResult) => boolean,
): Promise<readonly CaseResult[]> {
  const first = await judgeNode(options);
  const others = new Set(first.filter((result) => !isAsItShould(result)).map(({ facts }) => facts.id));
  if (others.size === 0) return first;
  const again = await judgeNode({ ...options, cases: options.cases.filter(({ id }) => others.has(id)), jobs: 1 });
  return first.map((result) => again.find(({ facts }) => facts.id === result.facts.id) ?? result);
}
