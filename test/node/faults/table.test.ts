import { describe, expect, it } from 'vitest';
import { parseFault, printFault } from '../../../src/node/faults/grammar.ts';
import { FAULTS, type FaultName, faultRow } from '../../../src/node/faults/table.ts';
import { faultsPage } from './faults-page.ts';

const names = Object.keys(FAULTS) as FaultName[];

it('docs/faults.md says what the table says; if not, run this with --update', async () => {
  await expect(faultsPage()).toMatchFileSnapshot('../../../docs/faults.md');
});

describe.each(names)('%s', (name) => {
  const row = faultRow(name);

  it('has an example that switches it on', () => {
    expect(parseFault(row.example).fault).toBe(name);
  });

  it('can be switched on by its bare name, and then has an amount exactly if it takes one', () => {
    const spec = parseFault(name);
    expect(spec.amount !== undefined).toBe(row.amount !== 'none');
    expect(printFault(spec)).toBe(
      row.default === undefined ? name : `${name}:${row.default.replace(/^100$/, printed(name))}`,
    );
  });

  it('is described in the middle of a line: lower case, no full stop', () => {
    expect(row.describe).toMatch(/^[a-z].*[^.]$/);
    if (row.detail !== undefined) expect(row.detail).toMatch(/^[A-Z].*\.$/);
  });
});

/** Bytes are printed with their unit. */
function printed(name: FaultName): string {
  return faultRow(name).amount === 'bytes' ? '100B' : '100';
}
