import { randomInt } from 'node:crypto';
import type { CommandContext } from '../cli/command.ts';
import type { FailureKind } from '../core/errors.ts';
import type { CaseFacts } from './case.ts';
import type { planOf } from './engine/select.ts';
import type { TargetFacts } from './result.ts';

/** How a run ended, for the exit code. */
export interface ConformanceOutcome {
  readonly outcome: 'done' | FailureKind;
  /** The signal that ended it early. */
  readonly signal?: 'SIGINT' | 'SIGTERM';
}

const MOST_SEED = 2 ** 31;

/** A seed for a run that was given none; reports print it. */
export function newSeed(): number {
  return randomInt(MOST_SEED);
}

/** What becomes of a run that was stopped. */
export function endedBy(stop: AbortSignal): ConformanceOutcome {
  const { reason } = stop;
  return reason === 'SIGINT' || reason === 'SIGTERM'
    ? { outcome: 'check-failed', signal: reason }
    : { outcome: 'check-failed' };
}

/** `--list`. */
export function listCases({ json, out }: CommandContext, cases: readonly CaseFacts[]): void {
  if (json) {
    for (const { id, requirement, level, lines, spec, tags, needs, isolated, disturbs, dangerous } of cases) {
      const facts = { id, requirement, level, lines, spec, tags, needs, isolated, disturbs, dangerous };
      out.json({ schemaVersion: 1, type: 'case', ...facts });
    }
    return;
  }
  const width = Math.max(...cases.map(({ id }) => id.length));
  for (const { id, level, requirement } of cases) out.line(`${id.padEnd(width)}  ${level.padEnd(6)}  ${requirement}`);
  out.line(`${cases.length} cases`);
}

/** A target as it is before the first case, and what would be left out there. */
export interface TargetPlan extends ReturnType<typeof planOf> {
  readonly target: TargetFacts;
  readonly safe: boolean;
}

/** `--dry-run`. */
export function showPlan({ json, out }: CommandContext, { target, safe, runs, skips }: TargetPlan): void {
  if (json) {
    const skipped = skips.map(({ one, reason }) => ({ id: one.id, reason }));
    out.json({ schemaVersion: 1, event: 'plan', target, safe, runs: runs.map(({ id }) => id), skipped });
    return;
  }
  const calls = target.calls === '' ? 'does not say who it is' : `is ${target.calls}`;
  out.line(
    `${target.name} ${calls}, judged as ${target.dialect}${safe ? ', without cases that others would notice' : ''}`,
  );
  out.line(`${runs.length} cases would run, ${skips.length} would be skipped:`);
  const reasons = new Map<string, number>();
  for (const { reason } of skips) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  for (const [reason, count] of reasons) out.line(`${String(count).padStart(5)}  ${reason}`);
}
