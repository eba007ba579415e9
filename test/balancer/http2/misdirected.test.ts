import { connect } from 'node:http2';
import { expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { identityOf, testCertificates } from '../../support/certificates.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { startNode } from '../../support/node-server.ts';

/** Two hosts, each with a certificate; one has a second name. */
async function startTwoHosts(names: readonly (readonly string[])[]): Promise<TestBalancer> {
  const { authority } = testCertificates();
  const lb = await startTestBalancer({
    listenTls: names.map((hosts) => ({
      address: null,
      certificate: {
        ...identityOf(authority.issue({ name: hosts[0] ?? '', hosts: [...hosts], use: 'server' })),
        files: hosts.join(','),
      },
    })),
  });
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  return lb;
}

/** The status of a request for one host, on a connection that was opened for another. */
async function ask(lb: TestBalancer, serverName: string, authority: string): Promise<number> {
  const session = connect(`https://127.0.0.1:${lb.port}`, {
    ca: testCertificates().ca,
    servername: serverName,
    checkServerIdentity: () => undefined,
  });
  freeAfter(() => session.destroy());
  const stream = session.request({ ':path': '/app', ':authority': authority });
  stream.resume();
  return await new Promise<number>((resolve, reject) => {
    stream.on('response', (fields) => resolve(Number(fields[':status'])));
    stream.on('error', reject);
  });
}

it.each([
  ['the same host', 'a.example', 'a.example', 200],
  ['the same host in other letters, with a port', 'a.example', 'A.Example:443', 200],
  ['another host of the same certificate', 'a.example', 'www.a.example', 200],
  ['a host of another certificate', 'a.example', 'b.example', 421],
  ['the host of the first certificate on a connection for the second', 'b.example', 'a.example', 421],
  ['a host that no certificate is for: the first one is for all of those', 'a.example', '127.0.0.1', 200],
  ['a host of another certificate, where none was named', '', 'b.example', 421],
])('a connection may carry requests for %s (RFC 9110 §7.4)', async (_name, serverName, authority, status) => {
  const lb = await startTwoHosts([['a.example', 'www.a.example'], ['b.example']]);
  expect(await ask(lb, serverName, authority)).toBe(status);
});

it('with one certificate a connection may carry requests for any host', async () => {
  const lb = await startTwoHosts([['a.example']]);
  expect(await ask(lb, 'a.example', 'b.example')).toBe(200);
});
