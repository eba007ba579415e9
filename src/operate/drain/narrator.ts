import { progressDocument, progressLine, targetLine } from './report.ts';
import type { DrainScreen } from './screen.ts';
import { isOver } from './states.ts';
import type { DrainProgress } from './types.ts';

/** Tells how far a drain has come, as calmly as the place allows. */
export interface Narrator {
  readonly tell: (progress: DrainProgress) => void;
  /** Something else stands on the terminal. */
  pause(): void;
  resume(): void;
  end(): void;
}

/** Between two lines about the same, where lines stay. */
const REPEAT_MS = 10_000;

/**
 * On a terminal one line that is written anew. Elsewhere a line whenever a balancer begins to be waited for, and every ten
 * seconds; in JSON whenever one comes to another state, and every ten seconds.
 */
export function createNarrator(screen: DrainScreen): Narrator {
  let paused = false;
  let saidAtMs = 0;
  const states = new Map<string, string>();

  const sayLines = (progress: DrainProgress): void => {
    const news = progress.targets.filter(
      ({ target, state, why }) => states.get(target) !== state && (screen.json || (why !== '' && !isOver(state))),
    );
    const isDue = progress.elapsedMs - saidAtMs >= REPEAT_MS;
    if (news.length === 0 && !isDue) return;
    if (isDue) saidAtMs = progress.elapsedMs;
    for (const { target, state } of news) states.set(target, state);
    if (screen.json) screen.document(progressDocument(progress));
    else if (isDue) screen.line(progressLine(progress));
    else for (const target of news) screen.line(targetLine(target));
  };

  return {
    tell(progress) {
      if (screen.json || screen.redraw === undefined) sayLines(progress);
      else if (!paused) screen.redraw(progressLine(progress));
    },
    pause() {
      paused = true;
      screen.clear();
    },
    resume() {
      paused = false;
    },
    end() {
      paused = true;
      screen.clear();
    },
  };
}
