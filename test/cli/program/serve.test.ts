import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Program, runProgram, startProgram, temporaryDirectory } from './start-program.ts';

const FREE_PORTS = ['--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0'] as const;

async function readyAt(program: Program): Promise<{ listen: string[]; mcmp: string[] }> {
  const [line] = await program.written('stdout', /^.*\n/);
  return JSON.parse(line);
}

describe('mcmp serve', () => {
  it('says where it listens once it listens', async () => {
    const program = startProgram(['serve', '--json', ...FREE_PORTS]);
    const ready = await readyAt(program);
    expect(ready).toEqual({
      schemaVersion: 1,
      event: 'ready',
      listen: [expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/)],
      mcmp: [expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/)],
    });
    const socket = connect(Number(ready.listen[0]?.split(':')[1]), '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    program.child.kill('SIGTERM');
    const { code, stdout } = await program.ended;
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
  });

  it('says so on stderr too, whatever the log level', async () => {
    const program = startProgram(['serve', '--log-level', 'error', '--log-format', 'pretty', ...FREE_PORTS]);
    await program.written('stderr', /info {2}ready listen=127\.0\.0\.1:\d+ mcmp=127\.0\.0\.1:\d+\n/);
    program.child.kill('SIGINT');
    expect(await program.ended).toMatchObject({ code: 0, stdout: '' });
  });

  it('ends at once at a second signal, with the code of the signal', async () => {
    const program = startProgram(['serve', '--json', ...FREE_PORTS]);
    const ready = await readyAt(program);
    // A request that never gets its body keeps a polite end waiting.
    const socket = connect(Number(ready.mcmp[0]?.split(':')[1]), '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.write('CONFIG / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n');
    await once(socket, 'data');
    program.child.kill('SIGTERM');
    await program.written('stderr', /stopping/);
    program.child.kill('SIGINT');
    expect(await program.ended).toMatchObject({ code: 130 });
  });

  it('names the address that is taken', async () => {
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => {
      taken.close();
    });
    const bound = taken.address();
    const address = `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
    const { code, stderr } = await runProgram(['serve', '--listen', address, '--mcmp', '127.0.0.1:0']);
    expect(code).toBe(3);
    expect(stderr).toContain(`cannot listen on ${address}`);
    expect(stderr).toContain('MCMP_ADDRESS_IN_USE');
  });

  it.each([':0', '0.0.0.0:0', '[::]:0', 'lb.example.org:0'])(
    'does not open management at %s to everybody',
    async (mcmp) => {
      const { code, stderr } = await runProgram(['serve', '--listen', '127.0.0.1:0', '--mcmp', mcmp]);
      expect(code).toBe(2);
      expect(stderr).toContain('MCMP_OPEN_MANAGEMENT');
      expect(stderr).toContain('--mcmp-allow');
    },
  );

  it('opens it to those who are named', async () => {
    const words = ['serve', '--json', '--listen', '127.0.0.1:0', '--mcmp', '0.0.0.0:0', '--mcmp-allow', '10.0.0.0/8'];
    const program = startProgram(words);
    expect((await readyAt(program)).mcmp).toEqual([expect.stringMatching(/^0\.0\.0\.0:\d+$/)]);
  });

  it('refuses ranges that are none', async () => {
    const { code, stderr } = await runProgram(['serve', ...FREE_PORTS, '--mcmp-allow', '10.0.0.0/33']);
    expect(code).toBe(2);
    expect(stderr).toContain('10.0.0.0/33');
  });

  it('reads its configuration again at SIGHUP, and keeps the old one when the new one is wrong', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'mcmp.config.yaml');
    writeFileSync(file, 'serve:\n  idle-timeout: 60s\n');
    const program = startProgram(['serve', '--json', ...FREE_PORTS], { directory });
    await readyAt(program);
    writeFileSync(file, 'serve:\n  idle-timeout: 5s\n  max-nodes: 3\n');
    program.child.kill('SIGHUP');
    const [line] = await program.written('stderr', /^.*has been read again.*$/m);
    expect(JSON.parse(line)).toMatchObject({ level: 'info', fields: { needRestart: 'limits' } });
    writeFileSync(file, 'serve:\n  idle-timeout: soon\n');
    program.child.kill('SIGHUP');
    const [complaint] = await program.written('stderr', /^.*was not reloaded.*$/m);
    expect(JSON.parse(complaint)).toMatchObject({ level: 'error' });
    expect(complaint).toContain('mcmp.config.yaml:2');
    program.child.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });

  it('warns of a variable that was probably meant for it', async () => {
    const environment = { MCMP_SERVE_LISTN: ':1' };
    const program = startProgram(['serve', ...FREE_PORTS], { environment });
    const [line] = await program.written('stderr', /^.*has no effect.*$/m);
    expect(JSON.parse(line)).toMatchObject({ fields: { name: 'MCMP_SERVE_LISTN', meant: 'MCMP_SERVE_LISTEN' } });
  });
});
