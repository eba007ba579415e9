import { expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { startRawNode } from '../support/node-server.ts';

const TLS_ALERT = Buffer.from([0x15, 3, 3, 0, 2, 2, 10]);
const CPONG = Buffer.from([0x41, 0x42, 0, 1, 9]);
const PAGE = Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');

it.each([
  ['ajp', 'TLS', 'https', TLS_ALERT],
  ['ajp', 'HTTP', 'http', PAGE],
  ['http', 'TLS', 'https', TLS_ALERT],
  ['http', 'AJP', 'ajp', CPONG],
])(
  'a node of type %s that speaks %s is to be registered as %s, says the reason of its error',
  async (type, speaks, as, answer) => {
    const lb = await startTestBalancer();
    const node = await startRawNode((socket) => {
      socket.once('data', () => socket.end(answer));
    });
    await lb.register('n1', node.port, { type, load: null });
    const { body } = await lb.mcmp('STATUS', 'JVMRoute=n1&Load=50');
    expect(body).toContain('State=NOTOK');
    const changes = lb.log.map(({ fields }) => String(fields['changes']));
    expect(changes.at(-1)).toContain(
      `answered, but not in the protocol it registered with; it speaks ${speaks}: register it as ${as}`,
    );
  },
);
