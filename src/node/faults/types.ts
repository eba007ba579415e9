import type { FaultName } from './table.ts';

/** A fault as somebody asked for it: `latency:200ms±50ms@node2`. */
export interface FaultSpec {
  readonly fault: FaultName;
  /** As it was written, for lists and logs. */
  readonly text: string;
  /** How likely it strikes, each time it could: 0 < chance <= 1; default 1. */
  readonly chance: number;
  /** Meaning depends on the fault (see the table): a duration in ms, bytes, bytes a second, a count, a status. */
  readonly amount?: number;
  /** Jitter around `amount`, to both sides, in its unit. */
  readonly spread?: number;
  /** Since the start of the simulator, or of the switching on; `untilMs` may be infinite. */
  readonly window?: { readonly fromMs: number; readonly untilMs: number };
  /** Routes it is for, `*` in them stands for anything; empty: all nodes. */
  readonly nodes: readonly string[];
}

export interface ActiveFault {
  readonly id: string;
  readonly spec: FaultSpec;
  /** How often it struck. */
  readonly strikes: number;
}

/** A fault that hits now, with its amount drawn from the spread. */
export interface Strike {
  readonly fault: FaultName;
  /** Undefined when the fault has no amount. */
  readonly amount: number | undefined;
}

/** All faults of a simulator: what is on, for whom, and whether it hits this time. Seeded: the same run hits the same. */
export interface FaultBoard {
  list(): readonly ActiveFault[];
  /**
   * Switches a fault on; returns its id. Windows count from now.
   * @throws UsageError `MCMP_TOO_MANY_FAULTS`
   */
  add(spec: FaultSpec): string;
  /** @returns whether there was such a fault */
  remove(id: string): boolean;
  clear(): void;
  /**
   * Draws: does this fault hit this node now? The amount is drawn, too. Counts a hit.
   * @param occasion what it would hit, if not the usual: an occasion has draws of its own, so that what comes as time goes
   *   by (pings) does not change what the rest gets
   */
  strike(fault: FaultName, route: string, occasion?: string): Strike | undefined;
  /** Like `strike`, but neither draws nor counts: is it on at all (chance apart)? For faults that last, such as refuse. */
  isOn(fault: FaultName, route: string): boolean;
  /** Called when something was switched or a window began or ended; returns how to stop listening. */
  onChange(listener: () => void): () => void;
  close(): void;
}
