import type { NodeKind } from './node/kinds.ts';

/** The dialects of MCMP that are judged, in the order of the columns of every table. `mcmp` is ours: `docs/protocol.md`. */
export const JUDGED_DIALECTS = ['mcmp', 'httpd-2', 'httpd-1.3', 'undertow', 'nginx'] as const;

export type JudgedDialect = (typeof JUDGED_DIALECTS)[number];

/** By whose expectations something is judged: a balancer by those of a dialect, a node by those of a kind. */
export type JudgedAs = JudgedDialect | NodeKind;

/** A value for some of the dialects; where there is none, the reference says nothing, or the dialect has no such thing. */
export type PerDialect<T> = Readonly<Partial<Record<JudgedDialect, T>>>;

/** The same for every dialect: lines of the reference with the tag MUST. */
export function inAll<T>(value: T): PerDialect<T> {
  return { mcmp: value, 'httpd-2': value, 'httpd-1.3': value, undertow: value, nginx: value };
}

/** The same for both httpd branches, Undertow and ours: lines with the tag H+U. */
export function inHU<T>(value: T): PerDialect<T> {
  return { mcmp: value, 'httpd-2': value, 'httpd-1.3': value, undertow: value };
}

/** The same for both httpd branches: lines with the tag httpd. */
export function inHttpd<T>(value: T): PerDialect<T> {
  return { 'httpd-2': value, 'httpd-1.3': value };
}
