import type { RoutingRules } from '../routing/rules.ts';
import { HTTPD13_DIALECT } from './dialects/httpd-1.3.ts';
import { HTTPD2_DIALECT } from './dialects/httpd-2.ts';
import { MCMP_DIALECT } from './dialects/mcmp.ts';
import { NGINX_DIALECT } from './dialects/nginx.ts';
import { UNDERTOW_DIALECT } from './dialects/undertow.ts';
import type { ErrorText, ErrorTextKey } from './errors.ts';
import type { FieldName, LimitColumn } from './fields.ts';
import type { AppCommandName, McmpMethod } from './types.ts';

/**
 * What differs between the balancers of this world, as data (reference §1-§5, §12). A program that behaves differently
 * in two dialects asks a field of this row, never the dialect's name.
 */

export type DialectName = 'mcmp' | 'httpd-2' | 'httpd-1.3' | 'nginx' | 'undertow';

/** How message bodies are read (reference §1.2). */
export interface SyntaxRules {
  /** httpd 2 splits at every `=`, so a literal one in a value shifts all later keys (§12.1.3); else only the first counts. */
  readonly splitAtEveryEquals: boolean;
  /** nginx decodes the whole body before it splits it, so `%26` separates; and a space ends a name or a value (§12.4.1). */
  readonly decodeBeforeSplit: boolean;
  /** Whether CONFIG, STATUS and *-APP must hold an `=` to be read at all (httpd 1.3). */
  readonly needsEquals: boolean;
  /** Form encoding writes a space as `+`; httpd takes it literally. */
  readonly plusIsSpace: boolean;
  /** Characters that make a whole message unreadable, tested on decoded names and values. Must not be global. */
  readonly illegal: RegExp;
  /** Most pairs of one message, beyond which it is unreadable. */
  readonly mostFields: number;
  /** Which column of the field limits holds; `none`: the length of a message is the only limit (Undertow). */
  readonly limits: LimitColumn | 'none';
  /** Names of `StickySessionCookie` are cut to that many bytes; 0: never. */
  readonly cookieCutAt: number;
  /** Elements of a list that are too long are cut without a word (httpd 1.3, nginx: §1.6), or the message is refused. */
  readonly cutListElements: boolean;
  /** Defaults of a CONFIG that are other than the field table's. */
  readonly defaults: Readonly<Partial<Record<FieldName, string>>>;
  /** Whether `Port` says nothing without `Host` (Undertow: `Host: null, Port: -1`). */
  readonly portNeedsHost: boolean;
  /** Fields of CONFIG that are read and checked, but say nothing. */
  readonly unusedFields: readonly FieldName[];
  /** A name without `=`: it has no value, which most commands refuse, or an empty one. */
  readonly bareNames: 'no-value' | 'empty';
  /** Of a field that is sent twice the last one counts and lists add up, or the first one alone. */
  readonly repeatedFields: 'last' | 'first';
  /** Whether every number is what Java reads as an integer: no units, a sign, nothing else. */
  readonly javaIntegers: boolean;
  /** Words read as true and false, lower case; any other is ignored. */
  readonly trueWords: readonly string[];
  readonly falseWords: readonly string[];
  /**
   * httpd never looks at the character after a comma, so `a,,b` is `a` and `,b`, and later elements may be one longer
   * (§1.6, §12.1.2). Else empty elements are left out.
   */
  readonly commaHidesNext: boolean;
  /** Durations have units and are not negative (httpd), or are what atoi makes of them (nginx: §2.1). */
  readonly durations: 'units' | 'atoi';
  /**
   * Load of STATUS. `checked`: -1 to 100, and without it the node is only pinged. `atoi`: any number, -2 only pings, and
   * without it the node is broken, as by -1 (httpd 1.3, nginx: §2.3). `mandatory`: from -2, which only pings (Undertow).
   */
  readonly loads: 'checked' | 'atoi' | 'mandatory';
  /** Whether values must make sense: a port a number, a host a name, no commas in names (INFO could not be read then). */
  readonly strictValues: boolean;
  /** Whether IPv6 addresses are brought to their shortest form. */
  readonly canonicalHosts: boolean;
  /**
   * Whether aliases lose their letter case (§2.2). A Java node drops all its applications when INFO shows its aliases other
   * than it spelled them (§9.4); they mean the same in any case.
   */
  readonly lowerAliases: boolean;
  /** Whether the aliases of a CONFIG keep their letter case all the same (httpd 1.3, §12.2.7). */
  readonly configKeepsCase: boolean;
  /** Whether balancer names lose their letter case. */
  readonly lowerBalancers: boolean;
  /** What `flushpackets=auto` means. */
  readonly autoFlush: 'auto' | 'on';
  /**
   * A field of CONFIG with an empty value: the message is unreadable (httpd 1.3: only when it comes last), the field counts
   * as not sent, the value is empty (nginx), or the field counts as unknown (Undertow).
   */
  readonly emptyConfigValues: 'refuse' | 'refuse-last' | 'ignore' | 'keep' | 'invalid-field';
  /** A name of CONFIG that is not known: refused, or ignored. */
  readonly unknownConfigFields: 'refuse' | 'ignore';
  /** CONFIG with Alias and no Context, or the reverse, where neither has a default. */
  readonly configHalfVhost: 'refuse' | 'ignore';
  /**
   * Whether a CONFIG or *-APP without Context means the context `/`, and without Alias an empty alias (httpd 1.3, nginx:
   * §2.1.1, §2.2). An *-APP must have both or neither then.
   */
  readonly rootByDefault: boolean;
  /**
   * Alias or Context twice in one message: the lists add up. Or an *-APP is refused, and in a CONFIG each Alias begins a
   * virtual host of its own, whose Context has to come before the next (httpd 1.3, nginx: §2.1.1, §2.2).
   */
  readonly repeatedLists: 'merge' | 'refuse';
  /** Whether a comma is a part of the one path that an *-APP command names. */
  readonly commaInContext: boolean;
  /**
   * What PING may name as Scheme: what nodes speak, or anything, which is then asked by a plain connect (httpd 1.3).
   * `any-or-none`: http and ajp are asked as such, anything else and none by a plain connect (Undertow).
   */
  readonly pingSchemes: 'known' | 'any' | 'any-or-none';
  /** A name of STATUS or PING that is not known: refused, or ignored. */
  readonly unknownFields: 'refuse' | 'ignore';
  /**
   * Longest body in bytes: computed from the table sizes (§1.3; `contexts`: httpd 1.3 counts only these, by
   * mistake) or just `--max-message`; and what happens beyond it: cut, refused, or read as if it were empty (nginx).
   */
  readonly longBody: { readonly sizedByTables: boolean | 'contexts'; readonly over: 'truncate' | 'refuse' | 'drop' };
}

