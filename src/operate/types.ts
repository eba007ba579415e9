import type { Pair } from '../client/index.ts';
import type { ContextStatus } from '../core/cluster/records.ts';
import type { McmpError } from '../core/errors.ts';
import type { AppCommandName } from '../core/mcmp/types.ts';

/**
 * What an operator can do to the contexts of any balancer. `enable`: all requests. `disable`: only those of sessions it
 * has. `stop`: none. `remove`: the balancer forgets the context, or the node.
 */
export const ACTIONS = ['enable', 'disable', 'stop', 'remove'] as const;
export type ActionName = (typeof ACTIONS)[number];

/** What is acted upon, on every chosen balancer that knows it. Strings are byte strings. */
export type Scope =
  /** One context of one node; `aliases` names its virtual host when the node has several with this path. */
  | { readonly kind: 'context'; readonly route: string; readonly path: string; readonly aliases?: readonly string[] }
  /** The context on every node that has it. */
  | { readonly kind: 'path'; readonly path: string }
  /** All contexts of a node. */
  | { readonly kind: 'node'; readonly route: string }
  | { readonly kind: 'domain'; readonly domain: string }
  /** All contexts that are served under this host name. */
  | { readonly kind: 'alias'; readonly alias: string }
  | { readonly kind: 'several'; readonly scopes: readonly Scope[] };

/** What a command does to one context. Strings are byte strings. */
export interface ContextChange {
  readonly route: string;
  /** Of its virtual host, spelled and ordered as the balancer has them. */
  readonly aliases: readonly string[];
  readonly path: string;
  readonly from: ContextStatus | 'absent';
  readonly to: ContextStatus | 'absent';
}

/** One MCMP command to one balancer. */
export interface PlannedCommand {
  /** The balancer, as its survey names it. */
  readonly target: string;
  readonly method: AppCommandName;
  readonly path: '/' | '/*';
  /** As text, for `McmpClient.send`. */
  readonly pairs: readonly Pair[];
  /** Byte string. */
  readonly route: string;
  /** The same for a shell: `mcmp send DISABLE-APP JVMRoute=n1 Alias=localhost Context=/app --balancer http://...`. */
  readonly commandLine: string;
  /** How many contexts it changes. */
  readonly contexts: number;
  /** Which, and from what to what. */
  readonly changes: readonly ContextChange[];
}

/** How much a plan has to be confirmed. */
export type Danger =
  | { readonly level: 'none' }
  /** Ask; Cancel is the default. `why` in words. */
  | { readonly level: 'ask'; readonly why: string }
  /** Ask for this word to be typed: the last enabled place of a context, or more than one node. */
  | { readonly level: 'type'; readonly why: string; readonly word: string };

/** What an action would do, before anything is done. */
export interface Plan {
  /** `undo`: brings back what other plans changed. */
  readonly action: ActionName | 'undo';
  /** Of an undo: that of no plan, an empty list. */
  readonly scope: Scope;
  /** For people: `Disable /app on node1 (2 balancers)`. */
  readonly title: string;
  readonly commands: readonly PlannedCommand[];
  readonly danger: Danger;
  /** How many contexts change, on how many nodes and balancers; how many are as wanted already. */
  readonly counts: {
    readonly contexts: number;
    readonly nodes: number;
    readonly targets: number;
    readonly unchanged: number;
  };
  /** Requests in flight on what is changed; undefined when no balancer tells. */
  readonly inFlight: number | undefined;
  /** Further words of the command lines, such as `--ca ca.pem`. */
  readonly words: readonly string[];
  /** What the operator should know: a balancer that cannot be reached, an action that a brand does not have. */
  readonly notes: readonly string[];
}

/** What one balancer answered to one command. */
export interface CommandResult {
  readonly command: PlannedCommand;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** For people: what it said, or why it could not be asked. */
  readonly words: string;
  /** Requests in flight as told by `Requests=` of STOP-APP, where the brand says so. */
  readonly requests?: number;
  readonly error?: McmpError;
  readonly tookMs: number;
}
