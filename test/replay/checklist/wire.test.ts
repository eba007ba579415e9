import { describe, expect, test } from 'vitest';
import { startNode } from '../../support/node-server.ts';
import { hostPort, openRaw, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createPeer } from '../mcmp-peer.ts';
import { command, startHttpd2 } from './situation.ts';

const CONFIG = 'JVMRoute=n1&Host=127.0.0.1&Port=9&Type=http';

/** One message with header lines of one's own. */
function message(line: string, body: string, headers = ''): string {
  return `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

describe('MCMP on the wire, in the dialect httpd-2', () => {
  test('MCMP-WIRE-04, MCMP-WIRE-27 and MCMP-WIRE-37: a refusal has Version, Type and Mess, a page for people, and closes', async () => {
    const peer = createPeer((await startHttpd2()).mcmpPort);
    const answer = await peer.ask(message('STATUS /', 'JVMRoute=ghost&Load=1'));
    expect(answer.status).toBe(500);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      version: '0.2.1',
      type: 'MEM',
      mess: 'MEM: Can\'t read node with "ghost" JVMRoute',
      'content-type': 'text/html; charset=iso-8859-1',
      connection: 'close',
    });
    expect(answer.body).toContain('<html>');
    expect(answer.closed).toBe(true);
  });

  test.for([
    ['MCMP-WIRE-05 no Content-Type', ''],
    ['MCMP-WIRE-06 any Content-Type', 'Content-Type: application/octet-stream\r\n'],
  ] as const)('%s', async ([, header]) => {
    const balancer = await startHttpd2();
    const answer = await createPeer(balancer.mcmpPort).ask(message('CONFIG /', CONFIG, header));
    expect({ status: answer.status, length: answer.headers.get('content-length') }).toEqual({
      status: 200,
      length: '0',
    });
    expect(await command(balancer, 'INFO')).toContain('Name: n1');
  });

  test('MCMP-WIRE-21 a chunked body, in one piece and byte by byte', async () => {
    const balancer = await startHttpd2();
    const chunked = (body: string): string =>
      `CONFIG / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const answer = await createPeer(balancer.mcmpPort).ask(chunked(CONFIG));
    expect(answer.status).toBe(200);
    const client = await openRaw(balancer.mcmpPort);
    for (const byte of chunked(CONFIG.replace('n1', 'n2').replace('Port=9', 'Port=7'))) client.write(byte);
    expect(await client.until((text) => text.includes('\r\n\r\n'))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await command(balancer, 'INFO')).toMatch(/Name: n1.*\n.*Name: n2/);
  });

  test('MCMP-WIRE-25 several commands on one connection', async () => {
    const peer = createPeer((await startHttpd2()).mcmpPort);
    for (const line of ['VERSION /', 'INFO /', 'PING /', 'DUMP /']) {
      expect((await peer.ask(message(line, ''))).status).toBe(200);
    }
    expect(peer.connections()).toBe(1);
  });

  test('MCMP-WIRE-29 a port that does not receive MCMP answers 501, without a word of MCMP', async () => {
    const { port } = await startHttpd2();
    const answer = await talk(port, `INFO / HTTP/1.1\r\nHost: ${hostPort(port)}\r\nConnection: close\r\n\r\n`);
    expect(answer.status).toBe(501);
    expect([answer.headers.get('type'), answer.headers.get('mess')]).toEqual([undefined, undefined]);
  });

  test.for([
    ['MCMP-WIRE-31', 'ADDID'],
    ['MCMP-WIRE-31', 'REMOVEID'],
    ['MCMP-WIRE-31', 'QUERY'],
    ['MCMP-WIRE-31', 'ERROR'],
    ['MCMP-WIRE-39', 'FOO'],
  ] as const)('%s %s is no command', async ([, method]) => {
    const balancer = await startHttpd2();
    const answer = await createPeer(balancer.mcmpPort).ask(message(`${method} /`, 'JVMRoute=n1'));
    expect(answer.status).toBe(501);
    expect(answer.headers.has('mess')).toBe(false);
    expect(await command(balancer, 'INFO')).toBe('');
  });

  test.for(['INFO', 'DUMP', 'VERSION'])('MCMP-WIRE-22 %s in XML says so', async (name) => {
    const peer = createPeer((await startHttpd2()).mcmpPort);
    const answer = await peer.ask(message(`${name} /`, '', 'Accept: text/xml\r\n'));
    expect(answer.headers.get('content-type')).toBe('text/xml');
    expect(answer.body).toMatch(/^<\?xml version="1\.0" standalone="yes" \?>\n/);
  });

  test('MCMP-INFO-13 an empty document of INFO', async () => {
    const peer = createPeer((await startHttpd2()).mcmpPort);
    const { body } = await peer.ask(message('INFO /', '', 'Accept: text/xml\r\n'));
    expect(body).toBe(
      '<?xml version="1.0" standalone="yes" ?>\n<Info><Nodes></Nodes><Vhosts></Vhosts><Contexts></Contexts></Info>',
    );
  });

  test('MCMP-INFO-11 the elements of INFO in their order', async () => {
    const balancer = await startHttpd2();
    await balancer.register('n1', (await startNode('n1')).port);
    const { body } = await createPeer(balancer.mcmpPort).ask(message('INFO /', '', 'Accept: text/xml\r\n'));
    const elements = [...body.matchAll(/<([A-Z][A-Za-z]*)([^>]*)>/g)].map(([, name, attributes]) => {
      const names = [...(attributes ?? '').matchAll(/ ([a-z]+)=/g)].map((match) => match[1]);
      return names.length === 0 ? name : `${name}(${names.join()})`;
    });
    expect(elements.join(' ')).toBe(
      'Info Nodes Node(id,name) Balancer LBGroup Host Port Type Flushpackets Flushwait Ping Smax Ttl Elected Read ' +
        'Transfered Connected Load Vhosts Vhost(id,alias) Node(id) ' +
        'Contexts Context(id) Status(id) Context Node(id) Vhost(id)',
    );
  });

  test('MCMP-STATUS-06 Type, JVMRoute, State, id and a line feed', async () => {
    const balancer = await startHttpd2();
    await balancer.register('n1', (await startNode('n1')).port);
    expect(await command(balancer, 'STATUS', 'JVMRoute=n1&Load=5')).toMatch(
      /^Type=STATUS-RSP&JVMRoute=n1&State=OK&id=\d+\n$/,
    );
  });

  test('MCMP-STATUS-19 the id stays while the balancer runs, and a new one has another', async () => {
    const [first, second] = [await startHttpd2(), await startHttpd2()];
    const id = async (balancer: typeof first): Promise<string | undefined> =>
      /id=(\d+)/.exec(await command(balancer, 'PING'))?.[1];
    const once = await id(first);
    expect(once).toMatch(/^\d+$/);
    expect(await id(first)).toBe(once);
    expect(await id(second)).not.toBe(once);
  });

  test('MCMP-DUMP-07 and MCMP-STATE-01 a balancer that began anew knows nothing, and a STATUS tells the node', async () => {
    const balancer = await startHttpd2();
    expect(await command(balancer, 'DUMP')).toBe('');
    expect(await command(balancer, 'INFO')).toBe('');
    const answer = await balancer.mcmp('STATUS', 'JVMRoute=n1&Load=1');
    expect([answer.status, answer.headers.get('type')]).toEqual([500, 'MEM']);
  });

  test('MCMP-DUMP-03 a balancer stays when its last node is gone', async () => {
    const balancer = await startHttpd2({ waitBeforeRemoveMs: 20 });
    await balancer.register('n1', (await startNode('n1')).port);
    await command(balancer, 'REMOVE-APP /*', 'JVMRoute=n1');
    await waitFor(async () => (await command(balancer, 'INFO')) === '');
    expect(await command(balancer, 'DUMP')).toMatch(/^balancer: \[0\] Name: mycluster .*\n$/);
  });
});
