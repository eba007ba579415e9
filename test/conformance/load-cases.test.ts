import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as kit from '../../src/conformance/index.ts';
import { loadCases } from '../../src/conformance/load-cases.ts';
import { freeAfter } from '../support/cleanup.ts';

const CASE = `{ id: 'own/one', requirement: 'It is so.', level: 'must', lines: [], spec: 'ours', expected: inAll(said('so')), run() {} }`;
const made = (spec: string): string =>
  `export const cases = ({ balancerCase, inAll, said }) => [balancerCase({ ...${CASE}, ${spec} })];`;

async function load(...modules: readonly string[]): ReturnType<typeof loadCases> {
  const folder = await mkdtemp(join(tmpdir(), 'mcmp-cases-'));
  freeAfter(() => rm(folder, { recursive: true }));
  const files = modules.map((_, index) => join(folder, `${index}.mjs`));
  for (const [index, text] of modules.entries()) await writeFile(files[index] ?? '', text);
  return loadCases(files, kit, new Set(['status/load-shown']));
}

it.each([
  ['a module that throws', `throw new Error('boom');`, 'cannot load .*: boom'],
  ['a function that throws', `export const cases = () => { throw new Error('boom'); };`, 'cannot load .*: boom'],
  ['a function that rejects', `export const cases = async () => { throw new Error('boom'); };`, 'cannot load .*: boom'],
  ['no cases', 'export const other = [];', 'exports no cases'],
  ['what is no case', `export const cases = [{ id: 'own/one' }];`, 'case 1 is none'],
  ['a case by hand that expects nothing', made('expected: {}').replace('balancerCase({', '({'), 'case 1 is none'],
  ['an expectation of null', made('expected: null').replace('balancerCase({', '({'), 'case 1 is none'],
  ['a level of nobody', made(`level: 'silly'`), 'own/one has the level silly'],
  ['a need of nobody', made(`needs: ['trafic']`), 'own/one has the need trafic'],
  ['a need with the name of a member of all objects', made(`needs: ['toString']`), 'the need toString'],
  ['an id that is taken', made(`id: 'status/load-shown'`), 'exists already'],
])('a user is told of %s', async (_, module, message) => {
  await expect(load(module)).rejects.toMatchObject({ kind: 'usage', message: expect.stringMatching(message) });
});

it('cases of several modules are taken', async () => {
  const cases = await load(made(`needs: ['traffic']`), made(`id: 'own/two'`));
  expect(cases.map(({ id }) => id)).toEqual(['own/one', 'own/two']);
});
