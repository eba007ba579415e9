import type { Severity, Tables } from './rows.ts';
import { counted } from './words.ts';

/** Something that somebody has to look at. */
export interface Attention {
  readonly severity: Severity;
  readonly words: string;
}

/** So many are named; more are counted. */
const NAMED = 3;
const KNOWN = new WeakMap<Tables, readonly Attention[]>();

/** What is wrong now, the worst first; silent balancers have a line of their own and are not said again. */
export function attentionOf(tables: Tables): readonly Attention[] {
  const known = KNOWN.get(tables);
  if (known !== undefined) return known;
  const found = findAttention(tables);
  KNOWN.set(tables, found);
  return found;
}

function findAttention({ paths, nodes, disagreements, balancers }: Tables): Attention[] {
  const live = nodes.filter(({ isStale }) => !isStale);
  const inState = (condition: string): string[] =>
    live.flatMap((node) => (node.condition === condition ? [node.shown] : []));
  const unserved = paths.flatMap((path) => (path.serving === 0 && !path.isStale ? [path.shown] : []));
  const found: Attention[] = [];
  const say = (severity: Severity, names: readonly string[], words: (names: string, count: number) => string): void => {
    if (names.length > 0) found.push({ severity, words: words(listed(names), names.length) });
  };
  say('bad', unserved, (which) => `nobody serves new requests for ${which}`);
  say('bad', inState('error'), (which, count) => `${counted(count, 'node')} in error: ${which}`);
  say('warning', inState('withdrawn'), (which, count) => `${counted(count, 'node')} withdrawn: ${which}`);
  if (disagreements.length > 0) {
    found.push({
      severity: 'warning',
      words: `${counted(disagreements.length, 'disagreement')} between balancers: press 5`,
    });
  }
  if (found.length > 0) return found;
  if (!balancers.some(({ reading }) => reading.outcome === 'read')) return [];
  if (nodes.length === 0) return [];
  const isWhole = balancers.every(({ reading }) => reading.outcome === 'read');
  const words = isWhole ? 'Every context is served.' : 'Every context is served where balancers answer.';
  return [{ severity: isWhole ? 'good' : 'plain', words }];
}

function listed(names: readonly string[]): string {
  const named = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${named} and ${names.length - NAMED} more` : named;
}
