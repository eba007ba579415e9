import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { standInFleet } from '../../node/control/stand-in-fleet.ts';
import { startTestControl } from '../../node/control/test-control.ts';
import { runHere } from '../../support/run-here.ts';
import { runProgram, startProgram, temporaryDirectory } from './start-program.ts';

const TOKEN = 'a-token-of-some-length';

describe('mcmp node-sim ctl', () => {
  it('changes the nodes of another process, and prints what is so', async () => {
    const fleet = standInFleet();
    const { url } = await startTestControl(fleet);
    const { code, stdout, stderr } = await runProgram(['node-sim', 'ctl', 'kill', 'node2', '--control', url.host]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^node .*\nnode2 .* killed .*\n$/);
    expect(fleet.nodes.get('node2')?.told).toEqual(['kill']);
  });

  it('prints one document with --json', async () => {
    const { url } = await startTestControl(standInFleet());
    const environment = { MCMP_NODE_SIM_CTL_CONTROL: url.host };
    const { code, stdout } = await runHere(['node-sim', 'ctl', '--json', 'load', 'node1', '-1'], environment);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, nodes: [{ route: 'node1' }], failures: [] });
  });

  it('reads the token from a file', async () => {
    const { url } = await startTestControl(standInFleet(), TOKEN);
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'token'), `${TOKEN}\n`);
    const words = ['node-sim', 'ctl', 'list', '--control', url.host];
    expect((await runProgram([...words, '--token-file', 'token'], { directory })).code).toBe(0);
    expect(await runProgram(words)).toMatchObject({ code: 4, stderr: expect.stringContaining('--token-file') });
  });

  it.each([
    [['kill', 'node9'], 2, 'There are 3: node1 .. node3.'],
    [['kil', 'node1'], 2, 'Did you mean kill?'],
    [['restart', 'node3'], 1, 'node3 is starting'],
    [['say', 'node1', 'PING'], 1, ''],
    [['fault', 'on', 'hagn'], 2, 'Did you mean hang?'],
  ])('%j ends with %d', async (words, exitCode, said) => {
    const fleet = standInFleet();
    fleet.nodes.get('node3')?.become('starting');
    const { url } = await startTestControl(fleet);
    const { code, stderr } = await runHere(['node-sim', 'ctl', ...words, '--control', url.host]);
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: expect.stringContaining(said) });
  });

  it('to nobody ends with 3 and says how to start one', async () => {
    const { url, close } = await startTestControl(standInFleet());
    await close();
    const { code, stderr } = await runHere(['node-sim', 'ctl', 'list', '--control', url.host]);
    expect(code).toBe(3);
    expect(stderr).toContain('nothing listens there');
    expect(stderr).toContain('--control');
  });

  it('watches until Ctrl-C', async () => {
    const { url, ask } = await startTestControl(standInFleet());
    const watching = startProgram(['node-sim', 'ctl', 'watch', '--json', '--control', url.host]);
    await watching.written('stdout', /"kind":"snapshot"/);
    await ask('POST', '/v1/nodes/node2/kill', {});
    await watching.written('stdout', /"kind":"node".*"condition":"killed"/);
    watching.child.kill('SIGINT');
    const { code, stdout, stderr } = await watching.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ schemaVersion: 1 });
  });
});
