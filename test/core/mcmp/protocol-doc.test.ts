import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  commandsTable,
  contextsTable,
  dialectDifferences,
  errorsTable,
  fieldsTable,
  nodesTable,
} from './protocol-tables.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/protocol.md'), 'utf8');

describe('docs/protocol.md says what the code does', () => {
  test.each([
    ['commands', commandsTable()],
    ['fields', fieldsTable()],
    ['errors', errorsTable()],
    ['contexts', contextsTable()],
    ['nodes', nodesTable()],
  ])('its table of %s', (_, expected) => {
    expect(document).toContain(`\n\n${expected}\n\n`);
  });

  test('every difference between the dialects stands there with both values and a reason, and nothing else does', () => {
    const rows = document
      .split('\n')
      .filter((line) => /^\| `[a-zA-Z]+(\.[a-zA-Z-]+)*` \|/.test(line) && line.split(/(?<!\\)\|/).length === 6)
      .map((line) =>
        line
          .split(/(?<!\\)\|/)
          .slice(1, -1)
          .map((cell) => cell.trim().replaceAll('\\|', '|')),
      );
    const listed = rows.map(([path, httpd2, mcmp]) => [path, httpd2, mcmp]);
    expect(listed).toEqual(
      dialectDifferences().map(({ path, httpd2, mcmp }) => [`\`${path}\``, `\`${httpd2}\``, `\`${mcmp}\``]),
    );
    for (const [path = '', , , reason = ''] of rows) expect(reason.length, path).toBeGreaterThan(20);
  });
});
