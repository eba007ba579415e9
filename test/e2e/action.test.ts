import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startProgram, temporaryDirectory } from '../cli/program/start-program.ts';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly { readonly run: string; readonly env?: Readonly<Record<string, string>> }[];
  };
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ACTION = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Action;

/** Runs the last step as a runner would: inputs come by the environment, outputs go to a file. */
async function runAction(
  given: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string; folder: string }> {
  const folder = temporaryDirectory();
  const [, judge] = ACTION.runs.steps;
  const inputs = Object.entries(judge?.env ?? {}).map(([name, expression]) => {
    const input = /^\$\{\{ inputs\.([a-z]+) \}\}$/.exec(expression)?.[1] ?? '';
    return [name, given[input] ?? ACTION.inputs[input]?.default ?? 'no such input'] as const;
  });
  const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
  const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', judge?.run ?? 'exit 99'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      GITHUB_ACTION_PATH: ROOT,
      GITHUB_ACTIONS: 'true',
      ...files,
      ...Object.fromEntries(inputs),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  return { code: Number(code), output, folder };
}

describe('action.yml', () => {
  it('describes every input, and gives each to the step', () => {
    const used = Object.values(ACTION.runs.steps[1]?.env ?? {}).join(' ');
    for (const [name, { description }] of Object.entries(ACTION.inputs)) {
      expect(description.length, name).toBeGreaterThan(5);
      expect(used).toContain(`inputs.${name} `);
    }
  });

  it('judges a balancer, writes what was asked for, and passes the exit code on', async () => {
    const program = startProgram(['serve', '--json', '--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0']);
    const [line] = await program.written('stdout', /\{.*"event":"ready".*\}/);
    const { mcmp } = JSON.parse(line) as { mcmp: string[] };
    const target = { targets: `http://${mcmp[0]}`, junit: 'report.xml', html: 'report.html' };
    const good = await runAction({
      ...target,
      cases: 'status/* ping/*',
      with: 'websocket\nmanager=/mod_cluster-manager',
    });
    expect(good.code).toBe(0);
    expect(readFileSync(join(good.folder, 'output'), 'utf8')).toContain('exit-code=0');
    expect(readFileSync(join(good.folder, 'report.xml'), 'utf8')).toContain('<testsuites');
    expect(readFileSync(join(good.folder, 'summary'), 'utf8')).toContain('|');
    const bad = await runAction({ ...target, cases: 'status/load-out-of-range', dialect: 'undertow' });
    expect(bad.code).toBe(1);
    expect(bad.output).toContain('::error');
  });
});
