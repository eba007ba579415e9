import { decodeBody } from './body.ts';
import type { Dialect } from './dialect.ts';
import { type McmpErrorCode, refusal } from './errors.ts';
import { DONE, NO_ANSWER } from './reply.ts';
import type { McmpRefusal, McmpReply } from './types.ts';

/**
 * Commands of a small table of names and data that httpd 1.3 and nginx keep for JGroups, and ERROR, which is reserved for
 * nothing (reference §2.8). The table of httpd 1.3 has no rows unless `Maxjgroupsid` says so, and no real node uses it: so
 * none is kept here either.
 */
const OLD_COMMANDS = ['ERROR', 'ADDID', 'REMOVEID', 'QUERY'] as const;
export type OldCommand = (typeof OLD_COMMANDS)[number];

/** A value must be shorter than this, in bytes (reference §1.6). */
const LIMITS: ReadonlyMap<string, { readonly name: string; readonly limit: number }> = new Map([
  ['jgroupuuid', { name: 'JGroupUuid', limit: 80 }],
  ['jgroupdata', { name: 'JGroupData', limit: 200 }],
]);

/** The old command of that name, in any letter case, if the dialect knows it. */
export function oldCommandOf(name: string, dialect: Dialect): OldCommand | undefined {
  if (dialect.http.oldCommands === 'unknown') return undefined;
  const word = name.toUpperCase();
  return OLD_COMMANDS.find((command) => command === word);
}

/**
 * What an old command is answered.
 *
 * @param body byte string
 */
export function answerOldCommand(command: OldCommand, body: string, dialect: Dialect): McmpReply {
  const refused = (code: McmpErrorCode, field = ''): McmpRefusal => refusal(code, dialect, { F: field });
  const pairs = decodeBody(body, dialect.syntax);
  // QUERY of everything needs no body.
  const needsEquals = dialect.syntax.needsEquals && command !== 'QUERY';
  if (pairs === undefined || (needsEquals && !body.includes('='))) return refused('unreadable');
  if (command === 'ERROR') return refused('not-supported');
  let uuid = '';
  for (const { name, value = '' } of pairs) {
    const field = LIMITS.get(name.toLowerCase());
    if (field === undefined) continue;
    if (value.length >= field.limit) return refused('too-big', field.name);
    if (field.name === 'JGroupUuid') uuid = value;
  }
  const namesOne = uuid !== '' && !(command === 'QUERY' && uuid === '*');
  if (command !== 'QUERY' && !namesOne) return refused('group-empty');
  if (dialect.http.oldCommands === 'silent') return NO_ANSWER;
  if (command === 'ADDID') return refused('group-table-full');
  return namesOne ? refused('group-unknown') : { ...DONE, contentType: 'text/plain' };
}
