import { type DumpView, readDump } from '../core/mcmp/dump.ts';
import { type InfoView, readInfo } from '../core/mcmp/info.ts';
import type { ReadProblem } from '../core/mcmp/lines.ts';
import { type ReplyReading, readReply } from '../core/mcmp/reply.ts';
import { readVersion } from '../core/mcmp/version.ts';
import { type HttpAnswer, headerOf } from './answer.ts';

/** What an answer says, as data. Strings are byte strings. */
export type Decoded =
  /** A success that has nothing to tell. */
  | { readonly form: 'done' }
  | { readonly form: 'reply'; readonly reply: ReplyReading }
  | { readonly form: 'info'; readonly info: InfoView; readonly problems: readonly ReadProblem[] }
  | { readonly form: 'dump'; readonly dump: DumpView; readonly problems: readonly ReadProblem[] }
  | { readonly form: 'version'; readonly release: string; readonly protocol: string }
  /** `type` is empty in Undertow's generic failure. */
  | { readonly form: 'refusal'; readonly type: string; readonly mess: string }
  /** A success in a form that none of the four implementations uses. */
  | { readonly form: 'unreadable' };

/** Reads the answer to a command; the forms of all implementations are known, so none has to be named. */
export function decodeAnswer(answer: HttpAnswer): Decoded {
  if (answer.status !== 200) {
    return { form: 'refusal', type: headerOf(answer, 'type'), mess: headerOf(answer, 'mess') || answer.body.trim() };
  }
  const { body } = answer;
  switch (answer.method.toUpperCase()) {
    case 'INFO':
      return { form: 'info', ...readInfo(body) };
    case 'DUMP':
      return { form: 'dump', ...readDump(body) };
    case 'VERSION': {
      const version = readVersion(body);
      return version === undefined ? { form: 'unreadable' } : { form: 'version', ...version };
    }
    default: {
      if (body.trim() === '') return { form: 'done' };
      const reply = readReply(body);
      return reply === undefined ? { form: 'unreadable' } : { form: 'reply', reply };
    }
  }
}
