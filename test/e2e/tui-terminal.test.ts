import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { openTerminal, tmux } from '../tui/terminal.ts';

const NOBODY = ['tui', '--balancer', 'http://127.0.0.1:9'];

describe.skipIf(tmux === undefined)('the terminal of mcmp tui', () => {
  it('is given to the shell at Ctrl-Z as it was, and taken again', async () => {
    const terminal = await openTerminal(NOBODY, { rows: 40, jobs: true });
    await terminal.shows('silent for');
    await terminal.press('C-z');
    // The shell continues it at once.
    await terminal.shows('1 Overview', 'silent for');
    await terminal.press('4');
    await terminal.shows(/does not answer/);
    await terminal.press('q');
    const left = await terminal.shows('before', /stopped with 1\d\d/, 'ended with 0');
    expect(left).toMatch(/ icanon/);
    expect(left).not.toContain('Overview');
  });

  it('is not lost where no shell could continue it, nor after somebody else has stopped it', async () => {
    const terminal = await openTerminal(NOBODY);
    await terminal.shows('silent for');
    await terminal.press('C-z', '4');
    await terminal.shows('does not answer', '1 event');
    const pid = await terminal.pid();
    process.kill(pid, 'SIGSTOP');
    process.kill(pid, 'SIGCONT');
    await terminal.press('1');
    await terminal.shows('silent for');
    await terminal.press('q');
    await terminal.shows('before', 'ended with 0');
  });

  it('takes no pasted text for keys, but types it where a filter is typed', async () => {
    const terminal = await openTerminal(NOBODY);
    await terminal.shows('silent for');
    await terminal.paste('q');
    await terminal.shows('Pasted text is not taken for keys');
    await terminal.press('/');
    await terminal.shows('filter:');
    await terminal.paste('state:error');
    await terminal.shows('filter: state:error');
    await terminal.press('C-c', 'q');
    await terminal.shows('ended with 0');
  });
});