/** What INFO, DUMP, VERSION and the replies look like (reference §2.2-§2.7). */
export interface ReplyRules {
  /** `release` of VERSION. */
  readonly release: string;
  /** httpd looks for the text `text/xml` anywhere in Accept; else Accept is read as RFC 9110 §12.5.1 says. */
  readonly acceptBySubstring: boolean;
  /** Whether JSON is offered. */
  readonly json: boolean;
  /** Whether XML is offered. */
  readonly xml: boolean;
  /**
   * `report`: httpd 2's lines. `requests`: `…&Requests=N`, which the Java node drains by (§9.5). `requests-cut`: the same,
   * with Alias and Context cut to 8 bytes (httpd 1.3, §12.2.2). `run-together`: with nothing between the fields, so that no
   * node can read it (Undertow).
   */
  readonly stopReply: 'report' | 'requests' | 'requests-cut' | 'run-together';
  /** Answer to the other *-APP: httpd 2's report, or nothing. */
  readonly appReply: 'report' | 'empty';
  /**
   * `id` of STATUS and PING: the start of the balancer in microseconds, the lowest 32 bits of that with a sign (httpd 1.3,
   * §12.2.6), or milliseconds (Undertow).
   */
  readonly id: 'whole' | '32-bit' | 'milliseconds';
  /** Order of `JVMRoute` and `State` in the reply to STATUS. */
  readonly statusOrder: 'route-state' | 'state-route';
  /** Whether the reply to PING repeats the route that was asked for. */
  readonly pingNamesRoute: boolean;
  /** Whether the replies to STATUS and PING end with a line end. */
  readonly lineEnds: boolean;
  /** Whether a PING that succeeds is answered; nginx closes the connection without a word (§12.4.3). */
  readonly answersPing: boolean;
  /** Whether INFO tells flush policy, counters and load; nginx says `Off` and 0 whatever they are (§2.6). */
  readonly infoCounters: boolean;
  /** Whether `% & =` of values are encoded in `key=value` replies, so that they can be read back. */
  readonly encodeReplies: boolean;
  /** Whether `&` is escaped in XML (httpd does not, so its document is broken then). */
  readonly escapeXml: boolean;
  /** Whether INFO says `Load: -1` of a node in error (httpd keeps the last load, §12.1.17). */
  readonly infoShowsError: boolean;
  /** Whether INFO with the header `MCMP-Route` tells of that node alone. */
  readonly infoOfOneNode: boolean;
  /**
   * What INFO says third of a `Vhost:`, and DUMP first of `host:` and `node:`. `rows`: their places in the tables.
   * `owners`: -1, the number of the virtual host, and the id of the balancer (Undertow).
   */
  readonly idColumns: 'rows' | 'owners';
}

