import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runProgram, temporaryDirectory } from '../cli/program/start-program.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const NODE_SIM = `'${process.execPath}' '${PROGRAM}' node-sim --contexts /one,/two --status-interval 300ms --control 127.0.0.1:{control-port}`;
const START = ['--start', `exec ${NODE_SIM} --balancer {balancer} {options}`, '--status-interval', '300ms'];
const CONTEXT = 'http://127.0.0.1:{control-port}/v1/nodes/{route}/contexts/{context}';
const CONTROL = [
  ...['--control', `undeploy=DELETE ${CONTEXT}`],
  ...['--control', `disable=PUT ${CONTEXT} {"state":"disabled"}`],
  ...['--control', `enable=PUT ${CONTEXT} {"state":"enabled"}`],
];

const judge = (...words: readonly string[]) => runProgram(['conformance', 'node', ...words]);

describe('mcmp conformance node', { timeout: 60_000 }, () => {
  it('starts a node for each case, drives it, and finds nothing', async () => {
    const { code, stdout } = await judge(
      ...[
        'order/registration',
        'apps/undeploy',
        'apps/disable-enable',
        'config/domain',
        'goodbye/order',
        'discovery/joins',
      ],
      ...[...START, ...CONTROL],
      ...['--with', 'node-domain=--domain {value}'],
      ...['--advertise', `exec ${NODE_SIM} --discover --advertise-group {group} --advertise-interface 127.0.0.1`],
      ...['--format', 'tap'],
    );
    expect(stdout).not.toMatch(/^ *not ok/m);
    expect(stdout).not.toContain('# SKIP');
    expect(stdout).toContain('discovery/joins');
    expect(code).toBe(0);
  });

  it('recognises whose manners a node has, and finds what another kind would do otherwise', async () => {
    const junit = join(temporaryDirectory(), 'node.xml');
    const java = ['--start', `exec ${NODE_SIM} --java-manners --balancer {balancer}`, '--status-interval', '300ms'];
    const right = await judge('headers/java', ...java, '--junit', junit);
    expect(right.code).toBe(0);
    expect(readFileSync(junit, 'utf8')).toContain('ClusterListener/1.0');
    const wrong = await judge('headers/java', ...START, '--kind', 'java');
    expect(wrong.stdout).toContain('ClusterListener/1.0, Connection: Keep-Alive');
    expect(wrong.code).toBe(1);
  });

  it('says why a case is skipped, and how it would not be', async () => {
    const { code, stdout } = await judge('apps/undeploy', 'order/registration', ...START, '--verbose');
    expect(stdout).toContain("--control 'undeploy=HOW'");
    expect(code).toBe(0);
  });

  it('runs cases of its users', async () => {
    const file = fileURLToPath(new URL('../../examples/my-node-cases.mjs', import.meta.url));
    const { code, stdout } = await judge('platform/*', '--cases', file, ...START, '--verbose');
    expect(stdout).toMatch(/✔ platform\/full-table/);
    expect(code).toBe(0);
  });

  it('ends with 3 when no node comes', async () => {
    const { code, stderr } = await judge(
      'order/*',
      ...['--start', 'exec sleep 30', '--start-timeout', '200ms', '--status-interval', '100ms'],
    );
    expect(stderr).toContain('no node came');
    expect(code).toBe(3);
  });
});
