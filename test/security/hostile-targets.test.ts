import { describe, expect, it } from 'vitest';
import { readDocumentTables } from '../../src/client/document-tables.ts';
import { readDump } from '../../src/core/mcmp/dump.ts';
import { readInfo } from '../../src/core/mcmp/info.ts';
import { MOST_PROBLEMS } from '../../src/core/mcmp/lines.ts';
import { labelText, MOST_LABEL_CHARACTERS } from '../../src/observe/metrics/index.ts';

const MIB = 1024 * 1024;

/** CPU time, which other programs do not change. */
function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('what a hostile balancer answers to the exporter costs little', () => {
  it.each([
    ['INFO', readInfo],
    ['DUMP', readDump],
  ])('%s of lines that are none: reading ends after so many', (_, read) => {
    const body = 'x\n'.repeat(4 * MIB);
    const cpuMs = cpuMsOf(() => expect(read(body).problems).toHaveLength(MOST_PROBLEMS));
    expect(cpuMs).toBeLessThan(500);
  });

  it.each([
    ['empty objects', `{"schemaVersion":1,"balancers":[],"nodes":[${'{},'.repeat(4 * MIB)}{}]}`],
    ['empty lists', `{"schemaVersion":1,"balancers":[],"nodes":[${'[],'.repeat(4 * MIB)}[]]}`],
    ['lists in lists', `${'['.repeat(4 * MIB)}${']'.repeat(4 * MIB)}`],
  ])('%s without end are no document', (_, body) => {
    const cpuMs = cpuMsOf(() => expect(readDocumentTables(body)).toBeUndefined());
    expect(cpuMs).toBeLessThan(1000);
  });

  it('braces in the names of nodes do not make a document one of these', () => {
    const balancers = JSON.stringify([`${'{['.repeat(MIB)}"\\`]);
    const tables = readDocumentTables(`{"schemaVersion":1,"balancers":${balancers},"nodes":[]}`);
    expect(tables?.problems).toHaveLength(1);
  });

  it('a name of megabytes becomes a label in no time, and stays one of its own', () => {
    const name = '\u0001'.repeat(8 * MIB);
    const labels = new Set<string>();
    const cpuMs = cpuMsOf(() => {
      for (const bytes of [name, `${name}a`, `${name}\u0001`, 'é'.repeat(500), `a${'\u00c3\u00a9'.repeat(500)}`]) {
        labels.add(labelText(bytes));
      }
    });
    expect(cpuMs).toBeLessThan(1000);
    expect(labels.size).toBe(5);
    for (const label of labels)
      expect(label.replaceAll('\\\\', '\\').length).toBeLessThanOrEqual(MOST_LABEL_CHARACTERS);
  });
});
