import type { ClusterEvent } from '../../../core/cluster/events.ts';
import { textOf } from '../../../core/mcmp/bytes.ts';
import { ERRORS, type McmpErrorCode } from '../../../core/mcmp/errors.ts';
import { readReply } from '../../../core/mcmp/reply.ts';
import type { McmpCommand, McmpErrorType, McmpMethod, McmpRefusal, McmpReply } from '../../../core/mcmp/types.ts';
import { changeInWords, routeOf } from '../../message-journal.ts';

/** Of a long list so many are told. */
const MOST_LISTED = 100;

/** A command as it was read, decoded. */
export interface CommandDocument {
  readonly command: McmpMethod;
  /** The node that it is about; null when it is about none. */
  readonly route: string | null;
  /** The `/*` form. */
  readonly wildcard: boolean;
  /** The first of them, and how many there are. */
  readonly aliases: readonly string[];
  readonly contexts: readonly string[];
  readonly contextCount: number;
}

/** What the balancer said to a command that it carried out; null where there is nothing to say. */
export interface AnswerDocument {
  /** Such as `STATUS-RSP`. */
  readonly type: string;
  /** `OK` or `NOTOK`. */
  readonly state: string | null;
  /** Requests in flight. */
  readonly requests: number | null;
}

export interface ResultDocument extends CommandDocument {
  readonly ok: boolean;
  readonly answer: AnswerDocument | null;
  /** Of a refusal; null otherwise. */
  readonly refusal: {
    readonly type: McmpErrorType;
    readonly mess: string;
    readonly code: McmpErrorCode;
    readonly hint: string;
  } | null;
  /** The first changes, in words, and how many there are. */
  readonly changes: readonly string[];
  readonly changed: number;
}

export interface CommandsAnswer {
  readonly schemaVersion: 1;
  readonly dryRun: boolean;
  /** Whether nothing was refused. */
  readonly ok: boolean;
  readonly results: readonly (CommandDocument | ResultDocument)[];
}

export function commandDocument(command: McmpCommand): CommandDocument {
  const lists = 'contexts' in command ? command : { aliases: [], contexts: [] };
  const route = routeOf(command);
  return {
    command: command.kind,
    route: route === undefined ? null : textOf(route),
    wildcard: 'wildcard' in command && command.wildcard,
    aliases: lists.aliases.slice(0, MOST_LISTED).map(textOf),
    contexts: lists.contexts.slice(0, MOST_LISTED).map(textOf),
    contextCount: lists.contexts.length,
  };
}

export function resultDocument(
  command: CommandDocument,
  reply: McmpReply,
  events: readonly ClusterEvent[],
): ResultDocument {
  return {
    ...command,
    ok: reply.ok,
    answer: reply.ok ? answerDocument(reply.body) : null,
    refusal: reply.ok ? null : refusalDocument(reply),
    changes: events.slice(0, MOST_LISTED).map(changeInWords),
    changed: events.length,
  };
}

function answerDocument(body: string): AnswerDocument | null {
  const reading = readReply(body);
  if (reading === undefined) return null;
  return { type: reading.type, state: reading.state ?? null, requests: reading.requests ?? null };
}

function refusalDocument({ type, mess, code }: McmpRefusal): ResultDocument['refusal'] {
  return { type, mess: textOf(mess), code, hint: ERRORS[code].hint };
}

/**
 * 200 as soon as something was carried out; else 422 for what MCMP calls SYNTAX, which is wrong as it stands, and 409 for
 * what the tables do not allow now.
 */
export function statusOf(results: readonly ResultDocument[]): 200 | 409 | 422 {
  if (results.some(({ ok, changed }) => ok || changed > 0)) return 200;
  return results.every(({ refusal }) => refusal?.type === 'SYNTAX') ? 422 : 409;
}
