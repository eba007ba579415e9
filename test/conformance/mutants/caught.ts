import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, 'caught.json');

/** Which cases caught which mutant when all of them last ran, by the id of the mutant. */
export function readCaught(): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string[]>));
}

/** Writes it down, in order. */
export function writeCaught(table: ReadonlyMap<string, readonly string[]>): void {
  const rows = [...table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, cases]) => [id, [...cases].sort()] as const);
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
}
