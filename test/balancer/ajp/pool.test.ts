import { expect, it } from 'vitest';
import { CPONG, END_RESPONSE_REUSE } from '../../../src/core/ajp/index.ts';
import { type AjpNode, startAjpNode } from '../../support/ajp-node.ts';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { startRawNode } from '../../support/node-server.ts';
import { openRaw, type RawAnswer, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';

const post = (lb: TestBalancer): Promise<RawAnswer> =>
  talk(lb.port, 'POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello');

async function balanced(
  pong?: Buffer | 'close' | null,
): Promise<{ readonly lb: TestBalancer; readonly node: AjpNode }> {
  const lb = await startTestBalancer();
  const node = await startAjpNode(
    async (call) => call.answer(`${call.connection}.${call.number} ${await call.body()}`),
    pong === undefined ? {} : { pong },
  );
  await lb.register('n1', node.port, { type: 'ajp' });
  return { lb, node };
}

it('asks CPING before a kept connection carries what must not be repeated, and uses it when CPONG came', async () => {
  const { lb, node } = await balanced();
  expect((await lb.get('/app')).body).toBe('0.0 ');
  expect((await post(lb)).body).toBe('0.1 hello');
  expect(node.cpings()).toBe(1);
  expect((await lb.get('/app')).body).toBe('0.2 ');
  expect(node.cpings()).toBe(1);
});

it('asks CPING before any request when the connection was idle for over a second', async () => {
  const { lb, node } = await balanced();
  await lb.get('/app');
  const idleFrom = performance.now();
  await waitFor(() => performance.now() - idleFrom > 1700);
  expect((await lb.get('/app')).body).toBe('0.1 ');
  expect(node.cpings()).toBe(1);
});

const NO_PONG: [string, Buffer | 'close' | null][] = [
  ['END_RESPONSE', END_RESPONSE_REUSE],
  ['CPONG and more', Buffer.concat([CPONG, CPONG])],
  ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['nothing', null],
  ['a reset, as a firewall does', 'close'],
];
it.each(NO_PONG)(
  'sends a request on a new connection, once, when a kept one answers CPING with %s',
  async (_what, pong) => {
    const { lb, node } = await balanced(pong);
    await lb.get('/app');
    expect((await post(lb)).body).toBe('1.0 hello');
    expect(node.calls).toHaveLength(2);
    expect((await lb.mcmp('INFO')).body).not.toContain('Load: -1');
  },
);

it('closes what was idle for ttl, for nodes that speak AJP never do', async () => {
  const lb = await startTestBalancer();
  const node = await startAjpNode((call) => call.answer('ok'));
  await lb.register('n1', node.port, { type: 'ajp', config: 'ttl=1' });
  await lb.get('/app');
  await waitFor(() => node.calls[0]?.socket.destroyed === true);
});

it('discards a connection on which a node speaks unasked', async () => {
  const { lb, node } = await balanced();
  await lb.get('/app');
  node.calls[0]?.socket.write(CPONG);
  await waitFor(() => node.calls[0]?.socket.destroyed === true);
  expect((await lb.get('/app')).body).toBe('1.0 ');
});

it('pings AJP nodes with CPING and takes a node out that does not answer it', async () => {
  const lb = await startTestBalancer({ pingIntervalMs: 300 });
  const seen: Buffer[] = [];
  let answers = true;
  const node = await startRawNode((socket) => {
    socket.on('data', (chunk: Buffer) => {
      seen.push(chunk);
      if (answers) socket.write(CPONG);
      else socket.destroy();
    });
  });
  await lb.register('n1', node.port, { type: 'ajp' });
  expect(seen[0]?.toString('hex')).toBe('123400010a');
  answers = false;
  await waitFor(() => lb.log.some(({ fields }) => JSON.stringify(fields).includes('n1') && seen.length > 1));
  await waitFor(async () => (await lb.mcmp('INFO')).body.includes('Load: -1'));
  answers = true;
  await waitFor(async () => !(await lb.mcmp('INFO')).body.includes('Load: -1'));
});

it.each(['GET', 'POST'])('finds out at once that an AJP node hangs, and gives its %s to another', async (method) => {
  const lb = await startTestBalancer();
  const hung = await startRawNode((socket) => {
    socket.on('data', (chunk: Buffer) => {
      if (chunk.length === 5 && !silent) socket.write(CPONG);
    });
  });
  let silent = false;
  const well = await startAjpNode((call) => call.answer('well'));
  await lb.register('hung', hung.port, { type: 'ajp', config: 'ping=1&StickySessionForce=no' });
  await lb.register('well', well.port, { type: 'ajp', config: 'StickySessionForce=no' });
  silent = true;
  const client = await openRaw(lb.port);
  client.write(
    `${method} /app HTTP/1.1\r\nHost: a\r\nCookie: JSESSIONID=a.hung\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
  expect((await client.closed()).body).toBe('well');
});
