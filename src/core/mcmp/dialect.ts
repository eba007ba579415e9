import type { RoutingRules } from '../routing/rules.ts';
import { HTTPD2_DIALECT } from './dialects/httpd-2.ts';
import { MCMP_DIALECT } from './dialects/mcmp.ts';
import type { McmpErrorCode } from './errors.ts';
import type { McmpErrorType } from './types.ts';

/**
 * What differs between the balancers of this world, as data (reference §1-§5, §12). A program that behaves differently
 * in two dialects asks a field of this row, never the dialect's name.
 */

export type DialectName = 'mcmp' | 'httpd-2';

/** How message bodies are read (reference §1.2). */
export interface SyntaxRules {
  /** httpd 2 splits at every `=`, so a literal one in a value shifts all later keys (§12.1.3); else only the first counts. */
  readonly splitAtEveryEquals: boolean;
  /** Form encoding writes a space as `+`; httpd takes it literally. */
  readonly plusIsSpace: boolean;
  /** Characters that make a whole message unreadable, tested on decoded names and values. Must not be global. */
  readonly illegal: RegExp;
  /** Which column of the field limits holds. */
  readonly limits: 'httpd' | 'mcmp';
  /** Words read as true and false, lower case; any other is ignored. */
  readonly trueWords: readonly string[];
  readonly falseWords: readonly string[];
  /**
   * httpd never looks at the character after a comma, so `a,,b` is `a` and `,b`, and later elements may be one longer
   * (§1.6, §12.1.2). Else empty elements are left out.
   */
  readonly commaHidesNext: boolean;
  /** Whether values must make sense: a port a number, a host a name, no commas in names (INFO could not be read then). */
  readonly strictValues: boolean;
  /** Whether IPv6 addresses are brought to their shortest form. */
  readonly canonicalHosts: boolean;
  /**
   * Whether aliases lose their letter case (§2.2). A Java node drops all its applications when INFO shows its aliases other
   * than it spelled them (§9.4); they mean the same in any case.
   */
  readonly lowerAliases: boolean;
  /** A field of CONFIG with an empty value: the message is unreadable, or the field counts as not sent. */
  readonly emptyConfigValues: 'refuse' | 'ignore';
  /** A name of STATUS or PING that is not known: refused, or ignored. */
  readonly unknownFields: 'refuse' | 'ignore';
  /** Longest body in bytes: computed from the table sizes (§1.3) or just `--max-message`; and what happens beyond it. */
  readonly longBody: { readonly sizedByTables: boolean; readonly over: 'truncate' | 'refuse' };
}

/** What INFO, DUMP, VERSION and the replies look like (reference §2.2-§2.7). */
export interface ReplyRules {
  /** `release` of VERSION. */
  readonly release: string;
  /** httpd looks for the text `text/xml` anywhere in Accept; else Accept is read as RFC 9110 §12.5.1 says. */
  readonly acceptBySubstring: boolean;
  /** Whether JSON is offered. */
  readonly json: boolean;
  /** `report`: httpd 2's lines. `requests`: `…&Requests=N`, which the Java node drains by (§9.5). */
  readonly stopReply: 'report' | 'requests';
  /** Whether `% & =` of values are encoded in `key=value` replies, so that they can be read back. */
  readonly encodeReplies: boolean;
  /** Whether `&` is escaped in XML (httpd does not, so its document is broken then). */
  readonly escapeXml: boolean;
  /** Whether INFO says `Load: -1` of a node in error (httpd keeps the last load, §12.1.17). */
  readonly infoShowsError: boolean;
  /** Whether INFO with the header `MCMP-Route` tells of that node alone. */
  readonly infoOfOneNode: boolean;
}

/** How an answer goes over HTTP (reference §1.4). */
export interface HttpRules {
  readonly errorBody: 'html' | 'text';
  /** Whether an error closes the connection. */
  readonly closeOnError: boolean;
}

/** What the cluster machine decides (reference §2.1.2, §2.2, §3). */
export interface ClusterRules {
  /** The vhosts that a list of aliases makes: one for each, or one for the list. */
  readonly vhosts: 'one-per-alias' | 'one-per-list';
  /** A full alias or context table: what fits is stored (§12.1.7-8), or nothing is. */
  readonly tableFull: 'store-what-fits' | 'refuse';
  /** CONFIG of a known route with another address. */
  readonly otherAddress: 'refuse' | 'move-when-dead';
  /** CONFIG of another route with a known address: yields when this long unheard of, in ms, or in error; -1: never. */
  readonly addressYieldsAfterMs: number;
  /** Whether a different smax, ttl, balancer, type or `Reversed` makes another node of a known route (`is_same_node`). */
  readonly settingsIdentifyNode: boolean;
  /** Load of a node that comes back while being removed. */
  readonly revivedLoad: 0 | -1;
  /** Whether a removed node stays as `REMOVED` for a second wait before its row is free (§3.6). */
  readonly buriesRemoved: boolean;
  /** STOP-APP and DISABLE-APP of an unknown route are kept this long, in ms, for the CONFIG that follows; 0: refused. */
  readonly earlyCommandMs: number;
  /** REMOVE-APP of an unknown route: nothing to remove, or an error. */
  readonly removeUnknown: 'accept' | 'refuse';
  /** STATUS of a node being removed: `State=NOTOK`, or refused, so that the node registers again. */
  readonly statusOfRemoved: 'notok' | 'refuse';
  /** PING of an unknown route. */
  readonly pingUnknown: 'notok' | 'refuse';
  /** PING of an http address: only if a node is registered there, or any. */
  readonly pingAddresses: 'registered' | 'any';
}

export interface Dialect {
  readonly name: DialectName;
  /** One line for help and docs. */
  readonly summary: string;
  readonly syntax: SyntaxRules;
  readonly replies: ReplyRules;
  readonly http: HttpRules;
  readonly cluster: ClusterRules;
  readonly errorTexts: Readonly<
    Partial<Record<McmpErrorCode, { readonly type: McmpErrorType; readonly mess: string }>>
  >;
  readonly routing: RoutingRules;
  /** How an http node is asked whether it is alive (§5.2). */
  readonly ping: { readonly httpVersion: '1.0' | '1.1'; readonly sendHost: boolean };
  /** Whether a good health ping takes a node out of error; else only STATUS does (§5.4, HEALTH-04). */
  readonly pingClearsError: boolean;
}

/** All dialects, by the name that `--dialect` takes; a row of the table is a file of `dialects/`. */
export const DIALECTS: ReadonlyMap<string, Dialect> = new Map(
  [MCMP_DIALECT, HTTPD2_DIALECT].map((dialect) => [dialect.name, dialect]),
);

export { HTTPD2_DIALECT, MCMP_DIALECT };
