import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { SMUGGLING_ATTEMPTS } from '../core/http/smuggling-corpus.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { type Chooser, chooser, mutate, pick, pieces } from '../support/mutate.ts';
import { startNode } from '../support/node-server.ts';
import { startScriptedNode } from '../support/scripted-node.ts';
import { waitFor } from '../support/wait-for.ts';

/** `MCMP_FUZZ=full` (npm run fuzz) opens many connections, `npm test` fewer; always with the same bytes. */
const CONNECTIONS = process.env['MCMP_FUZZ'] === 'full' ? 50_000 : 1500;
const AT_ONCE = 24;
const SEED = 0x10ad;

const SPLICES = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ' ',
  '\t',
  ':',
  '\0',
  '\x80',
  '0\r\n\r\n',
  'ffffffff\r\n',
  'chunked',
  'Host: b\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 500000\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Expect: 100-continue\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive\r\n',
  'Connection: Upgrade\r\nUpgrade: websocket\r\n',
  ' HTTP/1.0',
  'GET /app HTTP/1.1\r\nHost: a\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'x'.repeat(20_000),
] as const;

const get = (path: string, lines = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;

const REQUESTS: readonly [string, ...string[]] = [
  get('/app/x?y'),
  get('/mad'),
  get('/app', 'Cookie: JSESSIONID=x.n1\r\n') + get('/mad') + get('/app/2', 'Connection: close\r\n'),
  get('/mad', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'),
  'POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST /mad HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello',
  `POST /app HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n${get('/app')}`,
  'PUT /mad HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n',
  'HEAD /mad HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /mad HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /app HTTP/1.0\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
];

const ATTEMPTS = SMUGGLING_ATTEMPTS.map(({ bytes }) => bytes);

const RESPONSES: readonly [string, ...string[]] = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\nuntil the end',
  'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nwords',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n',
  `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'a'.repeat(300_000)}`,
  '',
];

/** Messages that name no host; a CONFIG always ends with one on loopback, so that no ping leaves this machine. */
const MESSAGES: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['CONFIG', 'JVMRoute=n7&Balancer=b&Domain=d&StickySession=yes&ping=1&smax=2&Alias=a,b&Context=/x,/y'],
  ['ENABLE-APP', 'JVMRoute=n7&Alias=a,b&Context=/x,/app,/mad'],
  ['DISABLE-APP', 'JVMRoute=n7&Alias=a&Context=/x'],
  ['STOP-APP', 'JVMRoute=n7&Alias=a&Context=/x'],
  ['REMOVE-APP', 'JVMRoute=n7&Alias=a&Context=/x'],
  ['STATUS', 'JVMRoute=n7&Load=50'],
  ['PING', 'JVMRoute=n7'],
  ['INFO', ''],
  ['DUMP', ''],
  ['VERSION', ''],
];

function message(choose: Chooser): string {
  const [command, text] = pick(choose, MESSAGES);
  const target = pick(choose, ['/', '/', '/', '/*', '*', '/mod_cluster-manager']);
  const tail = command === 'CONFIG' ? '&Host=127.0.0.1&Port=9&Type=http' : '';
  const body =
    mutate(text, choose, ['&', '=', ',', '%', '%00', '\xff', '+', '__proto__=', 'Alias=', 'JVMRoute=']) + tail;
  const head = `${command} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n`;
  return mutate(head, choose, SPLICES, choose(4) === 0 ? 2 : 0) + body;
}

/** Writes in pieces; the other side may close at any of them. */
async function write(socket: Socket, bytes: string, choose: Chooser): Promise<void> {
  socket.setNoDelay(true);
  for (const piece of pieces(bytes, choose).slice(0, 400)) {
    if (socket.destroyed) return;
    socket.write(piece, 'latin1');
    if (choose(3) > 0) await new Promise(setImmediate);
  }
}

/** One connection with something on it, which ends in some way. */
async function disturb(port: number, bytes: string, choose: Chooser): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const reads = choose(10) > 0;
  let answered: () => void = () => {};
  const answer = new Promise<void>((resolve) => {
    answered = resolve;
  });
  if (reads) socket.on('data', () => answered());
  socket.on('end', () => socket.end());
  await write(socket, bytes, choose);
  const patience = setTimeout(answered, 20);
  if (choose(4) > 0) await Promise.race([answer, closed]);
  clearTimeout(patience);
  const end = choose(4);
  if (end === 0) socket.resetAndDestroy();
  else if (end === 1) socket.destroy();
  else socket.end();
  const giveUp = setTimeout(() => socket.destroy(), 200);
  await closed;
  clearTimeout(giveUp);
}

test(
  `serves on after ${CONNECTIONS} connections with broken requests, messages and answers`,
  async () => {
    const lb = await startTestBalancer({
      headerTimeoutMs: 400,
      idleTimeoutMs: 400,
      upstreamTimeoutMs: 800,
      limits: { maxNodes: 20, maxContexts: 100, maxHosts: 50 },
    });
    const nodeChooses = chooser(SEED + 1);
    const sane = await startNode('n1');
    const mad = await startScriptedNode((socket) => {
      const bytes = mutate(pick(nodeChooses, RESPONSES), nodeChooses, SPLICES);
      void write(socket, bytes, nodeChooses).then(() => {
        const end = nodeChooses(8);
        if (end === 0) socket.resetAndDestroy();
        else if (end < 3) socket.end();
      });
    });
    const register = async (): Promise<void> => {
      await lb.register('n1', sane.port, { contexts: '/app,/a' });
      await lb.register('n2', mad.port, { contexts: '/mad', config: 'Timeout=1' });
    };
    await register();
    let left = CONNECTIONS;
    const visit = async (visitor: number): Promise<void> => {
      const choose = chooser(SEED + 100 + visitor);
      while (left-- > 0) {
        if (choose(4) === 0) await disturb(lb.mcmpPort, message(choose), choose);
        else if (choose(20) === 0) {
          const noise = Array.from({ length: choose(3000) }, () => String.fromCharCode(choose(256))).join('');
          await disturb(choose(2) === 0 ? lb.port : lb.mcmpPort, noise, choose);
        } else {
          const bytes = choose(4) === 0 ? (ATTEMPTS[choose(ATTEMPTS.length)] ?? '') : pick(choose, REQUESTS);
          await disturb(lb.port, mutate(bytes, choose, SPLICES), choose);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, visitor) => visit(visitor)));

    expect(lb.log.filter(({ message }) => message.startsWith('A bug'))).toEqual([]);
    // All that was begun is over, and nothing is counted that is not there.
    await waitFor(async () => !/Connected: [1-9-]/.test((await lb.mcmp('INFO')).body));
    await lb.mcmp('REMOVE-APP', 'JVMRoute=n7', '/*');
    await register();
    for (let i = 0; i < 5; i++) {
      const answer = await lb.get('/app/after');
      expect([answer.status, answer.body]).toEqual([
        200,
        '{"node":"n1","method":"GET","target":"/app/after","length":0}',
      ]);
    }
    expect(sane.seen.length).toBeGreaterThan(CONNECTIONS / 20);
    expect(mad.requests.length).toBeGreaterThan(CONNECTIONS / 50);
  },
  Math.max(60_000, CONNECTIONS * 20),
);
