import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { readExposition, sampleValue } from '../../observe/metrics/read-exposition.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { testCertificates } from '../../support/certificates.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { listenTls } from '../../support/listen-tls.ts';
import { startNode } from '../../support/node-server.ts';
import { talk } from '../../support/raw-http.ts';
import { openTls } from '../../support/tls-client.ts';
import { waitFor } from '../../support/wait-for.ts';

it('tells a client to leave whose handshake ends while the balancer stops', async () => {
  const lb = await startTestBalancer({
    listenTls: listenTls(testCertificates().server),
    idleTimeoutMs: 60_000,
    shutdownTimeoutMs: 60_000,
  });
  const waiting: (() => void)[] = [];
  const node = await startNode('n1', (_request, response) => {
    waiting.push(() => response.end());
  });
  await lb.register('n1', node.port);
  const clients = async (): Promise<number | undefined> => {
    const { body } = await talk(lb.mcmpPort, 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n');
    return sampleValue(readExposition(body), 'mcmp_client_connections', { listener: 'web' });
  };
  // Something runs, so that stopping takes its time.
  const busy = await openTls(lb.port);
  busy.write('GET /app HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await waitFor(() => waiting.length === 1);
  const late = connect(lb.port, '127.0.0.1');
  freeAfter(() => {
    late.destroy();
  });
  await waitFor(async () => (await clients()) === 2);

  const closing = lb.balancer.close();
  const secure = await openTls(lb.port, { socket: late, ALPNProtocols: ['h2'] });
  const session = connectHttp2('https://localhost', { createConnection: () => secure });
  const [code] = await once(session, 'goaway');
  expect(code).toBe(0);
  await once(session, 'close');
  for (const end of waiting) end();
  await closing;
});
