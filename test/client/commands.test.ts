import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { runHere } from '../support/run-here.ts';
import { startScriptedBalancer } from '../support/scripted-balancer.ts';

const mcmp = (...words: string[]) => runHere(words);

async function balancer(): Promise<string> {
  const lb = await startTestBalancer();
  await lb.register('n1', 9, { contexts: '/app,/other', load: null });
  return `http://127.0.0.1:${lb.mcmpPort}`;
}

describe('mcmp send', () => {
  it('shows INFO as aligned tables', async () => {
    const { code, stdout } = await mcmp('send', 'INFO', '--balancer', await balancer());
    expect(code).toBe(0);
    const [headline, titles, node] = stdout.split('\n');
    expect(headline).toMatch(/^200 OK, mcmp\/\S+, \d+ ms$/);
    expect(titles).toMatch(/^NODE +BALANCER +DOMAIN +ADDRESS +LOAD/);
    expect(node).toMatch(/^n1 +mycluster +- +http:\/\/127\.0\.0\.1:9 +0 standby/);
    expect(stdout).toMatch(/^\/app +ENABLED +n1 +localhost$/m);
  });

  it('shows all tables of DUMP', async () => {
    const { stdout } = await mcmp('send', 'DUMP', '--balancer', await balancer());
    expect(stdout).toMatch(/^mycluster +yes +JSESSIONID +jsessionid +no +yes/m);
    expect(stdout).toMatch(/^ALIAS +NODE ID +VHOST$/m);
  });

  it.each([
    [['PING'], 0, /^State +OK$/m],
    [['PING', 'JVMRoute=nobody'], 1, /^State +NOTOK/m],
    [
      ['STATUS', 'JVMRoute=nobody', 'Load=1'],
      1,
      /^refused: MEM: Can't read node .* \(Type MEM\)\n.*send CONFIG first/m,
    ],
    [['ENABLE-APP', 'JVMRoute=n1', 'Alias=localhost', 'Context=/new'], 0, /^alias +localhost: \/new$/m],
    [['STOP-APP', 'JVMRoute=n1', 'Alias=localhost', 'Context=/app'], 0, /^Requests +0$/m],
    [['REMOVE-APP', 'JVMRoute=n1', '/*'], 0, /^done/m],
    [['VERSION'], 0, /^release +mcmp\//m],
    [['INFO', '--xml'], 0, /^<Info><Nodes><Node id="0" name="n1">/m],
  ])('%o ends with %i', async (words, code, output) => {
    const result = await mcmp('send', ...words, '--balancer', await balancer());
    expect(result.stdout).toMatch(output);
    expect(result.code).toBe(code);
  });

  it('prints one JSON document, and warnings in it', async () => {
    const words = ['send', 'STATUS', 'JVMRoute=n1', '--json', '--balancer', await balancer()];
    const { stdout } = await mcmp(...words);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      request: { method: 'STATUS', target: '/', fields: [{ name: 'JVMRoute', value: 'n1' }] },
      warnings: [expect.stringContaining('without Load')],
      answer: { status: 200 },
      decoded: { form: 'reply', reply: { type: 'STATUS-RSP', route: 'n1' } },
    });
  });

  it.each([
    ['an unknown command', ['send', 'INFOS'], 2, /Did you mean INFO\?/],
    ['nothing that listens', ['send', 'INFO', '--balancer', 'http://127.0.0.1:1'], 3, /nothing listens/],
    ['half a client certificate', ['send', 'INFO', '--cert', 'x.pem'], 2, /--cert and --key/],
    ['a CA that is not there', ['send', 'INFO', '--ca', 'no-such-file.pem'], 2, /cannot read no-such-file/],
  ])('ends for %s with its exit code', async (_, words, code, stderr) => {
    const result = await mcmp(...words);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toMatch(stderr);
  });

  it.each([
    [{ status: 403 }, 4, /access denied/],
    [{ status: 501, headers: { 'Content-Type': 'text/html' }, body: '<html>' }, 5, /does not receive MCMP/],
    [{ bytes: 'hello\r\n\r\n' }, 5, /broken HTTP/],
    ['silence', 6, /did not answer/],
  ] as const)('ends for %o with %i', async (reaction, code, stderr) => {
    const peer = await startScriptedBalancer(() => reaction);
    freeAfter(() => peer.close());
    const result = await mcmp('send', 'INFO', '--balancer', peer.url, '--timeout', '200ms');
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(stderr);
  });

  it('lets no control sequence of a balancer through', async () => {
    const body = 'Context: [0:1:0], Context: /\u001b[2J, Status: ENABLED\nstrange \u001b]0;x\u0007\n';
    const peer = await startScriptedBalancer(() => ({
      headers: { 'Content-Type': 'text/plain', Server: 'x\u0085y' },
      body,
    }));
    freeAfter(() => peer.close());
    for (const more of [[], ['--xml'], ['--json']]) {
      const { stdout } = await mcmp('send', 'INFO', ...more, '--balancer', peer.url);
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
  });
});

describe('mcmp explain', () => {
  it.each([
    [['GET', '/app/x'], 0, /^=> n1: standby/m],
    [['GET', '/app/x', '--cookie', 'JSESSIONID=a.n1'], 0, /^=> n1: sticky/m],
    [['GET', '/app/x', '--header', 'Cookie: JSESSIONID=a.n1'], 0, /^=> n1: sticky/m],
    [['GET', '/nothing'], 1, /^=> no node, 404: no-context/m],
  ])('%o ends with %i', async (words, code, output) => {
    const result = await mcmp('explain', ...words, '--balancer', await balancer());
    expect(result.stdout).toMatch(output);
    expect(result.code).toBe(code);
  });

  it('prints one JSON document', async () => {
    const { stdout } = await mcmp('explain', 'GET', '/app', '--json', '--balancer', await balancer());
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      source: 'balancer',
      request: { method: 'GET', url: '/app' },
      explanation: { winner: 'n1', reason: 'standby', context: '/app' },
    });
  });

  it('works from a file, without any balancer', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mcmp-explain-'));
    freeAfter(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'dump.txt');
    writeFileSync(
      file,
      'node: [1:1],Balancer: b,JVMRoute: a,LBGroup: [],Host: h,Port: 1,Type: http,flushpackets: 0,flushwait: 10,ping: 10,smax: 1,ttl: 60,timeout: 0\n' +
        'host: 1 [localhost] vhost: 1 node: 1\ncontext: 1 [/x] vhost: 1 node: 1 status: 1\n',
    );
    const { code, stdout } = await mcmp('explain', 'GET', '/x', '--from', file);
    expect(stdout).toMatch(/^=> a: elected/m);
    expect(stdout).toContain('note: there is no INFO');
    expect(code).toBe(0);
  });
});
