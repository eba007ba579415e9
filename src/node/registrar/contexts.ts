import { UsageError } from '../../core/errors.ts';
import { contextPath, exclusions } from './paths.ts';
import type { ContextOptions, ContextWish } from './types.ts';

interface Row {
  wish: ContextWish;
  references: number;
}

/** The contexts of a node, counted: the old version of an application goes while the new one is there (need C13). */
export interface DeployedContexts {
  readonly rows: ReadonlyMap<string, Readonly<Row>>;
  /** Without those that must not be told to balancers. */
  readonly wishes: () => ReadonlyMap<string, ContextWish>;
  /** @returns the path in its one spelling */
  deploy(path: string, wish: ContextWish | undefined): string;
  /** @throws UsageError when it is not deployed */
  undeploy(path: string): string;
  /** @throws UsageError when it is not deployed */
  wish(path: string, wish: ContextWish): string;
}

export function createContexts(
  contexts: readonly (string | ContextOptions)[],
  excluded: readonly string[],
  aliases: readonly string[],
): DeployedContexts {
  const rows = new Map<string, Row>();
  const isExcluded = exclusions(excluded, aliases);
  const wishes = new Map<string, ContextWish>();
  const rowOf = (path: string): Row => {
    const row = rows.get(path);
    if (row !== undefined) return row;
    throw new UsageError(`the node has no context ${path}`, {
      code: 'MCMP_UNKNOWN_CONTEXT',
      hint: rows.size === 0 ? 'It has none at all.' : `It has ${[...rows.keys()].join(', ')}.`,
    });
  };
  const keep = (path: string, row: Row): void => {
    rows.set(path, row);
    if (!isExcluded(path)) wishes.set(path, row.wish);
  };
  const deploy = (text: string, wish: ContextWish | undefined): string => {
    const path = contextPath(text);
    const row = rows.get(path);
    keep(path, { wish: wish ?? row?.wish ?? 'enabled', references: (row?.references ?? 0) + 1 });
    return path;
  };
  for (const context of contexts) {
    if (typeof context === 'string') deploy(context, undefined);
    else deploy(context.path, context.wish);
  }
  return {
    rows,
    wishes: () => wishes,
    deploy,
    undeploy(text) {
      const path = contextPath(text);
      const row = rowOf(path);
      if (row.references > 1) keep(path, { ...row, references: row.references - 1 });
      else {
        rows.delete(path);
        wishes.delete(path);
      }
      return path;
    },
    wish(text, wish) {
      const path = contextPath(text);
      keep(path, { ...rowOf(path), wish });
      return path;
    },
  };
}
