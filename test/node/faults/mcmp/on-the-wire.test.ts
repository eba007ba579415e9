import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { freeAfter } from '../../../support/cleanup.ts';
import { type ScriptedBalancer, startScriptedBalancer } from '../../../support/scripted-balancer.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { startFaultyNode } from './faulty-node.ts';
import type { SimpleBoard } from './simple-board.ts';

async function balancerThatTakesAll(): Promise<ScriptedBalancer> {
  const balancer = await startScriptedBalancer(({ method }) =>
    method === 'STATUS' ? { body: 'Type=STATUS-RSP&JVMRoute=n2&State=OK&id=1\n' } : {},
  );
  freeAfter(balancer.close);
  return balancer;
}

/** What the balancer was told, decoded, with fields that are long told by their length, and the port by its name. */
function wordsOf(balancer: ScriptedBalancer, port: number): string[] {
  return balancer
    .said()
    .map((line) => decodeURIComponent(line).replace(`Port=${port}`, 'Port=real'))
    .map((line) => line.replace(/(?<==[^&]*?)x{99,}/g, (long) => `${long.length} x`));
}

const CONFIG = 'CONFIG / JVMRoute=n2&Host=127.0.0.1&Port=real&Type=http';
const APP = 'JVMRoute=n2&Alias=localhost&Context=/app';
const ENABLE = `ENABLE-APP / ${APP}`;
const STATUS = 'STATUS / JVMRoute=n2&Load=100';
const ofFirst = (line: string): string => line.replace('n2', 'n1');
const ofTwin = (line: string): string => line.replace('n2', 'n2-twin');

test.each<[string, (board: SimpleBoard) => void, readonly string[]]>([
  ['no fault', () => undefined, ['INFO /', CONFIG, ENABLE, STATUS]],
  ['duplicate-route', (board) => board.on('duplicate-route'), ['INFO /', ...[CONFIG, ENABLE, STATUS].map(ofFirst)]],
  [
    'duplicate-address',
    (board) => board.on('duplicate-address'),
    ['INFO /', CONFIG, ofTwin(CONFIG), CONFIG, ofTwin(ENABLE), ENABLE, ofTwin(STATUS), STATUS],
  ],
  ['changed-port', (board) => board.on('changed-port'), ['INFO /', CONFIG.replace('real', '1'), ENABLE, STATUS]],
  ['config-flood', (board) => board.on('config-flood', 4), ['INFO /', CONFIG, CONFIG, CONFIG, CONFIG, ENABLE, STATUS]],
  ['wrong-order', (board) => board.on('wrong-order'), ['INFO /', ENABLE, CONFIG, STATUS]],
  [
    'oversized',
    (board) => board.on('oversized', 1000),
    ['INFO /', `${CONFIG}&Domain=1000 x`, `${ENABLE}996 x`, STATUS.replace('n2', 'n2998 x')],
  ],
  ['skip-status', (board) => board.on('skip-status'), ['INFO /', CONFIG, ENABLE]],
])('a node with %s says', async (_, prepare, expected) => {
  const balancer = await balancerThatTakesAll();
  const { node, port } = await startFaultyNode({ balancers: [balancer.url], statusIntervalMs: 600_000, prepare });
  await node.registered();
  await balancer.until(() => balancer.requests.length >= expected.length);
  const said = wordsOf(balancer, port);
  expect(said).toEqual(expected);
});

test('vanish ends without a word, and without the fault the goodbye is whole', async () => {
  const balancer = await balancerThatTakesAll();
  const options = { balancers: [balancer.url], statusIntervalMs: 600_000 };
  const vanishing = await startFaultyNode({ ...options, prepare: ({ on }) => on('vanish') });
  const polite = await startFaultyNode({ ...options, route: 'n3' });
  await Promise.all([vanishing.node.registered(), polite.node.registered()]);
  await Promise.all([vanishing.node.leave(), polite.node.leave()]);
  const goodbyes = wordsOf(balancer, 0).filter((line) => /^(DISABLE|STOP|REMOVE)/.test(line));
  const app = APP.replace('n2', 'n3');
  expect(goodbyes).toEqual([
    `DISABLE-APP / ${app}`,
    `STOP-APP / ${app}`,
    `REMOVE-APP / ${app}`,
    'REMOVE-APP /* JVMRoute=n3',
  ]);
});

test('a second route that a balancer took is taken away when the fault is over', async () => {
  const balancer = await balancerThatTakesAll();
  const { node, board, port } = await startFaultyNode({
    balancers: [balancer.url],
    statusIntervalMs: 600_000,
    prepare: ({ on }) => on('duplicate-address'),
  });
  await node.registered();
  const before = balancer.requests.length;
  board.off('duplicate-address');
  await balancer.until(() => balancer.requests.length >= before + 5);
  expect(wordsOf(balancer, port).slice(before)).toEqual([
    'REMOVE-APP /* JVMRoute=n2-twin',
    'INFO /',
    CONFIG,
    ENABLE,
    STATUS,
  ]);
});

interface Listener {
  readonly url: string;
  /** Bytes of each packet that came. */
  readonly packets: number[];
  /** Connections that are open now. */
  open(): number;
  /** Messages so far. */
  messages(): number;
}

/** Answers every message with 200, and looks at packets and connections. */
async function startListener(): Promise<Listener> {
  const packets: number[] = [];
  const sockets = new Set<Socket>();
  let messages = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.on('data', (chunk) => {
      packets.push(chunk.length);
      text += chunk.toString('latin1');
      for (let end = endOfMessage(text); end !== undefined && text.length >= end; end = endOfMessage(text)) {
        text = text.slice(end);
        messages += 1;
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  freeAfter(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, packets, open: () => sockets.size, messages: () => messages };
}

function endOfMessage(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  return headEnd + 4 + Number(/^content-length: (\d+)\r?$/im.exec(text.slice(0, headEnd))?.[1] ?? 0);
}

test('byte-by-byte: a message comes in many packets, else in one', async () => {
  const listener = await startListener();
  const { node, board } = await startFaultyNode({ balancers: [listener.url], statusIntervalMs: 20 });
  await node.registered();
  await waitFor(() => listener.messages() >= 6);
  expect(listener.packets.length).toBe(listener.messages());
  board.on('byte-by-byte');
  // Packets that come together are read together; but not all of them.
  await waitFor(() => listener.packets.length >= listener.messages() + 100);
  expect(listener.packets.filter((bytes) => bytes === 1).length).toBeGreaterThan(10);
});

test('connection-left-open: a connection for each message, and the old ones stay open', async () => {
  const listener = await startListener();
  const { node, board } = await startFaultyNode({ balancers: [listener.url], statusIntervalMs: 20 });
  await node.registered();
  await waitFor(() => listener.messages() >= 6);
  expect(listener.open()).toBe(1);
  board.on('connection-left-open');
  await waitFor(() => listener.open() >= 5);
  board.off('connection-left-open');
  const open = listener.open();
  const messages = listener.messages();
  await waitFor(() => listener.messages() >= messages + 5);
  expect(listener.open()).toBeLessThanOrEqual(open + 1);
  await node.leave();
  await waitFor(() => listener.open() === 0);
});
