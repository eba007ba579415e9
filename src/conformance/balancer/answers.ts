import type { Expectation } from '../case.ts';
import { Deviation } from '../verdict.ts';
import type { WireAnswer } from '../wire/connection.ts';

/** What an MCMP answer has to be; checked by `expectAnswer`. */
export interface AnswerExpectation extends Expectation {
  readonly status: number;
  readonly type?: string;
  /** Equal to Mess, or matched by it. */
  readonly mess?: string | RegExp;
  /** Equal to the body, or matched by it; a byte string. */
  readonly body?: string | RegExp;
  /** There must be no `Type` and no `Mess`. */
  readonly untyped?: true;
}

/** Status 200. @param body what it must equal or match; left out: anything */
export function accepted(body?: string | RegExp): AnswerExpectation {
  if (body === undefined) return { words: '200', status: 200 };
  const what = body === '' ? 'an empty body' : typeof body === 'string' ? JSON.stringify(body) : `a body like ${body}`;
  return { words: `200 with ${what}`, status: 200, body };
}

/** Status 500 with `Type` and `Mess` (reference §1.4). @param mess left out: any text */
export function refused(type: 'SYNTAX' | 'MEM' | 'GENERAL', mess?: string | RegExp): AnswerExpectation {
  if (mess === undefined) return { words: `500 of type ${type}`, status: 500, type };
  return { words: `500 ${type}: ${typeof mess === 'string' ? mess : `a text like ${mess}`}`, status: 500, type, mess };
}

/** httpd's answer to a message that cannot be taken apart, and ours (reference §1.7). */
export const UNREADABLE = refused(
  'SYNTAX',
  "SYNTAX: Can't parse MCMP message. It might have contained illegal symbols or unknown elements.",
);

/** Undertow's failure of its own code: 500, a fixed body, neither Type nor Mess (reference §1.4). */
export const GENERIC_FAILURE: AnswerExpectation = {
  words: '500 `failed to process management request` without Type',
  status: 500,
  untyped: true,
  body: 'failed to process management request',
};

/** Not taken as MCMP at all: 501 on httpd, 404 on Undertow, or refused before (400, 403, 405). */
export function notMcmp(...statuses: readonly number[]): AnswerExpectation {
  const [status = 501] = statuses;
  return { words: `${statuses.join(' or ')}: not a message of MCMP`, status, untyped: true };
}

/** Statuses of a peer that does not know a command. */
const UNKNOWN_COMMAND: ReadonlySet<number> = new Set([404, 405, 501]);

/**
 * Judges an answer: `wrong-code` when it was refused as it should be, only with another status, Type or text;
 * `unimplemented` when the command is not known there at all; else `fail`.
 * @throws Deviation
 */
export function expectAnswer(answer: WireAnswer, expected: AnswerExpectation): void {
  const actual = answerWords(answer);
  const type = answer.headers.get('type') ?? '';
  const mess = answer.headers.get('mess') ?? '';
  const wrong = (verdict: 'fail' | 'wrong-code' | 'unimplemented'): Deviation =>
    new Deviation(verdict, expected.words, actual);
  const untyped = type === '' && mess === '';
  if (answer.status !== expected.status) {
    if (UNKNOWN_COMMAND.has(answer.status) && untyped && !UNKNOWN_COMMAND.has(expected.status)) {
      throw wrong('unimplemented');
    }
    throw wrong(answer.status >= 400 && expected.status >= 400 ? 'wrong-code' : 'fail');
  }
  if (expected.untyped === true && !untyped) throw wrong('wrong-code');
  if (expected.type !== undefined && type !== expected.type) throw wrong('wrong-code');
  if (expected.mess !== undefined && !fits(mess, expected.mess)) throw wrong('wrong-code');
  if (expected.body !== undefined && !fits(answer.body, expected.body)) throw wrong('fail');
}

/**
 * A table that is full says nothing about what a case looks at: it could not be carried out (reference §1.4, §3.1).
 * @throws Error with the verdict `error`
 */
export function demandRoom({ headers }: WireAnswer): void {
  const mess = headers.get('mess') ?? '';
  if (!/^MEM: Can't update or insert (?:node|balancer|host alias|context)/.test(mess)) return;
  throw new Error(
    `the balancer has no room for a node of this case: ${mess}. Give it larger tables (Maxnode, Maxhost and Maxcontext of ` +
      'httpd; docs/conformance-in-ci.md says how large), or let fewer cases run at a time (--jobs)',
  );
}

/** An answer in one line: status, Type and Mess, the beginning of its body. */
export function answerWords({ status, headers, body }: WireAnswer): string {
  const type = headers.get('type');
  const mess = headers.get('mess');
  const words = [String(status)];
  if (type !== undefined || mess !== undefined) words.push(`${type ?? 'without Type'}: ${mess ?? 'without Mess'}`);
  const shown = body.length > 300 ? `${body.slice(0, 300)}…` : body;
  words.push(body === '' ? 'with an empty body' : `with the body ${JSON.stringify(shown)}`);
  return words.join(' ');
}

function fits(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text === wanted : wanted.test(text);
}
