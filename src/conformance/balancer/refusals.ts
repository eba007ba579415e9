import { type AnswerExpectation, refused } from './answers.ts';

/** Refusals that several commands share (reference §1.7). */

/** A command without the route that it is about; httpd, nginx and ours. */
export const ROUTE_EMPTY = refused('SYNTAX', "SYNTAX: JVMRoute can't be empty");

/** Undertow's one text for all that is left out; httpd says it of PING. */
export const FIELDS_MISSING = refused('SYNTAX', 'SYNTAX: Mandatory field(s) missing in message');

/** Undertow: an *-APP command for a node or a context that it does not know. */
export const CONTEXT_UNKNOWN = refused('MEM', "MEM: Can't update or insert context");

/** nginx, and Undertow's STATUS: a route that is not there. */
export const NODE_UNKNOWN = refused('MEM', "MEM: Can't read node");

/** What httpd says of a route that is not there; the text names it. */
export const ROUTE_UNKNOWN = {
  words: `500 MEM: Can't read node with "R" JVMRoute`,
  of: (route: string): AnswerExpectation => refused('MEM', `MEM: Can't read node with "${route}" JVMRoute`),
};

/** STATUS and PING of httpd and nginx: a name that they do not know. */
export function invalidField(name: string): AnswerExpectation {
  return refused('SYNTAX', `SYNTAX: Invalid field "${name}" in message`);
}
