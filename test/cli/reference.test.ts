import { expect, it } from 'vitest';
import { commands } from '../../commands/index.ts';
import { referencePage } from './reference-page.ts';

it('docs/command-line.md says what the tables say; if not, npm run reference', async () => {
  await expect(referencePage(commands)).toMatchFileSnapshot('../../docs/command-line.md');
});
