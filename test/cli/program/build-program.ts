import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Run once by vitest before the tests of the program. */
export function setup(): void {
  const script = fileURLToPath(new URL('../../../scripts/prepare.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status !== 0) throw new Error('scripts/prepare.mjs could not bring dist up to date; its output says why');
}
