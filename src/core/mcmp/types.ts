import type { FlushPackets } from '../cluster/records.ts';
import type { McmpErrorCode } from './errors.ts';

/**
 * Strings of this room are byte strings: one character per byte (latin1), from the socket to the tables and back. So a
 * value leaves exactly as it came, whatever its encoding was, and is compared byte by byte with a request target. Only
 * what shows it to people decodes it: `textOf` in `bytes.ts`.
 */

/** `Type` header of an error reply (reference §1.4). */
export type McmpErrorType = 'SYNTAX' | 'MEM' | 'GENERAL';

export type AppCommandName = 'ENABLE-APP' | 'DISABLE-APP' | 'STOP-APP' | 'REMOVE-APP';
export type McmpMethod = 'CONFIG' | AppCommandName | 'STATUS' | 'PING' | 'INFO' | 'DUMP' | 'VERSION';
export type InfoFormat = 'text' | 'xml' | 'json';

/** Node settings of one CONFIG, defaults filled in. Units as the names say. */
export interface NodeSettings {
  readonly route: string;
  readonly domain: string;
  readonly host: string;
  readonly port: string;
  readonly type: string;
  readonly reversed: boolean;
  readonly flushPackets: FlushPackets;
  readonly flushWaitMs: number;
  readonly pingMs: number;
  readonly smax: number;
  readonly ttlMs: number;
  readonly timeoutMs: number;
}

export interface BalancerSettings {
  readonly name: string;
  readonly stickySession: boolean;
  readonly stickySessionCookie: string;
  readonly stickySessionPath: string;
  readonly stickySessionRemove: boolean;
  readonly stickySessionForce: boolean;
  readonly waitWorkerSeconds: number;
  readonly maxAttempts: number;
}

export interface ConfigCommand {
  readonly kind: 'CONFIG';
  readonly node: NodeSettings;
  readonly balancer: BalancerSettings;
  readonly aliases: readonly string[];
  readonly contexts: readonly string[];
  /** Further virtual hosts, where each Alias begins one of its own (`SyntaxRules.repeatedLists`). */
  readonly further?: readonly VirtualHost[];
}

/** Aliases, and the contexts that they serve. */
export interface VirtualHost {
  readonly aliases: readonly string[];
  readonly contexts: readonly string[];
}

export interface AppCommand {
  readonly kind: AppCommandName;
  readonly route: string;
  /** The `/*` form: the whole node. Aliases and contexts are empty then. */
  readonly wildcard: boolean;
  readonly aliases: readonly string[];
  readonly contexts: readonly string[];
}

export interface StatusCommand {
  readonly kind: 'STATUS';
  readonly route: string;
  /** -1..100, or undefined: ping only. */
  readonly load: number | undefined;
}

export interface PingCommand {
  readonly kind: 'PING';
  readonly target:
    | { readonly kind: 'balancer' }
    | { readonly kind: 'node'; readonly route: string }
    | { readonly kind: 'address'; readonly scheme: string; readonly host: string; readonly port: string };
}

export interface QueryCommand {
  readonly kind: 'INFO' | 'DUMP' | 'VERSION';
  readonly format: InfoFormat;
  /** INFO of this node alone, in text or XML; undefined: of all. */
  readonly route?: string;
}

/** A message of a peer, understood but not yet carried out. */
export type McmpCommand = ConfigCommand | AppCommand | StatusCommand | PingCommand | QueryCommand;

/** A refused command: what the peer is told, and what only the log is told. */
export interface McmpRefusal {
  readonly ok: false;
  readonly type: McmpErrorType;
  /** A byte string that is fit for a header line: no control characters. */
  readonly mess: string;
  /** The row of the error table. */
  readonly code: McmpErrorCode;
  /** The words are the body of the answer, and no header says Version, Type and Mess (Undertow, reference §1.4). */
  readonly inBodyAlone?: true;
  /** What the peer is not told but the log should say (both routes of a conflict, the limit); may be empty. */
  readonly detail: string;
}

/** A command that was carried out. */
export interface McmpSuccess {
  readonly ok: true;
  /** A byte string. */
  readonly body: string;
  /** Empty: send none. */
  readonly contentType: string;
  /** The dialect never answers this: the connection is closed instead. */
  readonly silent?: true;
  /** Whether the balancer names itself in it: INFO and DUMP, in some dialects. */
  readonly named?: true;
}

/** What an MCMP endpoint answers, before HTTP. */
export type McmpReply = McmpSuccess | McmpRefusal;
