import type { FailureKind } from '../../core/errors.ts';
import type { ContextDocument, NodeDocument } from '../simulator/documents.ts';

export interface FaultDocument {
  readonly id: string;
  /** As it was written: `latency:200ms±50ms@node2`. */
  readonly text: string;
  readonly fault: string;
  readonly chance: number;
  readonly amount: number | null;
  readonly spread: number | null;
  /** Since it was switched on; null: always. Without an end, `untilMs` is null. */
  readonly window: { readonly fromMs: number; readonly untilMs: number | null } | null;
  /** Routes it is for; empty: all nodes. */
  readonly nodes: readonly string[];
  readonly strikes: number;
}

export interface ErrorDocument {
  readonly code: string;
  readonly kind: FailureKind;
  readonly message: string;
  readonly hint?: string;
}

/** A node for which an action on several failed, and why. */
export interface FailureDocument {
  readonly route: string;
  readonly error: ErrorDocument;
}

/** What came of an action on one or several nodes. */
interface Outcomes {
  readonly schemaVersion: number;
  readonly failures: readonly FailureDocument[];
  /** Nodes that are still at it: draining, or waiting for a balancer. */
  readonly pending: readonly string[];
}

export interface NodesAnswer extends Outcomes {
  readonly nodes: readonly NodeDocument[];
}

export interface ContextsAnswer extends Outcomes {
  readonly contexts: readonly ContextDocument[];
}

/** What one balancer answered to a message of one node; `error` when there was no answer. */
export interface SaidDocument {
  readonly route: string;
  readonly balancer: string;
  readonly status: number | null;
  /** Of the answer, as text. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body was longer than this API passes on. */
  readonly truncated: boolean;
  readonly error: ErrorDocument | null;
}

export interface SaidAnswer extends Outcomes {
  readonly answers: readonly SaidDocument[];
}

export interface FaultsAnswer {
  readonly schemaVersion: number;
  readonly faults: readonly FaultDocument[];
}

/** One route of the API as the API describes itself. */
export interface RouteDocument {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly describe: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
  readonly curl: string;
  /** Null when the command line has no word for it. */
  readonly ctl: string | null;
}

export interface DescriptionAnswer {
  readonly schemaVersion: number;
  /** Name and version. */
  readonly program: string;
  readonly nodeCount: number;
  readonly routes: readonly RouteDocument[];
}

/** What `GET /v1/events` sends, one document an event; `kind` is also the name of the event. */
export type ControlEvent =
  /** Everything: first of all, and again to a reader that was too slow for what changed in between. */
  | {
      readonly schemaVersion: number;
      readonly kind: 'snapshot';
      readonly nodes: readonly NodeDocument[];
      readonly faults: readonly FaultDocument[];
    }
  /** A node that has changed, as it is now. */
  | { readonly schemaVersion: number; readonly kind: 'node'; readonly node: NodeDocument }
  /** Faults that are on, after one was switched. */
  | { readonly schemaVersion: number; readonly kind: 'faults'; readonly faults: readonly FaultDocument[] };

/** What each route answers, by its name in the table; the stream of events is made of `ControlEvent`. */
export interface Answers {
  readonly describe: DescriptionAnswer;
  readonly listNodes: NodesAnswer;
  readonly showNode: NodesAnswer;
  readonly setLoad: NodesAnswer;
  readonly addReference: ContextsAnswer;
  readonly showContext: ContextsAnswer;
  readonly setContext: ContextsAnswer;
  readonly removeReference: ContextsAnswer;
  readonly say: SaidAnswer;
  readonly refresh: NodesAnswer;
  readonly kill: NodesAnswer;
  readonly restart: NodesAnswer;
  readonly leave: NodesAnswer;
  readonly listFaults: FaultsAnswer;
  readonly addFault: FaultsAnswer;
  readonly removeFault: FaultsAnswer;
  readonly clearFaults: FaultsAnswer;
}
