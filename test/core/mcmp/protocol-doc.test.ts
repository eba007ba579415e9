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
  otherDialectsTable,
  otherErrorsTable,
} from './protocol-tables.ts';

const [document, others] = ['protocol', 'dialects'].map((name) =>
  readFileSync(join(import.meta.dirname, `../../../docs/${name}.md`), 'utf8'),
) as [string, string];

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

  test.each([
    ['rules', otherDialectsTable()],
    ['error texts', otherErrorsTable()],
  ])('docs/dialects.md has the %s of the others', (_, expected) => {
    expect(others).toContain(`\n\n${expected}\n\n`);
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
