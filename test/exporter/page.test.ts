import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Brand } from '../../src/client/brand.ts';
import { DISAGREEMENTS } from '../../src/client/disagreements.ts';
import { NODE_CONDITIONS, toldConditions } from '../../src/client/node-condition.ts';
import { TELLS } from '../../src/client/told.ts';
import { freeAfter } from '../support/cleanup.ts';
import { programOf } from '../support/needs-program.ts';

const PAGE = readFileSync(new URL('../../docs/exporter.md', import.meta.url), 'utf8');
const PROMTOOL = programOf(['promtool'], 'prometheus', 'promtool reads the configuration in docs/exporter.md');
/** Columns of the table of brands. */
const COLUMNS: readonly Brand[] = ['mcmp', 'httpd-2', 'httpd-1.3', 'undertow', 'nginx'];

/** `yes` or `no` by brand, from the row that begins like this. */
function rowOf(beginning: string): string[] {
  const line = PAGE.split('\n').find((one) => one.startsWith(`| ${beginning}`)) ?? '';
  return line
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}

describe('docs/exporter.md', () => {
  it.each([
    ['load', 'load'],
    ['elections', 'counters'],
    ['how long requests wait', 'waitWorker'],
  ] as const)('has in its row "%s" what the table of brands says', (beginning, fact) => {
    const told = COLUMNS.map((brand) => (TELLS[brand][fact] ? 'yes' : 'no'));
    expect(rowOf(beginning).map((cell) => /^\w+/.exec(cell)?.[0])).toEqual(told);
  });

  it('has the states that each brand tells apart', () => {
    const missing = COLUMNS.map((brand) => {
      const told = toldConditions(brand, brand === 'mcmp');
      return told.length === 0
        ? 'none'
        : NODE_CONDITIONS.filter((one) => !told.includes(one))
            .map((one) => `no \`${one}\``)
            .join(', ');
    });
    expect(rowOf('states of a node').map((cell) => (cell === 'all five' ? '' : cell))).toEqual(missing);
  });

  it('has each kind of disagreement', () => {
    const kinds = [...PAGE.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|/gm)].flatMap(([, cell = '']) =>
      cell.replaceAll('`', '').split(', '),
    );
    expect(kinds.filter((kind) => kind in DISAGREEMENTS)).toEqual(Object.keys(DISAGREEMENTS));
  });

  it.skipIf(PROMTOOL === undefined)('has configurations that Prometheus reads', () => {
    const blocks = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);
    expect(blocks).toHaveLength(2);
    const folder = mkdtempSync(join(tmpdir(), 'mcmp-exporter-'));
    freeAfter(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'prometheus.yml');
    for (const block of blocks) {
      writeFileSync(file, block);
      const said = execFileSync(PROMTOOL ?? '', ['check', 'config', file], { encoding: 'utf8', stdio: 'pipe' });
      expect(said).toContain('SUCCESS');
    }
  });
});
