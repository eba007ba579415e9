import type { Disagreement, NodeCondition, TargetReading } from '../client/index.ts';
import type { ContextStatus } from '../core/cluster/records.ts';

/**
 * What the lists show, put together from what all balancers of a survey say. Strings of peers are byte strings, except those
 * whose name says `shown`: they are fit for a terminal.
 */

export type StatusCounts = Readonly<Record<ContextStatus, number>>;

/** One balancer. */
export interface BalancerRow {
  readonly kind: 'balancer';
  readonly key: string;
  readonly shown: string;
  readonly target: string;
  readonly reading: TargetReading;
  /** Brand and version; empty before the first answer. */
  readonly brandShown: string;
  readonly nodes: number;
  readonly counts: StatusCounts;
  readonly inFlight: number | undefined;
}

/** One node, as all balancers that know it say. */
export interface NodeRow {
  readonly kind: 'node';
  readonly key: string;
  readonly shown: string;
  readonly route: string;
  readonly domain: string;
  readonly balancer: string;
  readonly addressShown: string;
  /** Positions of the balancers that know it. */
  readonly knownAt: readonly number[];
  /** Those of them that are silent now: what they said is old. */
  readonly isStale: boolean;
  /** The worst that a balancer says; undefined when none tells. */
  readonly condition: NodeCondition | undefined;
  /** Why it is in error, in words of the balancer. */
  readonly reasonShown: string;
  readonly load: number | undefined;
  readonly elected: number | undefined;
  readonly inFlight: number | undefined;
  /** When a balancer heard of it last, by its own clock; undefined when none tells. */
  readonly lastHeardMs: number | undefined;
  /** Part of the requests without a session that it may expect by the loads, 0 to 1. */
  readonly expected: number | undefined;
  /** Part of the requests that it got lately. */
  readonly actual: number | undefined;
  readonly copies: readonly CopyRow[];
  readonly counts: StatusCounts;
  /** Balancers say different things about it or its contexts. */
  readonly disagrees: boolean;
}

/** One context on one node. */
export interface CopyRow {
  readonly kind: 'copy';
  readonly key: string;
  readonly route: string;
  readonly path: string;
  readonly pathShown: string;
  readonly routeShown: string;
  /** In lower case, sorted. */
  readonly aliases: readonly string[];
  readonly aliasesShown: string;
  /** By position of the balancer; undefined where it does not know it. */
  readonly statuses: readonly (ContextStatus | undefined)[];
  /** The worst of them. */
  readonly status: ContextStatus;
  readonly inFlight: number | undefined;
  readonly isStale: boolean;
  /** Balancers that know the node say different things about it. */
  readonly disagrees: boolean;
}

/** One path, with all nodes that have it. */
export interface PathRow {
  readonly kind: 'path';
  readonly key: string;
  readonly shown: string;
  readonly path: string;
  readonly copies: readonly CopyRow[];
  readonly counts: StatusCounts;
  readonly inFlight: number | undefined;
  /** Nodes that get requests without a session for it. */
  readonly serving: number;
  readonly isStale: boolean;
  readonly disagrees: boolean;
}

/** Something that changed, or that somebody did. */
export interface EventRow {
  readonly kind: 'event';
  readonly key: string;
  readonly atMs: number;
  /** The balancer, or empty. */
  readonly whereShown: string;
  readonly shown: string;
  /** Who did it, as far as the balancer tells. */
  readonly whoShown: string;
  readonly severity: Severity;
}

export interface DisagreementRow {
  readonly kind: 'disagreement';
  readonly key: string;
  /** All of it in one sentence. */
  readonly shown: string;
  /** What it is about. */
  readonly subjectShown: string;
  /** Who says what, by the numbers of the balancers: `1 DISABLED, 2 ENABLED`. */
  readonly saysShown: string;
  readonly disagreement: Disagreement;
}

export type Row = NodeRow | PathRow | CopyRow | EventRow | DisagreementRow;

export type Severity = 'good' | 'plain' | 'warning' | 'bad';

/** All that is shown of one reading. */
export interface Tables {
  readonly atMs: number;
  readonly balancers: readonly BalancerRow[];
  /** By name. */
  readonly nodes: readonly NodeRow[];
  readonly nodeByRoute: ReadonlyMap<string, NodeRow>;
  /** By path. */
  readonly paths: readonly PathRow[];
  readonly pathByName: ReadonlyMap<string, PathRow>;
  readonly contexts: number;
  readonly disagreements: readonly DisagreementRow[];
  /** Share of the requests for its path that a copy may expect, 0 to 1; undefined when it cannot be known. */
  shareOf(copy: CopyRow): number | undefined;
}

/** Requests given to each node until some moment, by balancer and route. */
export interface Baseline {
  readonly atMs: number;
  readonly elected: ReadonlyMap<string, number>;
}
