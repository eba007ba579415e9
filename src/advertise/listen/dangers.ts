import type { Judgement } from '../tracker.ts';
import type { Danger } from './events.ts';
import { sourceWords } from './words.ts';

const MAX_SOURCES = 64;
const AGAIN_AFTER_MS = 10_000;

/** Keeps who sends what ends discovery in Java nodes. */
export function createDangerBook(): {
  /** @returns the danger when it is to be told: the first of a source, and one each ten seconds after it */
  take(judgement: Judgement): Danger | undefined;
  all(): readonly Danger[];
} {
  const dangers = new Map<string, { danger: Danger; toldAtMs: number }>();
  return {
    take({ heard, findings }) {
      const finding = findings.find(({ severity }) => severity === 'danger');
      if (finding === undefined) return undefined;
      const { address } = heard.source;
      const before = dangers.get(address);
      if (before === undefined && dangers.size >= MAX_SOURCES) return undefined;
      const danger = {
        source: sourceWords(heard.source),
        why: finding.message,
        count: (before?.danger.count ?? 0) + 1,
        lastAtMs: heard.receivedAtMs,
      };
      const tell = before === undefined || heard.receivedAtMs - before.toldAtMs >= AGAIN_AFTER_MS;
      dangers.set(address, { danger, toldAtMs: tell ? heard.receivedAtMs : before.toldAtMs });
      return tell ? danger : undefined;
    },
    all: () => [...dangers.values()].map(({ danger }) => danger),
  };
}
