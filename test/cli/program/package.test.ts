import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

interface Packed {
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/** What `npm pack` would put into the package. */
function packed(): Packed {
  // The lifecycle script would build, which has been done; the cache keeps npm from writing anywhere else.
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [first] = JSON.parse(output) as Packed[];
  if (first === undefined) throw new Error('npm pack lists nothing');
  return first;
}

function targets(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry.replace(/^\.\//, '')];
  return typeof entry === 'object' && entry !== null ? Object.values(entry).flatMap(targets) : [];
}

describe('the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const { files } = packed();
  const paths = files.map(({ path }) => path);

  it('has what its manifest points at', () => {
    const promised = [...targets(manifest.exports), ...targets(manifest.bin), 'LICENSE', 'README.md', 'CHANGELOG.md'];
    expect(promised.filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('has nothing that belongs to the workshop', () => {
    const workshop = paths.filter((path) =>
      /^(src|test|bench|fixtures|scripts|commands|\.ci)\/|tsbuildinfo|\.test\./.test(path),
    );
    expect(workshop).toEqual([]);
  });

  it('has a program that can be run', () => {
    const program = files.find(({ path }) => path === manifest.bin.mcmp);
    expect((program?.mode ?? 0) & 0o111).toBe(0o111);
  });
});
