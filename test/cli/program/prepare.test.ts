import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from './start-program.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

/** Stands in for the compiler: builds the program and notes that it ran. */
const COMPILER = `
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
appendFileSync('builds.txt', 'built ');
const source = readFileSync('src/cli/main.ts', 'utf8');
mkdirSync('dist/src/cli', { recursive: true });
writeFileSync('dist/src/cli/main.js', source);
process.exitCode = source.includes('mistake') ? 2 : 0;
`;

/** Stands in for npm: installs the compiler and notes that it ran. */
const NPM = `
import { appendFileSync, cpSync, rmSync } from 'node:fs';
appendFileSync('installs.txt', process.argv.slice(2).join(' ') + ';');
if (process.env.NPM_BROKEN) process.exit(1);
rmSync('node_modules', { recursive: true, force: true });
cpSync('registry', 'node_modules', { recursive: true });
`;

function write(directory: string, path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

/** A small clone with the real script in it. */
function freshClone(): string {
  const directory = temporaryDirectory();
  cpSync(join(REPOSITORY, 'scripts', 'prepare.mjs'), join(directory, 'scripts', 'prepare.mjs'), { recursive: true });
  const lock = {
    packages: { '': {}, 'node_modules/typescript': { version: '1.0.0' }, 'node_modules/fsevents': { optional: true } },
  };
  write(directory, 'package-lock.json', JSON.stringify(lock));
  write(directory, 'package.json', '{"type": "module"}');
  for (const path of ['tsconfig.json', 'tsconfig.build.json']) write(directory, path, '{}');
  write(directory, 'src/cli/main.ts', 'program');
  write(directory, 'commands/index.ts', 'commands');
  write(directory, 'registry/typescript/bin/tsc', COMPILER);
  write(directory, 'registry/typescript/package.json', '{"type": "module"}');
  write(directory, 'npm.mjs', NPM);
  return directory;
}

interface Prepared {
  readonly code: number | null;
  readonly stderr: string;
}

async function prepare(directory: string, environment: Record<string, string> = {}): Promise<Prepared> {
  const child: ChildProcess = spawn(process.execPath, [join(directory, 'scripts', 'prepare.mjs')], {
    cwd: '/',
    env: { ...process.env, npm_execpath: join(directory, 'npm.mjs'), ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

function times(directory: string, what: 'installs' | 'builds'): number {
  const path = join(directory, `${what}.txt`);
  return existsSync(path) ? readFileSync(path, 'utf8').split(what === 'installs' ? ';' : ' ').length - 1 : 0;
}

function counts(directory: string): { installs: number; builds: number } {
  return { installs: times(directory, 'installs'), builds: times(directory, 'builds') };
}

describe('scripts/prepare.mjs', () => {
  it('installs and builds a fresh clone, and then has nothing to do', async () => {
    const directory = freshClone();
    expect((await prepare(directory)).code).toBe(0);
    expect(counts(directory)).toEqual({ installs: 1, builds: 1 });
    expect(readFileSync(join(directory, 'installs.txt'), 'utf8')).toMatch(/^ci /);
    expect(statSync(join(directory, 'dist/src/cli/main.js')).mode & 0o111).toBe(0o111);
    expect(await prepare(directory)).toEqual({ code: 0, stderr: '' });
    expect(counts(directory)).toEqual({ installs: 1, builds: 1 });
  });

  it('builds again when a source changes, appears or goes', async () => {
    const directory = freshClone();
    await prepare(directory);
    write(directory, 'src/cli/main.ts', 'new program');
    await prepare(directory);
    expect(times(directory, 'builds')).toBe(2);
    write(directory, 'src/more.ts', 'more');
    await prepare(directory);
    expect(times(directory, 'builds')).toBe(3);
    write(directory, 'dist/src/more.js', 'built of more.ts');
    rmSync(join(directory, 'src/more.ts'));
    await prepare(directory);
    expect(times(directory, 'builds')).toBe(4);
    expect(existsSync(join(directory, 'dist/src/more.js'))).toBe(false);
    expect(times(directory, 'installs')).toBe(1);
  });

  it("leaves packages alone that are somebody else's, behind a link", async () => {
    const directory = freshClone();
    const theirs = temporaryDirectory();
    write(theirs, 'typescript/package.json', '{}');
    symlinkSync(theirs, join(directory, 'node_modules'));
    const prepared = await prepare(directory);
    expect(prepared.code).toBe(1);
    expect(prepared.stderr).toContain(`node_modules is a link to ${theirs}`);
    expect(counts(directory)).toEqual({ installs: 0, builds: 0 });
    expect(existsSync(join(theirs, 'typescript/package.json'))).toBe(true);
  });

  it('installs again when the lockfile changes or a package is gone', async () => {
    const directory = freshClone();
    await prepare(directory);
    const lock = readFileSync(join(directory, 'package-lock.json'), 'utf8');
    write(directory, 'package-lock.json', lock.replace('1.0.0', '1.0.1'));
    await prepare(directory);
    expect(times(directory, 'installs')).toBe(2);
    rmSync(join(directory, 'node_modules/typescript'), { recursive: true });
    await prepare(directory);
    expect(times(directory, 'installs')).toBe(3);
  });

  it('believes an install that someone made by hand', async () => {
    const directory = freshClone();
    cpSync(join(directory, 'registry'), join(directory, 'node_modules'), { recursive: true });
    cpSync(join(directory, 'package-lock.json'), join(directory, 'node_modules/.package-lock.json'));
    await prepare(directory);
    expect(counts(directory)).toEqual({ installs: 0, builds: 1 });
  });

  it('does the work once when several want it at the same time', async () => {
    const directory = freshClone();
    const results = await Promise.all([prepare(directory), prepare(directory), prepare(directory)]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(counts(directory)).toEqual({ installs: 1, builds: 1 });
  });

  it('takes over from one that died', async () => {
    const directory = freshClone();
    const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(dead, 'close');
    write(directory, '.prepare.lock', `${dead.pid}`);
    expect((await prepare(directory)).code).toBe(0);
    expect(existsSync(join(directory, '.prepare.lock'))).toBe(false);
  });

  it('lets one of several take over from one that died, and loses nobody on the way', async () => {
    for (let round = 0; round < 3; round++) {
      const directory = freshClone();
      const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
      await once(dead, 'close');
      write(directory, '.prepare.lock', `${dead.pid}`);
      const results = await Promise.all([
        prepare(directory),
        prepare(directory),
        prepare(directory),
        prepare(directory),
      ]);
      expect(results).toEqual(results.map(() => ({ code: 0, stderr: expect.any(String) })));
      expect(counts(directory)).toEqual({ installs: 1, builds: 1 });
    }
  });

  it('says what to do when npm fails, and when the build does', async () => {
    const directory = freshClone();
    const broken = await prepare(directory, { NPM_BROKEN: 'yes' });
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('run: npm ci');
    write(directory, 'src/cli/main.ts', 'a mistake');
    const unbuilt = await prepare(directory);
    expect(unbuilt).toMatchObject({ code: 1, stderr: expect.stringContaining('the build failed') });
    expect((await prepare(directory)).code).toBe(1);
  });

  it('costs less than half a second when nothing has changed here', async () => {
    const script = join(REPOSITORY, 'scripts', 'prepare.mjs');
    const durations: number[] = [];
    for (let round = 0; round < 3; round++) {
      const startedMs = performance.now();
      const [code] = await once(spawn(process.execPath, [script], { stdio: 'ignore' }), 'close');
      durations.push(performance.now() - startedMs);
      expect(code).toBe(0);
    }
    expect(Math.min(...durations)).toBeLessThan(500);
  });
});