/** How an answer goes over HTTP (reference §1.4). */
export interface HttpRules {
  readonly errorBody: 'html' | 'text' | 'none';
  /** Content-Type of the error page in HTML. */
  readonly errorPageType: 'text/html; charset=iso-8859-1' | 'text/html';
  /** Commands that this balancer does not know: they are answered like any other method. */
  readonly unknownCommands: readonly McmpMethod[];
  /** What a method gets that is no MCMP (§1.1). */
  readonly unknownMethodStatus: 404 | 405 | 501;
  /** A message to `*`: the whole node is meant, or 400 (Undertow). */
  readonly asteriskTarget: 'wildcard' | 'refuse';
  /**
   * ERROR, and ADDID, REMOVEID, QUERY of a table that has no rows by default (§2.8): unknown, answered (httpd 1.3), or the
   * connection is closed where nginx never answers.
   */
  readonly oldCommands: 'unknown' | 'answered' | 'silent';
  /** Which answers close the connection. */
  readonly closes: 'never' | 'after-errors' | 'always';
  /** Content-Type of all answers; empty: each has the one of its body. */
  readonly contentType: string;
  /** Whether `Type` comes before `Version`. */
  readonly typeFirst: boolean;
  /** What answers at the MCMP address say in `Server`; Undertow says it in INFO and DUMP only. */
  readonly server: string;
  readonly serverIn: 'all' | 'queries';
  /** What a client is told when a node broke the connection and the request may not be sent again (§4.7). */
  readonly lostStatus: 502 | 503;
  /** Body of errors that clients are answered with: a sentence, or nothing. */
  readonly trafficErrors: 'words' | 'empty';
}

