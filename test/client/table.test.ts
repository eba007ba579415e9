import { expect, it } from 'vitest';
import { tableLines } from '../../src/client/table.ts';

it('aligns words to the left and numbers to the right, without spaces at the end', () => {
  const columns = [
    { title: 'NODE', value: ({ node }: { node: string; load: number }) => node },
    { title: 'LOAD', align: 'right' as const, value: ({ load }: { node: string; load: number }) => load },
    { title: 'X', value: () => '' },
  ];
  expect(tableLines(columns, [{ node: 'a-long-name', load: 5 }])).toEqual([
    'NODE         LOAD  X',
    'a-long-name     5',
  ]);
});

it('keeps what a peer says inside its cell', () => {
  const [, line] = tableLines([{ title: 'A', value: () => 'x\u001b[31m\n\u009by' }], [1]);
  expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
