import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { processGroup } from '../../../src/conformance/node/process-group.ts';
import { startByCommand } from '../../../src/conformance/node/start-command.ts';
import { temporaryDirectory } from '../../cli/program/start-program.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A node whose goodbye takes its time. */
const SLOW_TO_GO = `
  process.on('SIGTERM', () => setTimeout(() => { console.log('goodbye was said'); process.exit(); }, 200));
  setInterval(() => undefined, 1000);
  console.log('it is up');`;

function start(command: string) {
  const starts = startByCommand({ command, ways: new Map(), ask: undefined, features: new Map() });
  return starts({ balancers: [], settings: new Map(), discovers: undefined });
}

describe('a node that a shell starts', () => {
  it.each([
    ['in front of further commands', (node: string) => `${node} > FILE; true`],
    ['in the background', (node: string) => `${node} > FILE & wait`],
    ['in place of itself', (node: string) => `exec ${node} > FILE`],
  ])('%s has ended when the node has, not the shell', async (_, command) => {
    const file = join(temporaryDirectory(), 'output');
    const program = command(`'${process.execPath}' -e "${SLOW_TO_GO.replaceAll('\n', ' ')}"`);
    const node = await start(program.replace('FILE', file));
    freeAfter(node.end);
    const printed = (): string => readFileSync(file, { encoding: 'utf8', flag: 'a+' });
    await waitFor(() => printed().includes('it is up'));
    await node.act('exit', { route: '', context: '', value: '' });
    expect(printed()).toContain('goodbye was said');
  });

  it('says why it cannot be started', async () => {
    const node = await start('no-such-program-of-ours');
    await waitFor(() => node.output().includes('not found'));
    await node.end();
  });
});

describe('a group of processes', () => {
  it('runs until the last of them has ended, also when nobody asks how', async () => {
    const leader = spawn("trap '' TERM; sleep 60 & sleep 60 & echo up; wait", {
      shell: true,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (leader.pid === undefined) throw new Error('it was not started');
    const group = processGroup(leader.pid);
    freeAfter(() => group.signal('SIGKILL'));
    // Killed before it has started the others, it would have been the whole group.
    await once(leader.stdout, 'data');
    expect(await group.runs()).toBe(true);
    process.kill(leader.pid, 'SIGKILL');
    await once(leader, 'exit');
    expect(await group.runs()).toBe(true);
    group.signal('SIGKILL');
    await waitFor(async () => !(await group.runs()));
  });
});
