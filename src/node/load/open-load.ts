import { openCommand } from './command.ts';
import { createCpuRatio, readCpuTimes } from './cpu-times.ts';
import { createReplay } from './replay.ts';
import { createSmoothing } from './smoothing.ts';
import type { LoadMeter, LoadSpec, LoadSurroundings } from './types.ts';

/** Opens a load for one node. Nothing is running afterwards but the command of `cmd`, until it is closed. */
export function openLoad(spec: LoadSpec, surroundings: LoadSurroundings): LoadMeter {
  if (spec.kind === 'cmd') return openCommand(spec.text, spec.command, surroundings);
  return { text: spec.text, next: reader(spec, surroundings), close: () => undefined };
}

function reader(spec: Exclude<LoadSpec, { kind: 'cmd' }>, surroundings: LoadSurroundings): () => number {
  const { inFlight, clock, random = () => clock.random(), cpuTimes = readCpuTimes } = surroundings;
  const startMs = clock.nowMs();
  const elapsedMs = (): number => clock.nowMs() - startMs;
  switch (spec.kind) {
    case 'fixed':
      return () => spec.load;
    case 'cpu': {
      const ratio = createCpuRatio(cpuTimes);
      const publish = createSmoothing(spec.smoothing);
      return () => publish(ratio());
    }
    case 'busy': {
      const publish = createSmoothing(spec.smoothing);
      return () => publish(inFlight() / spec.capacity);
    }
    case 'requests': {
      const rate = createRate(surroundings.requestCount ?? (() => 0), elapsedMs);
      const publish = createSmoothing(spec.smoothing);
      return () => publish(rate() / spec.capacity);
    }
    case 'sine': {
      const { min, max, periodMs } = spec;
      // Nodes of a fleet that swung together would have equal loads all the time.
      const phase = random();
      return () => {
        const turn = elapsedMs() / periodMs + phase;
        return Math.round((min + max) / 2 + ((max - min) / 2) * Math.sin(2 * Math.PI * turn));
      };
    }
    case 'replay':
      return createReplay(spec.steps, elapsedMs);
  }
}

/** @returns how many a second there were since it was asked last; the same again when no time went by */
function createRate(count: () => number, elapsedMs: () => number): () => number {
  let before = { count: count(), atMs: elapsedMs() };
  let perSecond = 0;
  return () => {
    const now = { count: count(), atMs: elapsedMs() };
    if (now.atMs <= before.atMs) return perSecond;
    // A node that was restarted counts from 0 again.
    perSecond = (1000 * Math.max(0, now.count - before.count)) / (now.atMs - before.atMs);
    before = now;
    return perSecond;
  };
}
