import { type AdvertiseGroup, formatGroup } from '../../core/advertise/index.ts';
import type { AdvertiseListener } from '../listener.ts';
import type { Silence } from './events.ts';
import type { MachineFacts } from './machine.ts';
import type { ListenPlan } from './plan.ts';
import type { SelfTest } from './self-test.ts';
import { rankCauses } from './silence.ts';

export interface SilenceWatch {
  /** The time of silence begins. */
  listening(listener: Pick<AdvertiseListener, 'joined'>, nowMs: number): void;
  heard(group: AdvertiseGroup, nowMs: number): void;
  /** Looks for the causes when a group has been silent for long enough; once for each silence. */
  tick(nowMs: number): void;
  /** Looks for the causes now, if nothing was heard and it has not been done. */
  explain(nowMs: number): Promise<void>;
  /** What was found, as long as it is silent. */
  now(): Silence | undefined;
}

interface GroupTimes {
  readonly group: AdvertiseGroup;
  sinceMs: number;
  everHeard: boolean;
  explained: boolean;
}

/** @param nowMs everywhere: one monotonic clock */
export function createSilenceWatch(
  plan: Pick<ListenPlan, 'silenceMs' | 'interfaces'>,
  selfTest: SelfTest,
  readMachine: () => Promise<MachineFacts>,
  onSilence: (silence: Silence) => void,
): SilenceWatch {
  const times = new Map<string, GroupTimes>();
  let joined: AdvertiseListener['joined'] = [];
  let found: Silence | undefined;
  let running: Promise<void> | undefined;

  const look = async (silent: readonly GroupTimes[], nowMs: number): Promise<void> => {
    for (const one of silent) one.explained = true;
    const names = new Set(silent.map(({ group }) => formatGroup(group)));
    const targets = joined.filter(({ group }) => names.has(formatGroup(group)));
    const [machine, results] = await Promise.all([
      readMachine(),
      selfTest.run(
        targets.map(({ group, interface: name }) => ({
          group,
          interface: plan.interfaces.find((one) => one.name === name && one.family === group.family),
        })),
      ),
    ]);
    if (silent.some(({ explained }) => !explained)) {
      // Something came while we looked; the groups that are silent still are looked at again.
      for (const one of silent) one.explained = false;
      return;
    }
    const forMs = nowMs - Math.max(...silent.map(({ sinceMs }) => sinceMs));
    const facts = {
      forMs,
      machine,
      selfTest: results,
      joined: targets,
      heardIn: [...times.values()]
        .filter(({ group, everHeard }) => everHeard && !names.has(formatGroup(group)))
        .map(({ group }) => group),
      heardBefore: silent.some(({ everHeard }) => everHeard),
    };
    found = { facts, causes: rankCauses(facts) };
    onSilence(found);
  };
  const start = (silent: readonly GroupTimes[], nowMs: number): void => {
    running = look(silent, nowMs).finally(() => {
      running = undefined;
    });
  };

  return {
    listening(listener, nowMs) {
      joined = listener.joined;
      for (const { group } of joined) {
        times.set(formatGroup(group), { group, sinceMs: nowMs, everHeard: false, explained: false });
      }
    },
    heard(group, nowMs) {
      const one = times.get(formatGroup(group));
      if (one === undefined) return;
      one.sinceMs = nowMs;
      one.everHeard = true;
      one.explained = false;
      found = undefined;
    },
    tick(nowMs) {
      if (running !== undefined) return;
      const silent = [...times.values()].filter(
        ({ sinceMs, explained }) => !explained && nowMs - sinceMs >= plan.silenceMs,
      );
      if (silent.length > 0) start(silent, nowMs);
    },
    async explain(nowMs) {
      await running;
      const all = [...times.values()];
      if (all.some(({ everHeard, explained }) => everHeard || explained)) return;
      start(all, nowMs);
      await running;
    },
    now: () => found,
  };
}
