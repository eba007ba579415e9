import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { freePort } from '../../support/free-port.ts';
import type { Mutant } from './mutant.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const READY_DEADLINE_MS = 20_000;

/** A copy of the built program in which one file is another. */
export interface MutatedProgram {
  /** Its main module. */
  readonly main: string;
  /** For files that it is started with. */
  readonly folder: string;
  remove(): void;
}

/** The source of a mutant. @throws Error when `find` does not stand exactly once in the file */
export function mutatedSource({ id, file, find, replace }: Pick<Mutant, 'id' | 'file' | 'find' | 'replace'>): string {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const count = source.split(find).length - 1;
  if (count !== 1) throw new Error(`${id}: ${JSON.stringify(find)} stands ${count} times in ${file}`);
  return source.replace(find, () => replace);
}

/** Copies `dist` (by links) and puts the mutated file in; without a mutant it is the program as it is. */
export function createMutatedProgram(mutant?: Mutant): MutatedProgram {
  const folder = mkdtempSync(join(tmpdir(), 'mcmp-mutant-'));
  linkTree(join(ROOT, 'dist/src'), join(folder, 'dist/src'));
  linkTree(join(ROOT, 'dist/commands'), join(folder, 'dist/commands'));
  linkSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  if (mutant !== undefined) {
    const { outputText } = ts.transpileModule(mutatedSource(mutant), {
      fileName: mutant.file,
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        jsx: ts.JsxEmit.ReactJSX,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    });
    const built = join(folder, 'dist', mutant.file.replace(/\.tsx?$/, '.js'));
    unlinkSync(built);
    writeFileSync(built, outputText);
  }
  return {
    main: join(folder, 'dist/src/cli/main.js'),
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.name.endsWith('.js')) linkSync(source, target);
  }
}

/** A balancer that runs in a process of its own. */
export interface BalancerProcess {
  readonly mcmp: string;
  readonly listen: string;
  /** Ends it and starts it again on the same ports. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts `serve` of a program; the addresses are free ports of the loopback interface.
 * @param oneAddress web traffic and MCMP share a port
 */
export async function startBalancerProcess(
  main: string,
  flags: readonly string[],
  oneAddress = false,
): Promise<BalancerProcess> {
  const start = async (
    listen: string,
    mcmp: string,
  ): Promise<{ child: ChildProcess; listen: string; mcmp: string }> => {
    const words = ['serve', '--json', '--listen', listen, '--mcmp', mcmp, '--shutdown-timeout', '200ms', ...flags];
    const child = spawn(process.execPath, [main, ...words], {
      cwd: dirname(main),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ready = await readyLine(child);
    return { child, listen: ready.listen[0] ?? '', mcmp: (oneAddress ? ready.listen[0] : ready.mcmp[0]) ?? '' };
  };
  const shared = oneAddress ? `127.0.0.1:${await freePort()}` : '127.0.0.1:0';
  let running = await start(shared, shared);
  const { listen, mcmp } = running;
  const stop = async (): Promise<void> => {
    const { child } = running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
    await closed;
    clearTimeout(timer);
  };
  return {
    mcmp,
    listen,
    stop,
    async restart() {
      await stop();
      running = await start(listen, mcmp);
    },
  };
}

/** The line that `serve --json` prints when all its listeners listen. */
async function readyLine(child: ChildProcess): Promise<{ listen: string[]; mcmp: string[] }> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('the balancer was not ready in time'));
    }, READY_DEADLINE_MS);
    child.once('close', () => {
      clearTimeout(timer);
      reject(new Error('the balancer ended before it was ready'));
    });
    child.stdout?.on('data', () => {
      const line = text
        .split('\n')
        .slice(0, -1)
        .find((one) => one.includes('"mcmp"'));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
  });
}
