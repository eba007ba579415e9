import { expect, it } from 'vitest';
import { startProgram } from '../cli/program/start-program.ts';
import { talk } from '../support/raw-http.ts';

/** CSI and line separators in UTF-8 and as single bytes, marks that reorder a line, a title sequence, half a character. */
const HOSTILE = 'evil%c2%9b31m%e2%80%ae%e2%80%a8%9b%c2%85%ff%ef%bb%bf%e2%81%a6';

it.each(['pretty', 'json'])(
  'writes names of peers on one line of the %s log, without what a terminal obeys',
  async (format) => {
    const program = startProgram([
      ...['serve', '--json', '--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0'],
      ...['--log-level', 'debug', '--log-format', format],
    ]);
    const [, port] = await program.written('stdout', /"mcmp":\["127\.0\.0\.1:(\d+)"/);
    const send = (command: string, body: string, target = '/') =>
      talk(
        Number(port),
        `${command} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    const config = `JVMRoute=${HOSTILE}&Host=127.0.0.1&Port=9&Type=http&Domain=${HOSTILE}&Balancer=${HOSTILE}`;
    expect((await send('CONFIG', `${config}&Alias=${HOSTILE}&Context=/${HOSTILE}`)).status).toBe(200);
    expect((await send('STATUS', `JVMRoute=not-${HOSTILE}&Load=1`)).status).toBe(500);
    expect((await send('STATUS', `JVMRoute=${HOSTILE}&Load=1`)).status).toBe(200);
    expect((await send('REMOVE-APP', `JVMRoute=${HOSTILE}`, '/*')).status).toBe(200);
    await program.written('stderr', /REMOVE-APP/);
    program.child.kill('SIGTERM');
    const { stderr } = await program.ended;
    expect(stderr).toContain('evil');
    expect(stderr.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2060-\u206f\ufeff]/gu)).toBeNull();
    for (const line of stderr.trimEnd().split('\n'))
      expect(line).toMatch(format === 'json' ? /^\{.*\}$/ : /^\d\d:\d\d:\d\d/);
  },
);
