import { textOf } from '../core/mcmp/bytes.ts';
import type { McmpAnswer } from './client.ts';
import type { Message } from './compose.ts';
import { readable } from './readable.ts';

/** How a command that was answered has ended; names of the exit code table. */
export type SendOutcome = 'done' | 'check-failed' | 'protocol';

/** A refusal and `State=NOTOK` are failed checks; an answer that cannot be read breaks the protocol. */
export function outcomeOf({ decoded }: McmpAnswer): SendOutcome {
  switch (decoded.form) {
    case 'refusal':
      return 'check-failed';
    case 'reply':
      return decoded.reply.state === 'NOTOK' ? 'check-failed' : 'done';
    case 'info':
    case 'dump':
      return decoded.problems.length === 0 ? 'done' : 'protocol';
    case 'unreadable':
      return 'protocol';
    case 'done':
    case 'version':
      return 'done';
  }
}

const SCHEMA_VERSION = 1;

/** An answer as a JSON document, its byte strings made readable. */
export function answerDocument(address: string, message: Message, answer: McmpAnswer) {
  const { status, statusText, type, mess, body, elapsedMs } = answer;
  return {
    schemaVersion: SCHEMA_VERSION,
    balancer: address,
    request: {
      method: message.method,
      target: message.target,
      fields: message.pairs.map(([name, value]) => ({ name, value })),
    },
    warnings: message.warnings,
    answer: {
      status,
      statusText,
      headers: [...answer.headers].map(([name, value]) => ({ name, value })),
      type,
      mess: textOf(mess),
      body: textOf(body),
      elapsedMs: Math.round(elapsedMs),
    },
    decoded: readable(answer.decoded),
  };
}
