import type { RoutingRules } from '../routing/rules.ts';
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

/** Version of the protocol, the same in all implementations. */
export const PROTOCOL_VERSION = '0.2.1';

/** What this program calls itself in VERSION; equals package.json's version (a test says so). */
export const RELEASE = 'mcmp/0.1.0';

const mcmp: Dialect = {
  name: 'mcmp',
  summary: 'httpd-main with its crashes, truncations and half-done commands mended, and what serves real nodes best',
  syntax: {
    splitAtEveryEquals: false,
    plusIsSpace: true,
    illegal: /[\u0000-\u001f\u007f<>"'\\]/,
    limits: 'mcmp',
    trueWords: ['yes', 'on', 'true', '1'],
    falseWords: ['no', 'off', 'false', '0'],
    commaHidesNext: false,
    strictValues: true,
    canonicalHosts: true,
    lowerAliases: false,
    emptyConfigValues: 'ignore',
    unknownFields: 'ignore',
    longBody: { sizedByTables: false, over: 'refuse' },
  },
  replies: {
    release: RELEASE,
    acceptBySubstring: false,
    json: true,
    stopReply: 'requests',
    encodeReplies: true,
    escapeXml: true,
    infoShowsError: true,
    infoOfOneNode: true,
  },
  http: { errorBody: 'text', closeOnError: false },
  cluster: {
    vhosts: 'one-per-list',
    tableFull: 'refuse',
    otherAddress: 'move-when-dead',
    addressYieldsAfterMs: 30_000,
    settingsIdentifyNode: false,
    revivedLoad: 0,
    buriesRemoved: false,
    earlyCommandMs: 60_000,
    removeUnknown: 'accept',
    statusOfRemoved: 'refuse',
    pingUnknown: 'notok',
    pingAddresses: 'any',
  },
  errorTexts: {},
  routing: {
    repeatedCookie: 'first-with-route',
    pathSessionEndsAtSlash: true,
    querySession: true,
    removeSession: true,
    domainMemoryMs: 300_000,
    trailingSlashContexts: 'normalised',
    disabledWithSession: 'last',
    newcomers: 'level',
  },
  ping: { httpVersion: '1.1', sendHost: true },
  pingClearsError: true,
};

const httpd2: Dialect = {
  name: 'httpd-2',
  summary: 'Apache httpd with mod_proxy_cluster 2 (main branch), to the letter, its crashes apart',
  syntax: {
    splitAtEveryEquals: true,
    plusIsSpace: false,
    illegal: /[\u0000-\u001f\u007f<>"']/,
    limits: 'httpd',
    trueWords: ['yes', 'on'],
    falseWords: ['no', 'off'],
    commaHidesNext: true,
    strictValues: false,
    canonicalHosts: false,
    lowerAliases: true,
    emptyConfigValues: 'refuse',
    unknownFields: 'refuse',
    longBody: { sizedByTables: true, over: 'truncate' },
  },
  replies: {
    release: 'mod_proxy_cluster/2.0.0.Dev',
    acceptBySubstring: true,
    json: false,
    stopReply: 'report',
    encodeReplies: false,
    escapeXml: false,
    infoShowsError: false,
    infoOfOneNode: false,
  },
  http: { errorBody: 'html', closeOnError: true },
  cluster: {
    vhosts: 'one-per-alias',
    tableFull: 'store-what-fits',
    otherAddress: 'refuse',
    addressYieldsAfterMs: -1,
    settingsIdentifyNode: true,
    revivedLoad: -1,
    buriesRemoved: true,
    earlyCommandMs: 0,
    removeUnknown: 'refuse',
    statusOfRemoved: 'notok',
    pingUnknown: 'refuse',
    pingAddresses: 'registered',
  },
  errorTexts: {
    'empty-alias': { type: 'SYNTAX', mess: 'TODO: Empty Alias is not allowed' },
    'empty-context': { type: 'SYNTAX', mess: 'TODO: Empty Context is not allowed' },
    'status-route-missing': { type: 'SYNTAX', mess: 'TODO: No JVMRoute given!' },
    'bad-load': { type: 'SYNTAX', mess: 'TODO: Bad value for Load' },
  },
  routing: {
    repeatedCookie: 'first',
    pathSessionEndsAtSlash: false,
    querySession: false,
    removeSession: false,
    domainMemoryMs: 0,
    trailingSlashContexts: 'literal',
    disabledWithSession: 'equal',
    newcomers: 'zero',
  },
  ping: { httpVersion: '1.0', sendHost: false },
  pingClearsError: false,
};

/** All dialects, by the name that `--dialect` takes. */
export const DIALECTS: ReadonlyMap<string, Dialect> = new Map([mcmp, httpd2].map((dialect) => [dialect.name, dialect]));

export const MCMP_DIALECT: Dialect = mcmp;
export const HTTPD2_DIALECT: Dialect = httpd2;
