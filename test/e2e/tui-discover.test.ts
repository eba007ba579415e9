import { describe, it } from 'vitest';
import { formatGroup } from '../../src/core/advertise/index.ts';
import { freshGroup } from '../advertise/group.ts';
import { startProgram } from '../cli/program/start-program.ts';
import { openTerminal, tmux } from '../tui/terminal.ts';

describe.skipIf(tmux === undefined)('mcmp tui --discover', () => {
  it('shows a balancer when it advertises itself, the next one beside it, and drops the one that says goodbye', async () => {
    const group = ['--advertise-group', formatGroup(freshGroup()), '--advertise-interface', '127.0.0.1'];
    const terminal = await openTerminal(['tui', '--discover', ...group, '--interval', '200ms']);
    await terminal.shows('0 balancers', 'No balancer has advertised itself yet.');

    const advertise = async () => {
      const ports = ['--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0', '--log-format', 'json'];
      const often = ['--advertise-frequency', '200ms', '--advertise-ttl', '0'];
      const program = startProgram(['serve', ...ports, '--advertise', ...group, ...often]);
      const [line] = await program.written('stderr', /^.*"message":"ready".*$/m);
      return { program, mcmp: `${JSON.parse(line).fields.mcmp}` };
    };
    const first = await advertise();
    await terminal.shows('1 balancer ·', `http://${first.mcmp}`, `${first.mcmp} advertises itself`, 'read just now');
    startProgram(['node-sim', '--balancer', `http://${first.mcmp}`, '--nodes', '2', '--contexts', '/shop']);
    await terminal.shows('A active', 'node1', 'node2', '2E');

    const second = await advertise();
    await terminal.shows('2 balancers', `1 http://${first.mcmp}`, `2 http://${second.mcmp}`, '5 Disagreements 2');

    first.program.child.kill('SIGTERM');
    await terminal.shows('1 balancer ·', `${first.mcmp} said goodbye`, `http://${second.mcmp}`);
    await terminal.press('q');
    await terminal.shows('before', 'ended with 0');
  }, 30_000);
});
