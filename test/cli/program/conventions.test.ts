import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../commands/index.ts';
import { EXIT_CODES } from '../../../src/cli/exit-codes.ts';
import { DIALECTS } from '../../../src/core/mcmp/dialect.ts';
import { runHere } from '../../support/run-here.ts';
import { runProgram, temporaryDirectory } from './start-program.ts';

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

describe('mcmp', () => {
  it.each([[[]], [['--help']]])('%j introduces itself within 80 columns', async (words) => {
    // Once as the program, which starts like this every time.
    const { code, stdout, stderr } = await (words.length === 0 ? runProgram(words) : runHere(words));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name, summary } of commands) {
      expect(stdout).toContain(name);
      expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
    }
    for (const { meaning } of Object.values(EXIT_CODES)) expect(stdout).toContain(meaning);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(81);
  });

  it.each([[['--help', '--json']], [['send', '--help', '--json']]])('%j is one document', async (words) => {
    const { code, stdout } = await runHere(words);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, help: expect.stringContaining('mcmp') });
  });

  it('introduces only commands that exist', async () => {
    const { stdout } = await runHere([]);
    const introduced = [...stdout.matchAll(/^ {2}mcmp ([a-z-]+)/gm)].map(([, name]) => name);
    expect(introduced).toHaveLength(5);
    const names = commands.map(({ name }) => name.split(' ')[0]);
    expect(introduced.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('says its versions', async () => {
    const sentence = `mcmp ${manifest.version}, Node ${process.versions.node}, protocol 0.2.1\n`;
    expect(await runProgram(['--version'])).toMatchObject({ code: 0, stdout: sentence, stderr: '' });
    const { stdout } = await runProgram(['--version', '--json']);
    const document = { schemaVersion: 1, mcmp: manifest.version, node: process.versions.node, protocol: '0.2.1' };
    expect(JSON.parse(stdout)).toEqual(document);
  });

  it.each([
    [['serv'], 'mcmp: unknown command serv (MCMP_UNKNOWN_COMMAND)\n      Did you mean mcmp serve?\n'],
    [['serve', '--lisen', ':1'], 'mcmp: unknown option --lisen (MCMP_UNKNOWN_OPTION)\n      Did you mean --listen?\n'],
    [['serve', '--listen', 'x'], 'mcmp: --listen: expected host:port, :port or [::1]:port, not "x" (MCMP_BAD_VALUE)\n'],
    [['serve', '\u001b[2J'], 'mcmp: mcmp serve does not know what to do with "\\u{1b}[2J" (MCMP_USAGE)\n'],
  ])('%j is wrong usage', async (words, message) => {
    const { code, stdout, stderr } = await runHere(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(message)).toBe(true);
  });

  it('reports a failure as one object with --json', async () => {
    const { code, stdout, stderr } = await runProgram(['--json', 'serve', '--lisen', ':1']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({
      schemaVersion: 1,
      error: {
        code: 'MCMP_UNKNOWN_OPTION',
        kind: 'usage',
        message: 'unknown option --lisen',
        hint: 'Did you mean --listen?',
        exitCode: 2,
      },
    });
  });

  it('ends quietly when the reader of its output has gone', () => {
    const program = new URL('../../../dist/src/cli/main.js', import.meta.url).pathname;
    const script = `{ "$0" "$1" serve --help; echo "code $?" >&2; } | true`;
    // `true` has long ended when the program writes; should it ever be late, the end is quiet all the same.
    const { stderr } = spawnSync('sh', ['-c', script, process.execPath, program], { encoding: 'utf8' });
    expect(stderr).toBe('code 0\n');
  });

  it('colours on request, and not otherwise', async () => {
    expect((await runHere(['--color', 'always'])).stdout).toContain('\u001b[1m');
    const environment = { MCMP_COLOR: 'always' };
    expect((await runHere([], environment)).stdout).toContain('\u001b[1m');
    expect((await runHere(['--color', 'never'], environment)).stdout).not.toContain('\u001b');
    expect((await runProgram([])).stdout).not.toContain('\u001b');
  });
});

describe('--print-config', () => {
  it('names the origin of each value', async () => {
    const directory = temporaryDirectory();
    writeFileSync(
      join(directory, 'mcmp.config.yaml'),
      'log-level: warn\nserve:\n  max-nodes: 7\n  listen: [":1", ":2"]\n  ping-interval: 30s\n',
    );
    const environment = { MCMP_SERVE_PING_INTERVAL: '5s', MCMP_SERVE_BALANCER: 'blue' };
    const words = ['serve', '--print-config', '--balancer', 'green'];
    const { code, stdout, stderr } = await runProgram(words, { directory, environment });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = new Map(stdout.split('\n').map((line) => [line.split(' ')[0], line.replace(/\s+/g, ' ')]));
    expect(rows.get('log-level')).toBe('log-level warn file (mcmp.config.yaml:1)');
    expect(rows.get('max-nodes')).toBe('max-nodes 7 file (mcmp.config.yaml:3)');
    expect(rows.get('listen')).toBe('listen :1, :2 file (mcmp.config.yaml:4)');
    expect(rows.get('ping-interval')).toBe('ping-interval 5s environment (MCMP_SERVE_PING_INTERVAL)');
    expect(rows.get('balancer')).toBe('balancer green flag (--balancer)');
    expect(rows.get('max-message')).toBe('max-message 1MiB default');
  });

  it('prints one document with --json, which a configuration file can take back', async () => {
    const first = JSON.parse((await runHere(['serve', '--print-config', '--json', '--listen', ':1,:2'])).stdout);
    expect(first).toMatchObject({ schemaVersion: 1, command: 'serve', configFile: null });
    const own = first.settings.filter(({ name }: { name: string }) => !['json', 'config'].includes(name));
    const isGlobal = (name: string): boolean => ['log-level', 'log-format', 'color'].includes(name);
    const values = own.filter(({ value }: { value: unknown }) => value !== null);
    const pairs = (wanted: boolean): Record<string, unknown> =>
      Object.fromEntries(
        values
          .filter(({ name }: { name: string }) => isGlobal(name) === wanted)
          .map(({ name, value }: { name: string; value: unknown }) => [name, value]),
      );
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'all.json'), JSON.stringify({ ...pairs(true), serve: pairs(false) }));
    const again = await runProgram(['serve', '--print-config', '--json', '--config', 'all.json'], { directory });
    const settings = JSON.parse(again.stdout).settings as { name: string; value: unknown; origin: string }[];
    const expected = own.map(({ name, value }: { name: string; value: unknown }) => ({ name, value }));
    expect(
      settings.filter(({ name }) => !['json', 'config'].includes(name)).map(({ name, value }) => ({ name, value })),
    ).toEqual(expected);
    expect(settings.find(({ name }) => name === 'listen')).toMatchObject({ value: [':1', ':2'], origin: 'file' });
  });

  it('points at the line of a wrong key', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'mcmp.config.yaml'), 'serve:\n  lissten: ":1"\n');
    const { code, stderr } = await runProgram(['serve'], { directory });
    expect(code).toBe(2);
    expect(stderr).toContain('mcmp.config.yaml:2: unknown key "lissten" in the section serve');
    expect(stderr).toContain('Did you mean listen?');
  });
});

describe('every command', () => {
  it.each(commands.map(({ name }) => [name]))('%s has help with examples within 80 columns', async (name) => {
    const { code, stdout } = await runHere([...name.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Examples:');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { code, stdout } = await runProgram(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain(`SHELL=${shell} mcmp --get-yargs-completions`);
  });

  it('offers commands, options and choices', async () => {
    const candidates = async (...typed: string[]): Promise<string[]> => {
      const words = ['--get-yargs-completions', 'mcmp', ...typed];
      return (await runProgram(words, { environment: { SHELL: 'bash' } })).stdout.trim().split('\n');
    };
    expect(await candidates('ser')).toContain('serve');
    expect(await candidates('serve', '--mcmp')).toContain('--mcmp-allow');
    expect(await candidates('send', 'EN')).toContain('ENABLE-APP');
    expect(await candidates('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
    expect(await candidates('serve', '--dialect', '')).toEqual([...DIALECTS.keys()]);
  });
});
