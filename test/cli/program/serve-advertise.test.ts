import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../commands/index.ts';
import { keyOf } from '../../../src/advertise/command-options.ts';
import { runLine } from '../../../src/cli/run.ts';
import { type AdvertiseGroup, formatGroup, judgeDigest } from '../../../src/core/advertise/index.ts';
import { freshGroup, hear } from '../../advertise/group.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Program, runProgram, startProgram, temporaryDirectory } from './start-program.ts';

const PORTS = ['--json', '--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0'] as const;
const KEY = 'a key that nobody may read';

const on = (group: AdvertiseGroup): string[] => [
  ...['--advertise', '--advertise-group', formatGroup(group), '--advertise-interface', '127.0.0.1'],
  ...['--advertise-ttl', '0'],
];

async function mcmpOf(program: Program): Promise<string> {
  const [line] = await program.written('stdout', /^.*\n/);
  return JSON.parse(line).mcmp[0];
}

/** Runs a line of the program in this process, up to its refusal. */
async function runHere(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runLine(words, commands, {
    environment,
    stdout,
    stderr,
    signals: { takeOver: () => AbortSignal.abort('SIGTERM') },
    onReaderGone: () => undefined,
  });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

function fileWith(text: string, name: string): { readonly directory: string; readonly path: string } {
  const directory = temporaryDirectory();
  const path = join(directory, name);
  writeFileSync(path, text);
  return { directory, path };
}

describe('mcmp serve --advertise', () => {
  it('is heard as soon as it is ready, and says goodbye before its last request is over', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    const program = startProgram(['serve', ...PORTS, ...on(group)]);
    const mcmp = await mcmpOf(program);
    const readyAt = performance.now();
    await waitFor(() => heard.length > 0);
    expect(performance.now() - readyAt).toBeLessThan(3_000);
    expect(heard[0]).toMatchObject({ status: 200, sequence: '1', managerAddress: mcmp, managerProtocol: 'http' });

    // A message without its body keeps the balancer from ending.
    const socket = connect(Number(mcmp.split(':')[1]), '127.0.0.1');
    freeAfter(() => {
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.write('CONFIG / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n');
    await once(socket, 'data');
    program.child.kill('SIGTERM');
    await waitFor(() => heard.length === 3);
    expect(heard.map(({ status }) => status)).toEqual([200, 403, 410]);
    expect([program.child.exitCode, socket.destroyed]).toEqual([null, false]);
    socket.destroy();
    expect(await program.ended).toMatchObject({ code: 0 });
  });

  it('signs with a key from a file, which it never prints', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    const { path } = fileWith(`${KEY}\n`, 'key.txt');
    const words = [...PORTS, ...on(group), '--log-level', 'debug', '--advertise-key-file', path];
    const program = startProgram(['serve', ...words]);
    await waitFor(() => heard.length > 0);
    expect(heard.map((reading) => judgeDigest(reading, KEY))).toEqual(['ok']);
    // It is heard some moments before it takes signals over.
    await mcmpOf(program);
    program.child.kill('SIGTERM');
    const { stdout, stderr } = await program.ended;
    const { stdout: config } = await runProgram(['serve', '--print-config', ...on(group), '--advertise-key', KEY]);
    expect(config).toMatch(/^advertise-key +\(set, not shown\) +flag \(--advertise-key\)$/m);
    for (const text of [stdout, stderr, config]) expect(text).not.toContain(KEY);
    expect(stderr).toContain('"message":"advertising"');
  });

  it.each([
    [
      ['--advertise', '--advertise-interface', 'nosuch0'],
      ["'nosuch0'", '127.0.0.1'],
    ],
    [['--advertise', '--advertise-group', '10.0.0.1:1'], ['10.0.0.1 is no multicast address']],
    [['--advertise=http://0.0.0.0:8090'], ['wildcard', '--advertise http://10.0.0.1:8090']],
    [['--advertise', '--advertise-frequency', '10ms'], ['100ms to 1h']],
    [['--advertise', '--advertise-key', 'a', '--advertise-key-file', 'b'], ['give one of them']],
    [['--advertise', '--advertise-key-file', 'nowhere.key'], ['nowhere.key']],
    [['--advertise='], ['--advertise= has no value']],
    [['--advertise=http://[::ffff:0.0.0.0]:8090'], ['wildcard']],
    [['--advertise', '--advertise-key', ''], ['the key of --advertise-key is empty']],
    [['--advertise', '--advertise-key', 'one\ntwo'], ['the key of --advertise-key is not one line of text']],
  ])('%j is refused, with what to do', async (words, parts) => {
    const { code, stdout, stderr } = await runHere(['serve', ...PORTS, ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const part of parts) expect(stderr).toContain(part);
  });

  it.each([
    [[], {}, true, 'FILE:2'],
    [['--no-advertise'], {}, false, '--advertise'],
    [['--advertise=off'], {}, false, '--advertise'],
    [['--advertise', 'lb:8090'], {}, 'http://lb:8090', '--advertise'],
    [[], { MCMP_SERVE_ADVERTISE: 'http://lb:1' }, 'http://lb:1', 'MCMP_SERVE_ADVERTISE'],
  ])('stands in the file, on the line %j, in the environment %j: %j', async (words, environment, value, where) => {
    const { path } = fileWith('serve:\n  advertise: true\n  advertise-key: k\n', 'c.yaml');
    const line = ['serve', '--config', path, '--print-config', '--json', ...words];
    const { settings } = JSON.parse((await runHere(line, environment)).stdout) as { settings: { name: string }[] };
    expect(settings.find(({ name }) => name === 'advertise')).toMatchObject({
      value,
      where: where.replace('FILE', path),
    });
  });

  it.each([
    ['two lines', 'one\ntwo\n'],
    ['bytes that are no UTF-8', Buffer.from([0x6b, 0xff, 0xfe])],
    ['a NUL', 'a\0b'],
  ])('refuses a file whose key is %s', async (_, content) => {
    const path = join(temporaryDirectory(), 'key');
    writeFileSync(path, content);
    const { code, stderr } = await runHere(['serve', ...PORTS, '--advertise', '--advertise-key-file', path]);
    expect(code).toBe(2);
    expect(stderr).toContain('the key of --advertise-key-file is not one line of text');
  });

  it('takes no byte order mark for a part of the key', () => {
    const { path } = fileWith(`\ufeff${KEY}\r\n`, 'key');
    expect(keyOf(undefined, path, 'advertise-key')).toBe(KEY);
  });

  it.each([
    [['--advertise-key', KEY], true],
    [['--advertise-interface', '127.0.0.1'], true],
    [['--advertise-ttl', '1'], false],
  ])('says that %j alone advertises nothing: %j', async (words, says) => {
    const { code, stderr } = await runHere(['serve', ...PORTS, ...words]);
    expect(code).not.toBe(2);
    expect(stderr.includes('nothing is advertised')).toBe(says);
    expect(stderr).not.toContain(KEY);
  });

  it('takes over what changed in the file at SIGHUP, under a new id, and keeps on when that is wrong', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    const section = (url: string): string =>
      `serve:\n  advertise: ${url}\n  advertise-group: ${formatGroup(group)}\n  advertise-interface: 127.0.0.1\n  advertise-frequency: 100ms\n`;
    const { directory, path } = fileWith(section('http://lb.example:1'), 'mcmp.config.yaml');
    const program = startProgram(['serve', ...PORTS], { directory });
    await mcmpOf(program);
    writeFileSync(path, section('http://0.0.0.0:1'));
    program.child.kill('SIGHUP');
    await program.written('stderr', /the configuration was not reloaded.*wildcard/);
    const count = heard.length;
    await waitFor(() => heard.length > count);
    writeFileSync(path, section('http://lb.example:2'));
    program.child.kill('SIGHUP');
    await waitFor(() => heard.at(-1)?.managerAddress === 'lb.example:2');
    const [first] = heard;
    await waitFor(() => heard.filter(({ status }) => status === 410).length === 1);
    expect(new Set(heard.map(({ server }) => server)).size).toBe(2);
    expect(heard.findLast(({ server }) => server === first?.server)?.status).toBe(410);
  });
});

describe('mcmp node-sim --discover', () => {
  it('registers with a balancer that comes later, and says so; before that it says that it hears nobody', async () => {
    const group = freshGroup();
    const { path } = fileWith(KEY, 'key.txt');
    const discover = ['--discover', '--advertise-group', formatGroup(group), '--advertise-interface', '127.0.0.1'];
    const keys = ['--advertise-key-file', path];
    const nodes = startProgram(['node-sim', '--json', '--nodes', '2', ...discover, ...keys, '--require-key']);
    await nodes.written('stdout', /"event":"ready","nodes":2,"registered":0,"balancers":\[\]/);
    const lb = startProgram(['serve', ...PORTS, ...on(group), ...keys]);
    const mcmp = await mcmpOf(lb);
    await nodes.written('stderr', new RegExp(`a balancer was discovered.*http://${mcmp}`));
    await nodes.written('stdout', new RegExp(`"node2","balancer":"${mcmp}","from":"registering","to":"registered"`));
    lb.child.kill('SIGTERM');
    await nodes.written('stderr', /a balancer says goodbye.*leave it/);
    await nodes.written('stdout', new RegExp(`"node1","balancer":"${mcmp}","from":"registered","to":"gone"`));
    nodes.child.kill('SIGTERM');
    const { code, stdout, stderr } = await nodes.ended;
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain(KEY);
  });

  it('warns that without a key anybody can name addresses', async () => {
    const words = ['--discover', '--advertise-group', formatGroup(freshGroup()), '--duration', '100ms'];
    const { code, stderr } = await runProgram(['node-sim', ...words]);
    expect(code).toBe(0);
    expect(stderr).toContain('connect to addresses of their choice');
  });
});
