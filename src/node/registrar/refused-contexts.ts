import type { AppMethod } from './compose.ts';
import type { Refusal } from './conversation.ts';

/** Contexts that a balancer does not take, although it takes others: their own fault, or a table that is full. */
export interface RefusedContexts {
  /** Whether that is not to be said of this context now. */
  isPutOff(method: AppMethod, path: string): boolean;
  /**
   * Notes that a command for one context was refused.
   * @returns whether it is the context that is refused; if not, it is the whole registration
   */
  note(method: AppMethod, path: string, refusal: Refusal): boolean;
  /** It was taken, or is to be tried again at once. */
  forget(path: string): void;
  clear(): void;
  /** When one of them is to be tried again; infinite when none is put off. */
  nextMs(): number;
  /** Why one of those that matter is not there; empty when none is put off. */
  trouble(matters: (path: string) => boolean): string;
}

interface Row {
  readonly method: AppMethod;
  readonly reason: string;
  /** Undefined after the first MEM, which may mean that the balancer forgot the whole node. */
  readonly untilMs: number | undefined;
}

/**
 * One context must not take the node out: with `Type: SYNTAX` it is the context's fault, with MEM when the node was registered
 * anew and hears it again.
 * @param pauseMs for which a refused context is left alone; undefined: any refusal is the whole registration's
 */
export function createRefusedContexts(nowMs: () => number, pauseMs: number | undefined): RefusedContexts {
  const rows = new Map<string, Row>();
  const isOff = ({ untilMs }: Row): boolean => untilMs !== undefined && nowMs() < untilMs;
  return {
    isPutOff(method, path) {
      const row = rows.get(path);
      return row !== undefined && row.method === method && isOff(row);
    },
    note(method, path, { type, message }) {
      if (pauseMs === undefined) return false;
      const again = rows.get(path)?.method === method;
      const isContexts = type === 'SYNTAX' || (type === 'MEM' && again);
      if (!isContexts && type !== 'MEM') return false;
      rows.set(path, { method, reason: message, untilMs: isContexts ? nowMs() + pauseMs : undefined });
      return isContexts;
    },
    forget: (path) => {
      rows.delete(path);
    },
    clear: () => rows.clear(),
    nextMs() {
      let ms = Number.POSITIVE_INFINITY;
      for (const row of rows.values()) if (isOff(row)) ms = Math.min(ms, row.untilMs ?? ms);
      return ms;
    },
    trouble(matters) {
      for (const [path, row] of rows) if (isOff(row) && matters(path)) return row.reason;
      return '';
    },
  };
}
