import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NODE_FOLDERS } from '../../support/recordings.ts';
import { DIFFERENCES } from '../manners/differences.ts';
import { type Situation, situations } from '../manners/situation.ts';
import { PROOFS } from './table.ts';

const TESTS = join(import.meta.dirname, '../..');
const IDS: readonly string[] = JSON.parse(readFileSync(join(TESTS, '../fixtures/node-checklist.json'), 'utf8')).map(
  ({ id }: { readonly id: string }) => id,
);

/** A recorded conversation as text, in the order in which things happened. */
function conversation({ lines, steps }: Situation): string {
  const said = lines.map(({ atMs, line, body, response }) => {
    const status = /^HTTP\/1\.\d (\d+)/.exec(response.line ?? '')?.[1] ?? 'none';
    return {
      atMs,
      text: `${Math.round(atMs / 1000)} ${line} ${body} <- ${status} ${response.headers?.['Type'] ?? ''}`,
    };
  });
  const done = steps.map(({ atMs, text }) => ({ atMs, text: `(${text})` }));
  return [...done, ...said]
    .sort((one, other) => one.atMs - other.atMs)
    .map(({ text }) => text)
    .join('\n');
}

describe('the checklist for nodes', () => {
  const recorded = new Map(situations(NODE_FOLDERS[0]).map((situation) => [situation.name, situation]));

  test('has 64 lines, and each a proof or a reason', () => {
    expect(new Set(IDS).size).toBe(64);
    expect([...PROOFS.keys()]).toEqual(IDS);
  });

  test.each([...PROOFS])('%s', (id, proof) => {
    if ('reason' in proof) {
      expect(proof.reason).toMatch(/^[A-Z].{15,}\.$/);
    } else if ('recorded' in proof) {
      const situation = recorded.get(proof.recorded);
      const text = situation === undefined ? '' : conversation(situation);
      expect(text).toMatch(proof.shows);
      // Of where ours differs, nothing may be what the line is about.
      const seen = proof.shows.exec(text)?.[0] ?? '';
      const differing = DIFFERENCES.filter((row) => row.situation === `2.1.0-http ${proof.recorded}`);
      for (const line of differing.flatMap(({ differs }) => differs)) {
        expect(seen, id).not.toContain(/ says at [\d.]+ s: (.*)$/.exec(line)?.[1] ?? line);
      }
    } else {
      const file = join(TESTS, proof.test);
      expect(existsSync(file)).toBe(true);
      expect(readFileSync(file, 'utf8')).toContain(proof.named);
    }
  });
});
