import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../commands/index.ts';
import { runLine } from '../../../src/cli/run.ts';

/** Runs a command line of the program here. */
async function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const signals = { takeOver: () => new AbortController().signal };
  const code = await runLine(words, commands, {
    environment: {},
    stdout,
    stderr,
    signals,
    onReaderGone: () => undefined,
  });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('mcmp node-sim', () => {
  it.each([
    [['--discover', '--require-key'], '--require-key needs the key'],
    [['--require-key'], '--require-key is for --discover'],
    [['--node-tls', 'a,b'], '--node-tls is for nodes that speak TLS'],
    [['--type', 'https', '--node-tls', 'a'], 'does not name two or three files'],
    [['--type', 'wss', '--node-ca', 'a,b,c'], 'does not name two files'],
    [['--type', 'https', '--node-tls', 'nowhere.pem,nowhere.key'], 'cannot read nowhere.pem'],
    [['--type', 'ajp', '--ajp-secret-file', 'nowhere'], 'cannot read nowhere'],
    [['--type', 'ajp', '--fault', 'options-501'], 'the fault options-501 is about HTTP'],
    [['--fault', 'ajp-crlf'], 'It is for nodes of type ajp.'],
    [['--fault', 'tls-expired'], 'It is for nodes of type https, wss.'],
    [['--upstream', 'ajp://127.0.0.1:1', '--probe-path', '/x'], '--probe-path cannot be: by AJP'],
    [['--upstream', 'http://127.0.0.1:1', '--ajp-secret-file', 'x'], '--ajp-secret-file is for simulated nodes'],
    [['--ajp-packet-size', '9000'], '--ajp-packet-size is for nodes that speak AJP'],
    [['--load', 'bussy'], 'busy'],
    [['--fault', 'hangg'], 'hang'],
    [['--contexts', '/a,b c'], 'b c'],
    [['--mcmp-cert', 'x.pem'], '--mcmp-cert and --mcmp-key are needed together'],
    [['--mcmp-ca', 'nowhere.pem'], 'nowhere.pem'],
    [['--control-token-file', 'x'], '--control'],
    [['--control', '0.0.0.0:0'], 'token'],
    [['--probe-path', '/health'], '--probe-path is for an application that runs elsewhere'],
    [['--blind-drain', '1s'], '--blind-drain is for an application that runs elsewhere'],
    [['--fault', 'hang@node1'], 'The only node is node.'],
    [['--nodes', '3', '--fault', 'hang@node1@node4'], 'They are node1 to node3.'],
    [['--upstream', 'http://127.0.0.1:1', '--nodes', '2'], '--nodes is for simulated nodes'],
    [['--upstream', 'http://127.0.0.1:1', '--load', 'busy'], 'counts requests'],
    [['--nodes', '10001'], 'at most 10000'],
    [['--sticky-session', 'perhaps'], 'expected yes or no'],
  ])('%j is wrong usage', async (words, part) => {
    const { code, stdout, stderr } = await run('node-sim', '--balancer', '127.0.0.1:1', ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(part);
  });
});
