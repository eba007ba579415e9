import { describe, expect, it } from 'vitest';
import { changeInWords } from '../../../src/balancer/message-journal.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { startNode } from '../../support/node-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const changesIn = (lb: TestBalancer): readonly object[] =>
  lb.log
    .filter(({ message }) => message.startsWith('An MCMP message'))
    .map(({ level, fields }) => ({ level, ...fields }));

describe('the log line of a message', () => {
  it('says who sent which command for which node, what it changed, and the answer, once', async () => {
    const lb = await startTestBalancer();
    await lb.mcmp('CONFIG', 'JVMRoute=caf%C3%A9&Host=127.0.0.1&Port=9&Type=http');
    await lb.mcmp('ENABLE-APP', 'JVMRoute=caf%C3%A9&Alias=a&Context=/x,/y');
    const who = { level: 'info', peer: '127.0.0.1', by: 'mcmp', route: 'café', answer: 'ok' };
    expect(changesIn(lb)).toEqual([
      { ...who, command: 'CONFIG', changes: 'balancer mycluster set; node café added (http://127.0.0.1:9)' },
      {
        ...who,
        command: 'ENABLE-APP',
        changes: 'alias a of café added; context /x on café ENABLED; context /y on café ENABLED',
      },
    ]);
  });

  it('is not written for what changes nothing, and on debug for a load', async () => {
    const lb = await startTestBalancer();
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const before = changesIn(lb).length;
    await lb.mcmp('INFO');
    await lb.mcmp('PING');
    await lb.mcmp('STATUS', 'JVMRoute=n1&Load=100');
    expect(changesIn(lb)).toHaveLength(before);
    await lb.mcmp('STATUS', 'JVMRoute=n1&Load=7');
    expect(changesIn(lb).slice(before)).toMatchObject([
      { level: 'debug', command: 'STATUS', changes: 'node n1: STATUS: load 7' },
    ]);
  });

  it('tells that STATUS took a node out, or brought it back', async () => {
    const lb = await startTestBalancer();
    const node = await startNode('n1');
    await lb.register('n1', node.port);
    const before = changesIn(lb).length;
    for (const load of [-1, -1, 5, 6]) await lb.mcmp('STATUS', `JVMRoute=n1&Load=${load}`);
    node.kill();
    for (const load of [7, 8]) await lb.mcmp('STATUS', `JVMRoute=n1&Load=${load}`);
    const news = changesIn(lb).slice(before);
    expect(news.filter((line) => !('level' in line) || line.level !== 'debug')).toMatchObject([
      { level: 'info', command: 'STATUS', changes: 'node n1: STATUS: load -1' },
      { level: 'info', command: 'STATUS', changes: 'node n1: STATUS: load 5' },
      { level: 'warn', command: 'STATUS', changes: `node n1: 127.0.0.1:${node.port} refuses connections` },
    ]);
  });

  it('names a node that the clock takes out, though httpd-2 renames its row', async () => {
    const lb = await startTestBalancer({ dialect: 'httpd-2', waitBeforeRemoveMs: 1 });
    await lb.mcmp('CONFIG', 'JVMRoute=caf%C3%A9&Host=127.0.0.1&Port=9&Type=http');
    await lb.mcmp('REMOVE-APP', 'JVMRoute=caf%C3%A9', '/*');
    await waitFor(() => lb.log.some(({ message }) => message === 'The state of a node changed'));
    expect(lb.log.find(({ message }) => message === 'The state of a node changed')?.fields).toEqual({
      route: 'REMOVED',
      reason: 'café was removed',
    });
  });

  it('lists a few of many changes and counts the others', async () => {
    const lb = await startTestBalancer();
    await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
    await lb.mcmp(
      'ENABLE-APP',
      `JVMRoute=n1&Alias=a&Context=${Array.from({ length: 20 }, (_, n) => `/${n}`).join(',')}`,
    );
    expect(changesIn(lb).at(-1)).toMatchObject({ changes: expect.stringMatching(/; and 16 more$/) });
  });

  it('says of a refused message what was answered and what was not, once', async () => {
    const lb = await startTestBalancer();
    await lb.mcmp('STATUS', 'JVMRoute=nobody&Load=1');
    await lb.mcmp('CONFIG', 'JVMRoute=');
    expect(changesIn(lb)).toMatchObject([
      {
        level: 'warn',
        peer: '127.0.0.1',
        by: 'mcmp',
        command: 'STATUS',
        problem: 'MEM: Can\'t read node with "nobody" JVMRoute',
      },
      { level: 'warn', command: 'CONFIG', problem: expect.stringMatching(/^SYNTAX/) },
    ]);
  });

  it('names each kind of change', async () => {
    const lb = await startTestBalancer();
    await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http');
    await lb.mcmp('CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http&ping=3');
    await lb.mcmp('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/x');
    await lb.mcmp('STOP-APP', 'JVMRoute=n1&Alias=a&Context=/x');
    await lb.mcmp('REMOVE-APP', 'JVMRoute=n1&Alias=a&Context=/x');
    await lb.mcmp('REMOVE-APP', 'JVMRoute=n1', '/*');
    const words = changesIn(lb).map((line) => ('changes' in line ? line.changes : ''));
    expect(words.slice(1)).toEqual([
      'node n1 updated (http://127.0.0.1:9)',
      'alias a of n1 added; context /x on n1 ENABLED',
      'context /x on n1 STOPPED',
      'context /x on n1 removed; alias a of n1 removed',
      'node n1: REMOVE-APP /*',
    ]);
    const balancer = {
      slot: 0,
      id: 0,
      name: 'caf\u00c3\u00a9',
      stickySession: true,
      stickySessionCookie: '',
      stickySessionPath: '',
      stickySessionRemove: false,
      stickySessionForce: true,
      waitWorkerSeconds: 0,
      maxAttempts: 1,
    };
    expect(changeInWords({ type: 'balancer-changed', balancer })).toBe('balancer café set');
  });
});
