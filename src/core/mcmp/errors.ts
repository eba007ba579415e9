import { McmpError } from '../errors.ts';
import type { Dialect } from './dialect.ts';
import type { McmpErrorType, McmpRefusal } from './types.ts';

/** One way to be refused: type and words as the dialect `mcmp` says them; other dialects override them in their row. */
export interface ErrorRow {
  readonly type: McmpErrorType;
  /** `{name}` is replaced by what the place of the error knows: R the route, F the field's label, K a name as sent. */
  readonly mess: string;
  /** For the one who sends commands by hand. */
  readonly hint: string;
}

/** All error texts (reference §1.7), by a code that stays the same. */
export const ERRORS = {
  unreadable: {
    type: 'SYNTAX',
    mess: "SYNTAX: Can't parse MCMP message. It might have contained illegal symbols or unknown elements.",
    hint: 'Send key=value pairs joined by &, each with a value, form-encoded, without < > " \' \\ and control characters.',
  },
  'message-too-large': {
    type: 'MEM',
    mess: 'MEM: Message is longer than {N} bytes',
    hint: 'Send fewer contexts or aliases in one command, or raise --max-message.',
  },
  'route-empty': {
    type: 'SYNTAX',
    mess: "SYNTAX: JVMRoute can't be empty",
    hint: 'Name the node: JVMRoute=node1.',
  },
  'status-route-missing': {
    type: 'SYNTAX',
    mess: "SYNTAX: JVMRoute can't be empty",
    hint: 'Name the node: JVMRoute=node1.',
  },
  'too-big': {
    type: 'SYNTAX',
    mess: 'SYNTAX: {F} field too big',
    hint: 'Shorten the value; docs/protocol.md lists the limit of each field.',
  },
  'sticky-too-big': {
    type: 'SYNTAX',
    mess: 'SYNTAX: A field is too big',
    hint: 'Shorten StickySessionCookie or StickySessionPath; docs/protocol.md lists the limits.',
  },
  'bad-value': {
    type: 'SYNTAX',
    mess: 'SYNTAX: {F} field has bad value',
    hint: 'docs/protocol.md says which values the field takes.',
  },
  'bad-port': {
    type: 'MEM',
    mess: 'MEM: Port field has bad value',
    hint: 'The connector has no port (yet): send CONFIG when it listens.',
  },
  'own-address': {
    type: 'MEM',
    mess: 'MEM: Host and Port are those of the balancer itself',
    hint: 'Send the address of the application server; the balancer would send requests to itself.',
  },
  'not-owner': {
    type: 'MEM',
    mess: 'MEM: JVMRoute belongs to another peer',
    hint: 'Each node needs a JVMRoute of its own. The log of the balancer names both peers.',
  },
  'alias-without-context': {
    type: 'SYNTAX',
    mess: 'SYNTAX: Alias without Context',
    hint: 'Add Context=/path.',
  },
  'context-without-alias': {
    type: 'SYNTAX',
    mess: 'SYNTAX: Context without Alias',
    hint: 'Add Alias=localhost, or the names under which the application is called.',
  },
  'no-alias-no-context': {
    type: 'SYNTAX',
    mess: 'SYNTAX: No Context and Alias in APP command',
    hint: 'Add Alias and Context, or send the command to /* to mean the whole node.',
  },
  'empty-alias': {
    type: 'SYNTAX',
    mess: 'SYNTAX: Empty Alias is not allowed',
    hint: 'Add Alias=localhost, or the names under which the application is called.',
  },
  'empty-context': {
    type: 'SYNTAX',
    mess: 'SYNTAX: Empty Context is not allowed',
    hint: 'The root context is Context=/.',
  },
  'repeated-alias': {
    type: 'SYNTAX',
    mess: 'SYNTAX: Only one Alias in APP command',
    hint: 'Name all aliases in one Alias, with commas.',
  },
  'repeated-context': {
    type: 'SYNTAX',
    mess: 'SYNTAX: Only one Context in APP command',
    hint: 'Name all contexts in one Context, with commas.',
  },
  'bad-load': {
    type: 'MEM',
    mess: 'MEM: Bad value for Load',
    hint: 'Load is 1 to 100, 0 for a hot standby, or -1 for a broken node.',
  },
  'invalid-field': {
    type: 'SYNTAX',
    mess: 'SYNTAX: Invalid field "{K}" in message',
    hint: 'docs/protocol.md lists the fields of each command.',
  },
  'fields-missing': {
    type: 'SYNTAX',
    mess: 'SYNTAX: Mandatory field(s) missing in message',
    hint: 'PING takes nothing, or JVMRoute, or Scheme with Host and Port.',
  },
  'unsupported-scheme': {
    type: 'SYNTAX',
    mess: 'PING Unsupported scheme: {K}',
    hint: 'Scheme is ajp, http, https, ws or wss.',
  },
  'route-exists': {
    type: 'MEM',
    mess: 'MEM: Node with "{R}" JVMRoute already exists',
    hint: 'Another address is registered under this route and answers there. Give each node its own JVMRoute.',
  },
  'address-taken': {
    type: 'MEM',
    mess: 'MEM: Another for the same worker already exist',
    hint: 'Another route is registered for this address. Give each node its own address, or remove the other first.',
  },
  'node-table-full': {
    type: 'MEM',
    mess: 'MEM: Can\'t update or insert node with "{R}" JVMRoute',
    hint: 'Raise --max-nodes.',
  },
  'balancer-table-full': {
    type: 'MEM',
    mess: 'MEM: Can\'t update or insert balancer for node with "{R}" JVMRoute',
    hint: 'Raise --max-nodes: there may be as many balancers as nodes.',
  },
  'alias-table-full': {
    type: 'MEM',
    mess: 'MEM: Can\'t update or insert host alias for node with "{R}" JVMRoute',
    hint: 'Raise --max-hosts.',
  },
  'context-table-full': {
    type: 'MEM',
    mess: 'MEM: Can\'t update or insert context for node with "{R}" JVMRoute',
    hint: 'Raise --max-contexts.',
  },
  'half-stored': {
    type: 'GENERAL',
    mess: '{L}',
    hint: 'A table is full: raise --max-hosts or --max-contexts.',
  },
  'unknown-route': {
    type: 'MEM',
    mess: 'MEM: Can\'t read node with "{R}" JVMRoute',
    hint: 'The balancer does not know this node: send CONFIG first.',
  },
  'not-supported': {
    type: 'SYNTAX',
    mess: 'SYNTAX: Command is not supported',
    hint: 'ERROR is a reserved word of httpd 1.3 and nginx; it asks for nothing.',
  },
  'group-empty': {
    type: 'SYNTAX',
    mess: "SYNTAX: JGroupUuid can't be empty",
    hint: 'ADDID and REMOVEID name an entry: JGroupUuid=...',
  },
  'group-unknown': {
    type: 'MEM',
    mess: "MEM: Can't read JGroupId",
    hint: 'The table of httpd 1.3 has no rows unless Maxjgroupsid says so; here it never has any.',
  },
  'group-table-full': {
    type: 'MEM',
    mess: "MEM: Can't update or insert JGroupId",
    hint: 'The table of httpd 1.3 has no rows unless Maxjgroupsid says so; here it never has any.',
  },
  'unknown-context': {
    type: 'MEM',
    mess: 'MEM: Can\'t read context of node with "{R}" JVMRoute',
    hint: 'The node has no such context under exactly these aliases.',
  },
  'early-table-full': {
    type: 'MEM',
    mess: 'MEM: Can\'t read node with "{R}" JVMRoute',
    hint: 'The balancer does not know this node, and remembers too many such commands already: send CONFIG first.',
  },
} as const satisfies Record<string, ErrorRow>;

