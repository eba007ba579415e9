import { createHash } from 'node:crypto';
import { WebSocketServer } from 'ws';
import { outcome, said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { Deviation, demand, demandEqual, NotHere } from '../../verdict.ts';
import type { WireConnection } from '../../wire/connection.ts';
import type { BackendOptions } from '../backend.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

/** Connections that change their protocol (reference §6.2, §6.3, checklist §11.12). */

const upgradeTo = (trial: BalancerTrial, path: string, protocol: string, lines: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${trial.webHost}\r\nUpgrade: ${protocol}\r\n${lines}\r\n`;

/** Status of the first response on a connection; 101 is one. */
async function statusOf(connection: WireConnection): Promise<number> {
  const received = await connection.until('a whole response head', (text) => text.includes('\r\n\r\n'));
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(received)?.[1]);
}

/** Speaks WebSocket: greets, and says each message again. */
function webSocketBackend(): BackendOptions {
  const server = new WebSocketServer({ noServer: true });
  return {
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (peer) => {
        peer.send('welcome');
        peer.on('message', (data) => peer.send(`again: ${data.toString()}`));
      });
    },
  };
}

/** Switches to whatever is asked for, and then says each piece again. */
const SWITCHES_TO_ANYTHING: BackendOptions = {
  upgrade(request, socket) {
    const protocol = request.headers.upgrade ?? '';
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
    socket.on('data', (chunk: Buffer) => socket.write(`again: ${chunk.toString('latin1')}`));
  },
};

/** A short text frame, masked as a client has to (RFC 6455 §5.2). */
function clientFrame(text: string): Buffer {
  const mask = Buffer.from([0x11, 0x22, 0x33, 0x44]);
  const data = Buffer.from(text, 'latin1').map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | data.length]), mask, data]);
}

/** A short text frame of a server, as a byte string. */
const serverFrame = (text: string): string => `\x81${String.fromCharCode(text.length)}${text}`;

const WEB_SOCKET_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
/** What a server has to say to this key (RFC 6455 §4.2.2). */
const WEB_SOCKET_ACCEPT = createHash('sha1')
  .update(`${WEB_SOCKET_KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  .digest('base64');

export const PROXIED_TUNNEL_CASES = [
  balancerCase({
    id: 'proxy/upgrade-to-h2c',
    requirement: 'What becomes of an upgrade to HTTP/2 without TLS.',
    level: 'may',
    lines: ['MCMP-PROXY-11'],
    spec: '6.2',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('the node sees no Upgrade', 'dropped'),
      undertow: outcome('the node sees it, with `Connection: keep-alive` and an empty HTTP2-Settings', 'forwarded'),
    },
    async run(trial, { value, words }) {
      const node = await trial.node();
      const connection = await trial.openTraffic();
      const lines = 'Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
      connection.write(upgradeTo(trial, node.context, 'h2c', lines));
      const status = await statusOf(connection);
      connection.close();
      if (status === 101) throw new NotHere('the balancer speaks HTTP/2 itself');
      demandEqual('status', status, 200);
      const [seen] = node.backend.requests;
      const [upgrade, settings] = [seen?.header('upgrade'), seen?.header('http2-settings')];
      const actual = `Upgrade: ${upgrade ?? 'none'}, Connection: ${seen?.header('connection') ?? 'none'}, HTTP2-Settings: ${JSON.stringify(settings ?? 'none')}`;
      if (value === 'dropped') {
        demand(upgrade === undefined && settings === undefined, words, actual);
      } else if (upgrade === undefined && settings === undefined) {
        // What the code of Undertow means to do, and what RFC 9110 §7.8 permits.
        throw new Deviation('non-strict', words, actual);
      } else {
        demand(upgrade === 'h2c' && settings === '', words, actual);
        demandEqual('Connection', seen?.header('connection')?.toLowerCase() ?? 'none', 'keep-alive');
      }
    },
  }),
  balancerCase({
    id: 'proxy/websocket',
    requirement: 'A WebSocket is tunnelled, in both directions.',
    level: 'should',
    lines: ['MCMP-PROXY-12'],
    spec: '6.3',
    needs: ['traffic', 'websocket'],
    expected: inHU(said('101 of the node, then messages in both directions')),
    async run(trial) {
      const node = await trial.node({ backend: webSocketBackend() });
      const connection = await trial.openTraffic();
      const lines = `Connection: Upgrade\r\nSec-WebSocket-Key: ${WEB_SOCKET_KEY}\r\nSec-WebSocket-Version: 13\r\n`;
      connection.write(upgradeTo(trial, `${node.context}/chat?room=1`, 'websocket', lines));
      demandEqual('status', await statusOf(connection), 101);
      const accept = /^sec-websocket-accept: *(\S+) *\r$/im.exec(connection.received())?.[1] ?? 'none';
      demandEqual('Sec-WebSocket-Accept', accept, WEB_SOCKET_ACCEPT);
      demandEqual('target at the node', node.backend.requests[0]?.target ?? 'none', `${node.context}/chat?room=1`);
      await connection.until('the greeting of the node', (received) => received.includes(serverFrame('welcome')));
      for (const text of ['one', 'two']) {
        connection.write(clientFrame(text));
        const echo = serverFrame(`again: ${text}`);
        await connection.until(`${text}, said again`, (received) => received.endsWith(echo));
      }
      connection.close();
    },
  }),
  balancerCase({
    id: 'proxy/other-upgrade',
    requirement: 'Whether a connection is handed over to a protocol other than WebSocket.',
    level: 'may',
    lines: ['MCMP-PROXY-13'],
    spec: '6.3',
    needs: ['traffic', 'websocket'],
    expected: {
      mcmp: outcome('the node decides: 101, and bytes in both directions', true),
      ...inHttpd(outcome('it is an ordinary request', false)),
      undertow: outcome('the node decides: 101, and bytes in both directions', true),
      nginx: outcome('it is an ordinary request', false),
    },
    async run(trial, { value: isTunnelled, words }) {
      const node = await trial.node({ backend: SWITCHES_TO_ANYTHING });
      const connection = await trial.openTraffic();
      connection.write(upgradeTo(trial, node.context, 'foo', 'Connection: Upgrade\r\n'));
      if (isTunnelled) {
        demandEqual('status', await statusOf(connection), 101);
        connection.write('piece');
        await connection.until('bytes in both directions', (received) => received.endsWith('again: piece'));
      } else {
        const status = await statusOf(connection);
        // A matter of configuration: WSUpgradeHeader of httpd may say so.
        if (status === 101) throw new Deviation('non-strict', words, 'the connection is handed over to `foo`');
        demandEqual('status', status, 200);
      }
      connection.close();
    },
  }),
];
