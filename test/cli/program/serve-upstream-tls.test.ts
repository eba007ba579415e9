import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testCertificates } from '../../support/certificates.ts';
import { talk } from '../../support/raw-http.ts';
import { startHttpsNode } from '../../support/tls-node.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startProgram, temporaryDirectory } from './start-program.ts';

it('mcmp serve reads the authority of its https nodes again at SIGHUP', async () => {
  const { ca, unknown } = testCertificates();
  const directory = temporaryDirectory();
  const file = join(directory, 'ca.pem');
  writeFileSync(file, unknown.ca);
  writeFileSync(join(directory, 'right.pem'), ca);
  const program = startProgram([
    'serve',
    '--json',
    '--listen',
    '127.0.0.1:0',
    '--mcmp',
    '127.0.0.1:0',
    '--upstream-ca',
    file,
  ]);
  const [line] = await program.written('stdout', /^.*\n/);
  const ready: { listen: string[]; mcmp: string[] } = JSON.parse(line);
  const portOf = (address = ''): number => Number(address.slice(address.lastIndexOf(':') + 1));
  const [web, mcmp] = [portOf(ready.listen[0]), portOf(ready.mcmp[0])];
  const node = await startHttpsNode('n1');
  const say = async (command: string, body: string): Promise<string> =>
    (
      await talk(
        mcmp,
        `${command} / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      )
    ).body;
  await say('CONFIG', `JVMRoute=n1&Host=127.0.0.1&Port=${node.port}&Type=https`);
  await say('ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app');
  expect(await say('STATUS', 'JVMRoute=n1&Load=100')).toContain('State=NOTOK');
  await program.written('stderr', /unknown authority: name the authority in --upstream-ca/);
  copyFileSync(join(directory, 'right.pem'), file);
  program.child.kill('SIGHUP');
  await program.written('stderr', /has been read again/);
  await waitFor(async () => (await say('STATUS', 'JVMRoute=n1&Load=100')).includes('State=OK'));
  const answer = await talk(web, 'GET /app/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect([answer.status, answer.body]).toEqual([200, 'n1']);
  program.child.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0 });
});
