import type { JudgedAs, JudgedDialect } from './dialects.ts';
import type { Need } from './needs.ts';

export const LEVELS = ['must', 'should', 'may'] as const;

/**
 * `must`: all four implementations agree, or security is at stake. `should`: httpd and Undertow agree. `may`: a choice of one
 * dialect.
 */
export type Level = (typeof LEVELS)[number];

/** Something that is expected, in words for people and documents. */
export interface Expectation {
  readonly words: string;
}

/** What is known of a case without running it. */
export interface CaseFacts {
  /** Stable words, `topic/what-is-tested`; never a number. */
  readonly id: string;
  /** What has to be, as one sentence. */
  readonly requirement: string;
  readonly level: Level;
  /** Lines of the reference's checklist (§11) that it covers, such as `MCMP-STATUS-14`; none for what the checklist has not. */
  readonly lines: readonly string[];
  /** Section of the reference, such as `2.3`, or the RFC or advisory behind the rule. */
  readonly spec: string;
  readonly tags: readonly string[];
  readonly needs: readonly Need[];
  /** Touches only routes, contexts and a balancer of its own, so it may run beside others. */
  readonly isolated: boolean;
  /** Changes what other users of the balancer see (restarts it, fills its tables): left out by `--safe`. */
  readonly disturbs: boolean;
  /** Which implementations it has brought down; it runs only with `--dangerous`. */
  readonly dangerous: string | undefined;
  readonly deadlineMs: number;
  /** Expected result of each dialect of a balancer, or kind of node, that the case is for. */
  readonly expected: Readonly<Partial<Record<JudgedAs, Expectation>>>;
}

/** A case that is run in a trial of one direction. */
export interface Case<Trial> extends CaseFacts {
  /**
   * Returns when all is as expected.
   * @throws Deviation, NotHere; anything else becomes the verdict `error`
   */
  run(trial: Trial, judgedAs: JudgedAs): Promise<void>;
}

/** What has to be written down of a case; the rest has defaults. */
export interface CaseSpec<Trial, E extends Expectation, As extends JudgedAs = JudgedDialect>
  extends Pick<CaseFacts, 'id' | 'requirement' | 'level' | 'lines' | 'spec'> {
  readonly tags?: readonly string[];
  readonly needs?: readonly Need[];
  /** Default true. */
  readonly isolated?: boolean;
  /** Default false. */
  readonly disturbs?: boolean;
  readonly dangerous?: string;
  /** Default 10 s. */
  readonly deadlineMs?: number;
  readonly expected: Readonly<Partial<Record<As, E>>>;
  readonly run: (trial: Trial, expected: E, judgedAs: As) => Promise<void>;
}

const DEADLINE_MS = 10_000;

/** Makes a case of what was written down; the type of what is expected is known to its function alone. */
export function defineCase<Trial, E extends Expectation, As extends JudgedAs>(
  spec: CaseSpec<Trial, E, As>,
): Case<Trial> {
  const expectations = new Map(Object.entries<E | undefined>(spec.expected));
  const isFor = (judgedAs: JudgedAs): judgedAs is As => expectations.get(judgedAs) !== undefined;
  return {
    id: spec.id,
    requirement: spec.requirement,
    level: spec.level,
    lines: spec.lines,
    spec: spec.spec,
    tags: spec.tags ?? [],
    needs: spec.needs ?? [],
    isolated: spec.isolated ?? true,
    disturbs: spec.disturbs ?? false,
    dangerous: spec.dangerous,
    deadlineMs: spec.deadlineMs ?? DEADLINE_MS,
    expected: spec.expected,
    async run(trial, judgedAs) {
      const expected = expectations.get(judgedAs);
      if (expected === undefined || !isFor(judgedAs)) throw new Error(`${spec.id} expects nothing of ${judgedAs}`);
      await spec.run(trial, expected, judgedAs);
    },
  };
}

/** An expectation that is a value, with the words for it. */
export interface Outcome<V> extends Expectation {
  readonly value: V;
}

export function outcome<V>(words: string, value: V): Outcome<V> {
  return { words, value };
}

/** Where there is only one thing to expect: the words say it, the case's function checks it. */
export function said(words: string): Expectation {
  return { words };
}
