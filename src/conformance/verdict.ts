/**
 * What became of a case, from good to bad.
 *
 * `non-strict`: allowed, but not what the reference does. `wrong-code`: refused as it should be, with another status, Type or
 * text. `unclean`: the right answer, then a reset or bytes that belong to nothing. `unimplemented`: the peer does not know
 * the command or feature at all. `error`: the case could not be carried out; nothing is said about the peer.
 */
export const VERDICTS = {
  pass: { sign: '✔', fails: false, words: 'passed' },
  'non-strict': { sign: '~', fails: false, words: 'non-strict' },
  skipped: { sign: '-', fails: false, words: 'skipped' },
  unimplemented: { sign: '∅', fails: true, words: 'unimplemented' },
  unclean: { sign: '!', fails: true, words: 'unclean' },
  'wrong-code': { sign: '≠', fails: true, words: 'wrong code' },
  fail: { sign: '✘', fails: true, words: 'failed' },
  error: { sign: '?', fails: true, words: 'could not be judged' },
} as const;

export type Verdict = keyof typeof VERDICTS;

/** A verdict that a check comes to by itself. */
export type DeviationVerdict = Exclude<Verdict, 'pass' | 'skipped' | 'error'>;

/** The peer does not do what the case expects. Thrown by checks; the engine makes the verdict of it. */
export class Deviation extends Error {
  override readonly name = 'Deviation';
  readonly verdict: DeviationVerdict;
  /** What should have been, in words. */
  readonly expected: string;
  /** What was, in words; quotes what came. */
  readonly actual: string;

  constructor(verdict: DeviationVerdict, expected: string, actual: string) {
    super(`expected ${expected}; was ${actual}`);
    this.verdict = verdict;
    this.expected = expected;
    this.actual = actual;
  }
}

/** The case cannot be carried out here, although it was chosen: the reason is shown. */
export class NotHere extends Error {
  override readonly name = 'NotHere';
}

/** @throws Deviation `fail` unless the condition holds */
export function demand(condition: boolean, expected: string, actual: string | (() => string)): asserts condition {
  if (!condition) throw new Deviation('fail', expected, typeof actual === 'string' ? actual : actual());
}

/** @throws Deviation `fail` unless both are equal; texts are quoted with JSON, so that white space is seen */
export function demandEqual(
  what: string,
  actual: string | number | boolean,
  expected: string | number | boolean,
): void {
  if (actual !== expected) {
    throw new Deviation('fail', `${what}: ${JSON.stringify(expected)}`, `${what}: ${JSON.stringify(actual)}`);
  }
}
