import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { NODE_SIM_OPTIONS } from '../../../src/node/simulator/flags.ts';

const page = readFileSync(new URL('../../../docs/sidecar.md', import.meta.url), 'utf8');

test('docs/sidecar.md has a row for every flag of a sidecar, with its default', () => {
  const expected = Object.entries(NODE_SIM_OPTIONS)
    .filter(([, { group }]) => group === NODE_SIM_OPTIONS.upstream.group)
    .map(([name, flag]) => {
      const placeholder = 'placeholder' in flag ? ` ${flag.placeholder}` : '';
      return [`--${name}${placeholder}`, 'default' in flag ? String(flag.default) : ''];
    });
  const rows = [...page.matchAll(/^\| `(--[^`]+)` \| (?:`([^`]*)`)? ?\| [^|]+ \|$/gm)];
  expect(rows.map(([, flag, unsaid = '']) => [flag, unsaid])).toEqual(expected);
});

test('docs/sidecar.md shows a pod that is YAML and whose variables belong to flags', () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const document = parseDocument(yaml);
  expect([document.errors, document.warnings]).toEqual([[], []]);
  const variables = Object.keys(NODE_SIM_OPTIONS).map((name) => name.toUpperCase().replaceAll('-', '_'));
  const named = [...page.matchAll(/MCMP_NODE_SIM_([A-Z_]+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !variables.includes(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(5);
});