export type McmpErrorCode = keyof typeof ERRORS;

/** A code, or a code met by one kind of command: what a dialect may have words of its own for. */
export type ErrorTextKey = McmpErrorCode | 'route-empty/config' | 'unknown-route/app' | 'unknown-route/node';

export interface ErrorText {
  readonly type: McmpErrorType;
  readonly mess: string;
  /** The words are the body, and no header says Version, Type and Mess (Undertow's generic failure, reference §1.4). */
  readonly inBodyAlone?: true;
}

/** What the words of an error may name; byte strings. */
export interface ErrorValues {
  readonly R?: string;
  readonly F?: string;
  readonly K?: string;
  readonly N?: string;
  readonly L?: string;
}

/** A peer's own words are repeated to it only in part: they go into a header line. */
const LONGEST_ECHO = 100;

/** Type and words of an error in a dialect. */
export function errorRow(code: McmpErrorCode, dialect: Dialect, key: ErrorTextKey = code): ErrorText {
  return dialect.errorTexts[key] ?? dialect.errorTexts[code] ?? ERRORS[code];
}

/**
 * The answer to a command that is refused.
 *
 * @param values what the words name, byte strings; long ones are cut
 * @param detail for the log only
 * @param key the code with the kind of command, where dialects have words of their own for it
 */
export function refusal(
  code: McmpErrorCode,
  dialect: Dialect,
  values: ErrorValues = {},
  detail = '',
  key: ErrorTextKey = code,
): McmpRefusal {
  const row = errorRow(code, dialect, key);
  const limit = code === 'half-stored' ? 2_000 : LONGEST_ECHO;
  const mess = row.mess.replace(/\{([RFKNL])\}/g, (_, name: keyof ErrorValues) => {
    const value = (values[name] ?? '').replace(/[\u0000-\u001f\u007f]/g, ' ');
    return value.length > limit ? `${value.slice(0, limit)}...` : value;
  });
  return { ok: false, type: row.type, mess, code, detail, ...(row.inBodyAlone ? { inBodyAlone: true } : {}) };
}

/** A message of a peer that cannot be carried out as it stands. `parseCommand` returns it; nothing throws it. */
export class CommandError extends McmpError {
  override readonly name = 'CommandError';
  /** The answer to send. */
  readonly refusal: McmpRefusal;

  constructor(answer: McmpRefusal) {
    super('protocol', `MCMP_${answer.code.toUpperCase().replaceAll('-', '_')}`, answer.mess, {
      hint: ERRORS[answer.code].hint,
    });
    this.refusal = answer;
  }

  /** `Type` header. */
  get type(): McmpErrorType {
    return this.refusal.type;
  }

  /** `Mess` header. */
  get mess(): string {
    return this.refusal.mess;
  }
}