/** What the cluster machine decides (reference §2.1.2, §2.2, §3). */
export interface ClusterRules {
  /** Index of the first row of each table, and which free row is used first (§3.2). */
  readonly rows: { readonly first: 0 | 1; readonly reuse: 'lowest' | 'last-freed' };
  /** Ids that INFO and DUMP show: those indexes, or a count from 1 that never comes again (Undertow, §3.2). */
  readonly ids: 'rows' | 'counted';
  /**
   * The vhosts that a list of aliases makes: one for each, or one for the list. A list whose aliases stand in several vhosts
   * means all of them, or that of its first alias (httpd 1.3, nginx: §3.4). `one-per-exact-list`: lists that differ in order,
   * spelling or number are different vhosts (Undertow).
   */
  readonly vhosts: 'one-per-alias' | 'one-per-list' | 'one-by-first-alias' | 'one-per-exact-list';
  /** Whether a vhost stays that lost its last context. */
  readonly keepsEmptyVhosts: boolean;
  /** Whether a balancer stays that lost its last node. */
  readonly keepsEmptyBalancers: boolean;
  /** What CONFIG does with the contexts that it names. */
  readonly configContexts: Extract<AppCommandName, 'ENABLE-APP' | 'STOP-APP'>;
  /** CONFIG of a node that is known: its settings are stored, or nothing but its load goes back to -1 (Undertow). */
  readonly reconfig: 'store' | 'await-status';
  /** DISABLE-APP of a context that is STOPPED or new. */
  readonly disableStopped: 'DISABLED' | 'STOPPED';
  /** A full alias or context table: what fits is stored (§12.1.7-8), or nothing is. */
  readonly tableFull: 'store-what-fits' | 'refuse';
  /**
   * CONFIG of a known route with another address. `bury`: refused, and the old node is `REMOVED` (§12.2.3). `replace`: the
   * old node is gone; the new one takes its place if the old one was in error, else the CONFIG is refused (Undertow).
   */
  readonly otherAddress: 'refuse' | 'move-when-dead' | 'bury' | 'replace';
  /**
   * How many nodes an address may have: one, one for each set of the settings that identify a node (httpd 1.3), or any
   * number (nginx, Undertow: §2.1.2).
   */
  readonly nodesPerAddress: 'one' | 'one-per-settings' | 'any';
  /** Whether a CONFIG that is refused over its route or address has changed its balancer already (§12.2.9). */
  readonly refusedChangesBalancer: boolean;
  /** CONFIG of another route with a known address: yields when this long unheard of, in ms, or in error; -1: never. */
  readonly addressYieldsAfterMs: number;
  /** Whether a different smax, ttl, balancer, type or `Reversed` makes another node of a known route (`is_same_node`). */
  readonly settingsIdentifyNode: boolean;
  /** Load of a node that comes back while being removed. */
  readonly revivedLoad: 0 | -1 | 100;
  /** Load of a new node until its first STATUS. */
  readonly firstLoad: 0 | -1 | 100;
  /** Whether REMOVE-APP of a node frees its row at once; else it waits, so that the node can come back. */
  readonly removesAtOnce: boolean;
  /** Whether a removed node stays as `REMOVED` for a second wait before its row is free (§3.6). */
  readonly buriesRemoved: boolean;
  /** STOP-APP and DISABLE-APP of an unknown route are kept this long, in ms, for the CONFIG that follows; 0: refused. */
  readonly earlyCommandMs: number;
  /** REMOVE-APP of an unknown route: nothing to remove, or an error. */
  readonly removeUnknown: 'accept' | 'refuse';
  /** REMOVE-APP of an unknown context. */
  readonly removeUnknownContext: 'accept' | 'refuse';
  /** STOP-APP of an unknown route: refused, or answered with `Requests=-1`. */
  readonly stopUnknown: 'refuse' | 'minus-one';
  /** STATUS of a node being removed: `State=NOTOK`, `State=OK`, or refused, so that the node registers again. */
  readonly statusOfRemoved: 'notok' | 'ok' | 'refuse';
  /** Whether a node is pinged upon its STATUS; nginx believes it (§12.4.5). */
  readonly statusPings: boolean;
  /** Whether a STATUS with Load=0 takes a node out of error (httpd 1.3: no, §12.2.5). */
  readonly standbyClearsError: boolean;
  /** Whether a node that says it is a hot standby (Load 0) is pinged. */
  readonly pingsStandby: boolean;
  /** `State` that a node is told which says it is broken (Load -1). */
  readonly stateOfBroken: 'OK' | 'NOTOK';
  /** PING of an unknown route. */
  readonly pingUnknown: 'notok' | 'refuse';
  /** PING of an http address: only if a node is registered there, or any. */
  readonly pingAddresses: 'registered' | 'any';
  /** Whether PING of a route puts a node into error that does not answer. */
  readonly pingMarksError: boolean;
}

export interface Dialect {
  readonly name: DialectName;
  /** One line for help and docs. */
  readonly summary: string;
  readonly syntax: SyntaxRules;
  readonly replies: ReplyRules;
  readonly http: HttpRules;
  readonly cluster: ClusterRules;
  readonly errorTexts: Readonly<Partial<Record<ErrorTextKey, ErrorText>>>;
  readonly routing: RoutingRules;
  /** How an http node is asked whether it is alive (§5.2). */
  readonly ping: {
    readonly httpVersion: '1.0' | '1.1';
    /** What Host says: nothing, the name alone, or with the port. */
    readonly host: 'none' | 'name' | 'name-and-port';
    readonly userAgent: string;
  };
  /** Whether a good health ping takes a node out of error; else only STATUS does (§5.4, HEALTH-04). */
  readonly pingClearsError: boolean;
}

/** All dialects, by the name that `--dialect` takes; a row of the table is a file of `dialects/`. */
export const DIALECTS: ReadonlyMap<string, Dialect> = new Map(
  [MCMP_DIALECT, HTTPD2_DIALECT, HTTPD13_DIALECT, NGINX_DIALECT, UNDERTOW_DIALECT].map((dialect) => [
    dialect.name,
    dialect,
  ]),
);

export { HTTPD2_DIALECT, HTTPD13_DIALECT, MCMP_DIALECT, NGINX_DIALECT, UNDERTOW_DIALECT };
