import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One of the forms of an answer to INFO that a real Java node was given, and what it made of it. */
export interface AnswerForm {
  readonly case: string;
  readonly verdict: string;
  /** Whether its next request came on another connection; null when none came. */
  readonly newConnection: boolean | null;
  readonly answer: string;
}

const FILE = join(import.meta.dirname, '../../../fixtures/recordings/nodes/answers-mod_cluster-2.1.0.json');

export const ANSWER_FORMS = JSON.parse(readFileSync(FILE, 'utf8')) as readonly AnswerForm[];

/** The form of that name. */
export function answerForm(name: string): AnswerForm {
  const form = ANSWER_FORMS.find((one) => one.case === name);
  if (form === undefined) throw new Error(`no form is called ${name}`);
  return form;
}

/** Whether the balancer closed the connection behind the answer. */
export function closes(form: AnswerForm): boolean {
  return /closed|: close|no HTTP/i.test(form.case) && !/kept/.test(form.case);
}

/** The document in a form, found without any reader of HTTP: it is the same in all that are chunked. */
export function documentIn(form: AnswerForm): string {
  if (form.case.startsWith('chunked') || form.case.startsWith('Transfer-Encoding')) {
    return documentIn(answerForm('Content-Length'));
  }
  const start = /(?:Node|Vhost|Hello): \[/.exec(form.answer);
  return start === null ? '' : form.answer.slice(start.index);
}
