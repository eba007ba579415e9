import { readFile } from 'node:fs/promises';
import { isNotThere } from '../../cli/whole-file.ts';
import { UsageError } from '../../core/errors.ts';
import type { TargetFacts } from '../result.ts';
import { VERDICTS, type Verdict } from '../verdict.ts';
import { writeReport } from './files.ts';

/** A deviation that somebody has looked at. */
export interface KnownDeviation {
  readonly id: string;
  readonly verdict: Verdict;
  /** Why it is so, or why it may stay; empty until somebody writes it. */
  readonly reason: string;
  /** What was seen, for whoever writes the reason. */
  readonly actual?: string;
}

/** The known deviations of one target, as they stand in a file. */
export interface Baseline {
  readonly schemaVersion: 1;
  readonly suite: string;
  /** No addresses: they change from run to run. */
  readonly target: Pick<TargetFacts, 'direction' | 'calls'> & { readonly dialect: string };
  /** In the order of their ids. */
  readonly deviations: readonly KnownDeviation[];
}

/**
 * @returns undefined when there is no such file
 * @throws UsageError when it cannot be read, or is no baseline
 */
export async function readBaseline(path: string): Promise<Baseline | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw notBaseline(path, error instanceof Error ? error.message : String(error), error);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw notBaseline(path, error instanceof Error ? error.message : String(error), error);
  }
  return checked(document, (why) => notBaseline(path, why));
}

/** @throws McmpError */
export async function writeBaseline(path: string, baseline: Baseline): Promise<void> {
  const deviations = [...baseline.deviations].sort((one, other) => (one.id < other.id ? -1 : 1));
  await writeReport(path, `${JSON.stringify({ ...baseline, deviations }, undefined, 2)}\n`);
}

function checked(document: unknown, fail: (why: string) => UsageError): Baseline {
  const { schemaVersion, suite, target, deviations } = membersOf(document, 'the document', fail);
  if (schemaVersion !== 1) throw fail('its schemaVersion is not 1');
  const { direction, dialect, calls } = membersOf(target, 'target', fail);
  if (direction !== 'balancer' && direction !== 'node') throw fail('target.direction is neither balancer nor node');
  if (!Array.isArray(deviations)) throw fail('deviations is no list');
  const seen = new Set<string>();
  const known = deviations.map((one: unknown, index): KnownDeviation => {
    const at = `deviations[${index}]`;
    const { id, verdict, reason, actual } = membersOf(one, at, fail);
    const name = textIn(id, `${at}.id`, fail);
    if (seen.has(name)) throw fail(`${name} stands there twice`);
    seen.add(name);
    return {
      id: name,
      verdict: verdictIn(verdict, `${at}.verdict`, fail),
      reason: textIn(reason, `${at}.reason`, fail).trim(),
      ...(actual === undefined ? {} : { actual: textIn(actual, `${at}.actual`, fail) }),
    };
  });
  return {
    schemaVersion: 1,
    suite: textIn(suite, 'suite', fail),
    target: {
      direction,
      dialect: textIn(dialect, 'target.dialect', fail),
      calls: textIn(calls, 'target.calls', fail),
    },
    deviations: known,
  };
}

function membersOf(value: unknown, what: string, fail: (why: string) => UsageError): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fail(`${what} is no object`);
  return { ...value };
}

function textIn(value: unknown, what: string, fail: (why: string) => UsageError): string {
  if (typeof value !== 'string') throw fail(`${what} is no text`);
  return value;
}

function verdictIn(value: unknown, what: string, fail: (why: string) => UsageError): Verdict {
  const verdict = (Object.keys(VERDICTS) as Verdict[]).find((name) => name === value && VERDICTS[name].fails);
  if (verdict === undefined) throw fail(`${what} is no verdict that fails a run`);
  return verdict;
}

function notBaseline(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError(`${path} is no baseline: ${why}`, {
    code: 'MCMP_BAD_BASELINE',
    cause,
    hint: 'A baseline is written with --baseline FILE --update-baseline.',
  });
}
