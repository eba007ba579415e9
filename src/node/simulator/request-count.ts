/** Requests that are being answered, by context. */
export interface RequestCount {
  /** A request begins; what comes back is called when it is over. */
  readonly begin: (path: string) => () => void;
  readonly running: (context: string) => number;
}

/** @param contextOf the context in which a path lies; undefined: none, and the request is not counted */
export function countRequests(contextOf: (path: string) => string | undefined): RequestCount {
  const running = new Map<string, number>();
  const add = (context: string, change: 1 | -1): void => {
    const count = (running.get(context) ?? 0) + change;
    if (count === 0) running.delete(context);
    else running.set(context, count);
  };
  return {
    begin(path) {
      const context = contextOf(path);
      if (context === undefined) return () => undefined;
      add(context, 1);
      return () => add(context, -1);
    },
    running: (context) => running.get(context) ?? 0,
  };
}
