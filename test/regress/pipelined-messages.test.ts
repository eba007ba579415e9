import { expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { openRaw } from '../support/raw-http.ts';

/**
 * A peer that pipelines is paused while one of its messages is carried out. The next one's body may not be there whole by
 * then, and nobody read on: after some 64 KiB the connection stood still.
 */
it.each([1, 300, 1500])(
  'carries out a thousand messages that come in one go, with bodies of %i bytes more',
  async (more) => {
    const balancer = await startTestBalancer();
    const client = await openRaw(balancer.mcmpPort);
    const count = 500;
    let text = '';
    const message = (method: string, body: string): string =>
      `${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    for (let index = 0; index < count; index++) {
      const node = `JVMRoute=n${index}`;
      text += message('CONFIG', `${node}&Host=127.0.0.1&Port=${index + 1}&Type=http&Note=${'x'.repeat(more)}`);
      text += message('ENABLE-APP', `${node}&Alias=localhost&Context=/app`);
    }
    client.write(text);
    await client.until((received) => received.split('HTTP/1.1 200').length === 2 * count + 1);
    client.close();
    expect((await balancer.mcmp('INFO')).body.match(/^Context: /gm)).toHaveLength(count);
  },
);

it('reads the body of a POST that comes behind a message, however large', async () => {
  const balancer = await startTestBalancer();
  const client = await openRaw(balancer.mcmpPort);
  const body = `{"command":"STATUS","route":"${'x'.repeat(300_000)}"}`;
  client.write(
    'PING / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n' +
      'POST /api/v1/commands HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  await client.until((received) => received.includes('PING-RSP') && /HTTP\/1\.1 4\d\d/.test(received));
});
