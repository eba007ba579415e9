import type { ConnectionOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../support/api-schema.ts';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { identityOf, testCertificates } from '../support/certificates.ts';
import { mcmpTls } from '../support/listen-tls.ts';
import { talkFrom } from '../support/raw-from.ts';
import { type RawAnswer, readAnswer } from '../support/raw-http.ts';
import { openTls, readToEnd } from '../support/tls-client.ts';
import { waitFor } from '../support/wait-for.ts';

const { server, ca, authority } = testCertificates();
const one = authority.issue({ name: 'one', hosts: [], use: 'client' });
const oneRenewed = authority.issue({ name: 'one', hosts: [], use: 'client' });
const two = authority.issue({ name: 'two', hosts: [], use: 'client' });

type Send = (command: string, body: string, target?: string) => Promise<RawAnswer>;

function message(command: string, body: string, target: string): string {
  return `${command} ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

function withCertificate({ mcmpPort }: TestBalancer, identity: ConnectionOptions): Send {
  return async (command, body, target = '/') => {
    const socket = await openTls(mcmpPort, identity);
    socket.write(message(command, body, target));
    return await readToEnd(socket);
  };
}

function fromAddress({ mcmpPort }: TestBalancer, address: string): Send {
  return async (command, body, target = '/') => {
    const text = await talkFrom(mcmpPort, address, message(command, body, target));
    return readAnswer(text, 'fin');
  };
}

const CONFIG = 'JVMRoute=n1&Host=127.0.0.1&Port=8080&Type=http';
const ABOUT_IT: readonly (readonly [command: string, body: string, target: string])[] = [
  ['CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=6666&Type=http', '/'],
  ['CONFIG', CONFIG, '/'],
  ['ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/evil', '/'],
  ['DISABLE-APP', 'JVMRoute=n1', '/*'],
  ['STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/app', '/'],
  ['REMOVE-APP', 'JVMRoute=n1', '/*'],
  ['STATUS', 'JVMRoute=n1&Load=1', '/'],
];

/** A balancer, the peer that registers first, the same one later, and another one. */
async function peersBy(kind: 'cert' | 'address') {
  const balancer = await startTestBalancer({
    mcmpRouteOwner: kind,
    waitBeforeRemoveMs: 0,
    ...(kind === 'cert' ? { mcmpTls: mcmpTls(server, ca) } : { mcmpAllow: ['any'] }),
  });
  const peers =
    kind === 'cert'
      ? [one, oneRenewed, two].map((credentials) => withCertificate(balancer, identityOf(credentials)))
      : ['127.0.0.1', '127.0.0.1', '127.0.0.2'].map((address) => fromAddress(balancer, address));
  const [owner, sameOwner, other] = peers;
  if (owner === undefined || sameOwner === undefined || other === undefined) throw new Error('three peers');
  expect((await owner('CONFIG', CONFIG)).status).toBe(200);
  expect((await owner('ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app')).status).toBe(200);
  return { balancer, owner, sameOwner, other };
}

describe.each(['cert', 'address'] as const)('auth/peer-owns-route by %s:', (kind) => {
  it.each(ABOUT_IT)('%s %s of another peer is refused, in a way that nodes survive', async (command, body, target) => {
    const { balancer, owner, other } = await peersBy(kind);
    const before = (await owner('INFO', '')).body;
    const answer = await other(command, body, target);
    expect(answer.status).toBe(500);
    // `SYNTAX` would silence a Java node for good.
    expect(answer.headers.get('type')).toBe('MEM');
    expect(answer.headers.get('mess')).toBe('MEM: JVMRoute belongs to another peer');
    expect((await owner('INFO', '')).body).toBe(before);
    const line = balancer.log.find(
      ({ message: text }) => text === 'A message about the node of another peer was refused',
    );
    expect(line?.level).toBe('warn');
    expect(line?.fields).toMatchObject(
      kind === 'cert'
        ? { peer: '127.0.0.1', certificate: 'two', owner: 'one (127.0.0.1)', command, route: 'n1' }
        : { peer: '127.0.0.2', owner: '127.0.0.1', command, route: 'n1' },
    );
  });

  it('its owner goes on, with a renewed certificate as well', async () => {
    const { sameOwner } = await peersBy(kind);
    for (const [command, body, target] of ABOUT_IT.slice(1).filter(([name]) => name !== 'REMOVE-APP')) {
      expect((await sameOwner(command, body, target)).status, command).toBe(200);
    }
  });

  it('nobody else takes the address of its node', async () => {
    const { other } = await peersBy(kind);
    const answer = await other('CONFIG', CONFIG.replace('n1', 'n2'));
    expect(answer.headers.get('mess')).toBe('MEM: JVMRoute belongs to another peer');
    expect((await other('CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=8081&Type=http')).status).toBe(200);
  });

  it('whoever comes first has it when the node is out of the tables', async () => {
    const { owner, other } = await peersBy(kind);
    expect((await owner('REMOVE-APP', 'JVMRoute=n1', '/*')).status).toBe(200);
    await waitFor(async () => (await other('CONFIG', CONFIG)).status === 200);
    expect((await owner('STATUS', 'JVMRoute=n1&Load=1')).headers.get('mess')).toMatch(/another peer/);
  });

  it('a manager may do anything', async () => {
    const { balancer, other } = await peersBy(kind);
    const body = JSON.stringify({ command: 'DISABLE-APP', route: 'n1', wildcard: true });
    const request = `POST /api/v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    const ask = async (): Promise<string> => {
      if (kind === 'address') return await talkFrom(balancer.mcmpPort, '127.0.0.2', request);
      const socket = await openTls(balancer.mcmpPort, identityOf(two));
      socket.write(request);
      return (await readToEnd(socket)).text;
    };
    expect(await ask()).toMatch(/^HTTP\/1\.1 200 /);
    expect((await other('INFO', '')).body).toContain('Status: DISABLED');
  });

  it('refusals are counted', async () => {
    const { other } = await peersBy(kind);
    await other('STATUS', 'JVMRoute=n1&Load=1');
    await other('REMOVE-APP', 'JVMRoute=n1', '/*');
    const metrics = await other('GET', '', '/metrics');
    expect(metrics.body).toContain('mcmp_route_owner_refusals_total 2\n');
    expect(metrics.body).toContain('mcmp_messages_total{command="STATUS",answer="MEM"} 1\n');
  });
});

