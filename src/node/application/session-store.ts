/** The sessions of one node: how often each was asked for, and how many each context has. */
export interface SessionStore {
  /** Counts a request of a session, which begins with it when it is new. @returns requests so far, this one included */
  touch(context: string, id: string): number;
  /** Ends a session; one that is not there has ended already. */
  end(context: string, id: string): void;
  /** Sessions of a context that have not expired. */
  count(context: string): number;
}

interface StoredSession {
  readonly context: string;
  readonly requests: number;
  readonly usedAtMs: number;
}

/**
 * Keeps sessions until they were idle too long, and never more than a number: then the one that was idle longest goes. A
 * simulator may run for weeks.
 *
 * @param nowMs milliseconds that never go back
 */
export function createSessionStore(nowMs: () => number, idleTimeoutMs: number, maxSessions: number): SessionStore {
  // By the time of their last request, oldest first: a Map keeps the order in which entries were added.
  const sessions = new Map<string, StoredSession>();
  const perContext = new Map<string, number>();
  // A context path has no space in a request target, so the first one ends it.
  const keyOf = (context: string, id: string): string => `${context} ${id}`;

  const drop = (key: string): void => {
    const session = sessions.get(key);
    if (session === undefined) return;
    sessions.delete(key);
    const left = (perContext.get(session.context) ?? 0) - 1;
    if (left > 0) perContext.set(session.context, left);
    else perContext.delete(session.context);
  };
  const expire = (): void => {
    const expiredMs = nowMs() - idleTimeoutMs;
    for (const [key, { usedAtMs }] of sessions) {
      if (usedAtMs > expiredMs) return;
      drop(key);
    }
  };

  return {
    touch(context, id) {
      expire();
      const key = keyOf(context, id);
      const requests = (sessions.get(key)?.requests ?? 0) + 1;
      drop(key);
      sessions.set(key, { context, requests, usedAtMs: nowMs() });
      perContext.set(context, (perContext.get(context) ?? 0) + 1);
      if (sessions.size > maxSessions) {
        const oldest = sessions.keys().next();
        if (!oldest.done) drop(oldest.value);
      }
      return requests;
    },
    end: (context, id) => drop(keyOf(context, id)),
    count(context) {
      expire();
      return perContext.get(context) ?? 0;
    },
  };
}
