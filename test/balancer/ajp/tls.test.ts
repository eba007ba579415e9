import { expect, it } from 'vitest';
import { attributesOf, startAjpNode } from '../../support/ajp-node.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { testCertificates } from '../../support/certificates.ts';
import { listenTls } from '../../support/listen-tls.ts';
import { openTls, readToEnd } from '../../support/tls-client.ts';

const { server } = testCertificates();

it('tells an AJP node that the client came encrypted, and how', async () => {
  const lb = await startTestBalancer({ listenTls: listenTls(server) });
  const node = await startAjpNode((call) => call.answer('ok'));
  await lb.register('n1', node.port, { type: 'ajp' });
  const socket = await openTls(lb.port, { maxVersion: 'TLSv1.2' });
  const cipher = socket.getCipher();
  socket.write('GET /app HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  expect((await readToEnd(socket)).body).toBe('ok');
  const { request } = node.calls[0] ?? expect.fail();
  expect(request).toMatchObject({ isSsl: true, serverName: 'localhost', serverPort: 443 });
  const attributes = new Map(attributesOf(request));
  expect(attributes.get('ssl_cipher')).toBe(cipher.name);
  expect(Number(attributes.get('ssl_key_size'))).toBeGreaterThanOrEqual(128);
  expect(attributes.get('req_attribute:AJP_SSL_PROTOCOL')).toBe('TLSv1.2');
  expect(request.attributes.find(({ name }) => name === 'ssl_key_size')).not.toHaveProperty('form');
  expect(attributes.has('ssl_cert')).toBe(false);
});
