import type { DialectName } from '../../../src/core/mcmp/dialect.ts';
import { dialectsOf, type Line, type LineGroup } from '../checklist.ts';
import { CLUSTER_LINES } from '../cluster/checklist-lines.ts';
import { MESSAGE_LINES } from '../mcmp/checklist-lines.ts';
import { NOT_AS_HTTPD2, NOT_IN_NGINX } from './exceptions.ts';
import { HTTPD13_LINES } from './httpd-1.3-lines.ts';
import { NGINX_LINES } from './nginx-lines.ts';
import { NOT_IN_UNDERTOW, UNDERTOW_LINES } from './undertow-lines.ts';

/** What a dialect does that is no row of its own in the tables: httpd 2's lines but for some, and lines of its own. */
interface Descendant {
  readonly own: readonly Line[];
  /** Lines of httpd 2 that it does not keep: by their checklist id, or by their words. */
  readonly except: ReadonlySet<string>;
}

export const DESCENDANTS: ReadonlyMap<string, Descendant> = new Map([
  ['httpd-1.3', { own: HTTPD13_LINES, except: NOT_AS_HTTPD2 }],
  ['nginx', { own: NGINX_LINES, except: NOT_IN_NGINX }],
  ['undertow', { own: UNDERTOW_LINES, except: NOT_IN_UNDERTOW }],
]);

const GROUPS: readonly LineGroup[] = [...MESSAGE_LINES, ...CLUSTER_LINES];

/** The lines that hold in a dialect, by topic. */
export function linesOf(dialect: DialectName): readonly LineGroup[] {
  const descendant = DESCENDANTS.get(dialect);
  const parent: DialectName = descendant === undefined ? dialect : 'httpd-2';
  const groups = GROUPS.map(({ name, lines }) => ({
    name,
    lines: lines
      .filter((line) => dialectsOf(line).includes(parent))
      .filter(({ id }) => !(descendant?.except.has(id) || descendant?.except.has(id.slice(0, id.indexOf(' ')))))
      .map((line): Line => ({ ...line, in: dialect })),
  }));
  if (descendant === undefined) return groups;
  return [...groups, { name: 'its own lines', lines: descendant.own.map((line): Line => ({ ...line, in: dialect })) }];
}
