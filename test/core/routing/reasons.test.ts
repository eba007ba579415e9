import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ROUTING_REASONS } from '../../../src/core/routing/index.ts';

it('docs/routing.md lists every reason with its status and words, and no other', () => {
  const text = readFileSync(new URL('../../../docs/routing.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d*) ?\| (.+) \|$/gm)].map(([, reason, status, words]) => [
    reason,
    { status: Number(status), words },
  ]);
  expect(Object.fromEntries(rows)).toEqual(ROUTING_REASONS);
  expect(rows).toHaveLength(Object.keys(ROUTING_REASONS).length);
});
