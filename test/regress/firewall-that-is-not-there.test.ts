import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { readMachine } from '../../src/advertise/listen/machine.ts';

// Whoever became another user without root's rights, but with root's PATH, was told of four firewalls that are not there:
// a folder on the path that may not be searched answers EACCES instead of ENOENT.
it('takes no program that cannot be run for a firewall', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mcmp-path-'));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  for (const name of ['nft', 'iptables']) await writeFile(join(folder, name), '', { mode: 0o644 });
  vi.stubEnv('PATH', folder);
  expect((await readMachine()).firewalls).toEqual([]);
});
