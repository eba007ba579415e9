import type { AdvertiseGroup } from '../../core/advertise/group.ts';
import type { Case, CaseSpec, Expectation } from '../case.ts';
import { defineCase } from '../case.ts';
import type { Features } from '../needs.ts';
import type { WireConnection } from '../wire/connection.ts';
import type { Action, ActionValues } from './actions.ts';
import type { BalancerOptions, StagedBalancer } from './balancer.ts';
import type { NodeKind } from './kinds.ts';
import type { NodeRequest } from './request.ts';
import type { Setting } from './settings.ts';
import type { ToldNode } from './tables.ts';

export interface StartOptions {
  /** Default: the first balancer of the stage. */
  readonly balancers?: readonly StagedBalancer[];
  /** How it has to be configured; the case says by its needs that this can be had. */
  readonly settings?: readonly Setting[];
  /** A value of its own for a setting, in place of that of the table. */
  readonly values?: ReadonlyMap<Setting, string>;
  /** It is to find its balancers by advertisements; needs `node-discovery`. */
  readonly discovers?: AdvertiseGroup;
}

/** A node that was started for a case, or that stands and was made to register again. */
export interface StagedNode {
  /**
   * Does something to it; resolves when it was told, which need not be when it is done.
   * @throws NotHere when nobody can
   */
  act(action: Action, values?: Partial<ActionValues>): Promise<void>;
  /** What it printed. */
  output(): string;
}

/** A node as its balancer knows it, and what it said until it was registered. */
export interface Registration extends ToldNode {
  /** Up to and including the first STATUS that was answered well. */
  readonly requests: readonly NodeRequest[];
}

/**
 * What a case of the node direction has to work with: balancers that react as it says, the node under test, and waiting for
 * what it does. All is recorded, and ended when the case ends.
 */
export interface NodeStage {
  readonly features: Features;
  /** Between two STATUS of this node, as it is configured. */
  readonly statusIntervalMs: number;
  /** So long the node may take for what is due at its next periodic event. */
  readonly soonMs: number;
  /** Of the case, in milliseconds; times of messages are on this clock. */
  nowMs(): number;
  /** Deterministic, from the seed and the id of the case; 0 <= n < 1. */
  random(): number;

  /** A balancer on a free port; the first one of a case is that at `--listen`, if that was given. */
  balancer(options?: BalancerOptions): Promise<StagedBalancer>;
  /** Starts the node, or makes the one that stands register again. Balancers must have their rules before. */
  start(options?: StartOptions): Promise<StagedNode>;
  /** A balancer and a node that registers with it. @param prepare gives the balancer its rules */
  begin(prepare?: (balancer: StagedBalancer) => void, options?: StartOptions): Promise<Scene>;
  /**
   * Waits until a node has configured itself and its STATUS was answered well.
   * @param after only what it said after this message
   * @throws Deviation
   */
  registered(balancer: StagedBalancer, after?: NodeRequest): Promise<Registration>;
  /**
   * Waits until a node is registered and has nothing more to say: two STATUS come with nothing between them. A WildFly tells
   * its applications long after it was registered, when it has booted.
   * @returns the node as the balancer knows it then
   * @throws Deviation
   */
  settled(balancer: StagedBalancer): Promise<Registration>;

  /**
   * Waits until there is something to see, and notes how long it took.
   * @param what the state, for reports
   * @param look undefined or false: not yet; asked whenever something happens at a balancer, and every 50 ms
   * @param timeoutMs default `soonMs`
   * @throws Deviation `fail` when it does not come
   */
  until<T>(what: string, look: () => T | undefined | false, timeoutMs?: number): Promise<T>;
  /** Lets time pass in which something must not happen; the case looks afterwards. @param what for reports */
  pass(what: string, ms: number): Promise<void>;
  /** A connection to the node itself, to ask its application. @param url https: any certificate is taken */
  open(url: URL): Promise<WireConnection>;
  /** Sends a datagram to a group, on the loopback interface. */
  advertise(group: AdvertiseGroup, bytes: Buffer): Promise<void>;
  /** To be undone when the case ends, last first. */
  after(undo: () => Promise<void> | void): void;
}

/** A balancer and a node that knows it. */
export interface Scene {
  readonly balancer: StagedBalancer;
  readonly node: StagedNode;
}

export type NodeCase = Case<NodeStage>;

/** A case of the node direction. The deadline is for nodes that do something every ten seconds; others are sooner done. */
export function nodeCase<E extends Expectation>(spec: CaseSpec<NodeStage, E, NodeKind>): NodeCase {
  return defineCase({ deadlineMs: 180_000, ...spec });
}