it('auth/peer-owns-route: unless it is asked for, any peer may speak of any node', async () => {
  const balancer = await startTestBalancer({ mcmpAllow: ['any'] });
  expect((await fromAddress(balancer, '127.0.0.1')('CONFIG', CONFIG)).status).toBe(200);
  expect((await fromAddress(balancer, '127.0.0.2')('REMOVE-APP', 'JVMRoute=n1', '/*')).status).toBe(200);
});

it('the log and the events name the certificate of a peer', async () => {
  const { balancer, owner } = await peersBy('cert');
  const line = balancer.log.find(({ message: said }) => said === 'An MCMP message changed the cluster');
  expect(line?.fields).toMatchObject({ peer: '127.0.0.1', certificate: 'one', command: 'CONFIG' });

  const reader = await openTls(balancer.mcmpPort, identityOf(two));
  let text = '';
  reader.on('data', (bytes: Buffer) => {
    text += bytes.toString('utf8');
  });
  reader.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await waitFor(() => text.includes('event: snapshot'));
  await owner('CONFIG', 'JVMRoute=n5&Host=127.0.0.1&Port=8085&Type=http');
  await waitFor(() => /event: node-added\n[\s\S]*\n\n/.test(text));
  const [, data = ''] = /event: node-added\n(?:id: .*\n)?data: (.*)\n/.exec(text) ?? [];
  const event: unknown = JSON.parse(data);
  expect(event).toMatchObject({ by: { by: 'mcmp', peer: '127.0.0.1', certificate: 'one' } });
  expect(problemsOf('event', event)).toEqual([]);
});
