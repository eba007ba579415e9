import { UsageError } from '../../core/errors.ts';
import { type Clock, systemClock } from '../clock.ts';
import { namedRandom, type Random } from './random.ts';
import { routeMatcher } from './route-pattern.ts';
import type { FaultName } from './table.ts';
import type { ActiveFault, FaultBoard, FaultSpec } from './types.ts';

export interface FaultBoardOptions {
  /** The same seed draws the same; default 0. */
  readonly seed?: number;
  readonly clock?: Clock;
  /** Switched on from the start. */
  readonly specs?: readonly FaultSpec[];
}

/** More at once are refused: the list can be added to over the network. */
const MAX_FAULTS = 1000;

interface Switched {
  readonly id: string;
  readonly spec: FaultSpec;
  readonly isFor: (route: string) => boolean;
  readonly fromMs: number;
  readonly untilMs: number;
  strikes: number;
}

/** @throws UsageError `MCMP_TOO_MANY_FAULTS` when the specs are too many */
export function createFaultBoard(options: FaultBoardOptions = {}): FaultBoard {
  const { seed = 0, clock = systemClock, specs = [] } = options;
  /** In the order in which they were switched on, which is the order in which they may strike. */
  const switched = new Map<string, Switched>();
  const byFault = new Map<FaultName, Switched[]>();
  const draws = new Map<string, Random>();
  const listeners = new Set<() => void>();
  let lastId = 0;
  let waiting = new AbortController();

  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };

  /** Waits for the next beginning or end of a window. Does not keep listeners from hearing of switches meanwhile. */
  const watch = (): void => {
    waiting.abort();
    waiting = new AbortController();
    const { signal } = waiting;
    const nowMs = clock.nowMs();
    const edges = [...switched.values()].flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]);
    const nextMs = Math.min(...edges.filter((edgeMs) => edgeMs > nowMs));
    if (nextMs === Number.POSITIVE_INFINITY) return;
    void clock.sleep(nextMs - nowMs, signal).then(() => {
      if (signal.aborted) return;
      watch();
      if (clock.nowMs() >= nextMs) tell();
    });
  };

  const isNow = ({ fromMs, untilMs }: Switched, nowMs: number): boolean => nowMs >= fromMs && nowMs < untilMs;

  const forget = (one: Switched): void => {
    switched.delete(one.id);
    const left = byFault.get(one.spec.fault)?.filter((other) => other !== one) ?? [];
    if (left.length === 0) byFault.delete(one.spec.fault);
    else byFault.set(one.spec.fault, left);
  };

  const add = (spec: FaultSpec): string => {
    const nowMs = clock.nowMs();
    if (switched.size >= MAX_FAULTS) {
      // What is over is listed for its count of strikes only.
      for (const one of [...switched.values()]) if (one.untilMs <= nowMs) forget(one);
    }
    if (switched.size >= MAX_FAULTS) {
      throw new UsageError(`${MAX_FAULTS} faults are switched on, and more are not taken`, {
        code: 'MCMP_TOO_MANY_FAULTS',
        hint: 'Switch some off first. One fault can be for many nodes: latency:200ms@node*',
      });
    }
    const { fromMs, untilMs } = spec.window ?? { fromMs: 0, untilMs: Number.POSITIVE_INFINITY };
    const id = `f${++lastId}`;
    const one = {
      id,
      spec,
      isFor: routeMatcher(spec.nodes),
      fromMs: nowMs + fromMs,
      untilMs: nowMs + untilMs,
      strikes: 0,
    };
    switched.set(id, one);
    byFault.set(spec.fault, [...(byFault.get(spec.fault) ?? []), one]);
    return id;
  };

  const drawsOf = (name: string): Random => {
    let random = draws.get(name);
    if (random === undefined) {
      random = namedRandom(seed, name);
      draws.set(name, random);
    }
    return random;
  };

  for (const spec of specs) add(spec);
  watch();

  return {
    list: () => [...switched.values()].map(({ id, spec, strikes }): ActiveFault => ({ id, spec, strikes })),
    add(spec) {
      const id = add(spec);
      if (spec.window !== undefined) watch();
      tell();
      return id;
    },
    remove(id) {
      const one = switched.get(id);
      if (one === undefined) return false;
      forget(one);
      watch();
      tell();
      return true;
    },
    clear() {
      for (const one of [...switched.values()]) forget(one);
      watch();
      tell();
    },
    strike(fault, route, occasion = '') {
      const candidates = byFault.get(fault);
      if (candidates === undefined) return undefined;
      const nowMs = clock.nowMs();
      for (const one of candidates) {
        if (!isNow(one, nowMs) || !one.isFor(route)) continue;
        const random = drawsOf(`${fault}\n${occasion}\n${route}`);
        if (one.spec.chance < 1 && random() >= one.spec.chance) continue;
        one.strikes += 1;
        return { fault, amount: amountOf(one.spec, random) };
      }
      return undefined;
    },
    isOn(fault, route) {
      const candidates = byFault.get(fault);
      if (candidates === undefined) return false;
      const nowMs = clock.nowMs();
      return candidates.some((one) => isNow(one, nowMs) && one.isFor(route));
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      waiting.abort();
      listeners.clear();
    },
  };
}

/** Whole numbers within the spread, each as likely as the other. */
function amountOf({ amount, spread = 0 }: FaultSpec, random: Random): number | undefined {
  if (amount === undefined || spread === 0) return amount;
  return amount - spread + Math.floor(random() * (2 * spread + 1));
}
