import { createServer } from 'node:http';
import { type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { startTestBalancer, type TestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { startRawNode } from '../../support/node-server.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A node whose WebSockets repeat what they are told. */
async function startEcho(): Promise<{ port: number; open: () => number }> {
  const server = createServer((_request, response) => response.end());
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'chat' });
  sockets.on('connection', (socket) => socket.on('message', (text) => socket.send(`echo ${String(text)}`)));
  freeAfter(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no TCP port');
  return { port: address.port, open: () => sockets.clients.size };
}

/** A text message of a client (RFC 6455 §5.2), with a mask of zeros. */
function message(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

async function openTunnel(lb: TestBalancer): Promise<{ stream: ClientHttp2Stream; response: IncomingHttpHeaders }> {
  const session = connect(`http://127.0.0.1:${lb.port}`);
  freeAfter(() => session.destroy());
  await new Promise<void>((resolve) => session.once('remoteSettings', () => resolve()));
  expect(session.remoteSettings.enableConnectProtocol).toBe(true);
  const stream = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/app/chat',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'chat',
    origin: 'http://shop.example',
  });
  stream.on('error', () => {});
  const response = await new Promise<IncomingHttpHeaders>((resolve) => stream.once('response', resolve));
  return { stream, response };
}

describe('a WebSocket over HTTP/2 (RFC 8441)', () => {
  it('is opened at the node by an upgrade, and carries messages both ways', async () => {
    const lb = await startTestBalancer({ h2c: true });
    const node = await startEcho();
    await lb.register('n1', node.port);
    const { stream, response } = await openTunnel(lb);
    expect(response[':status']).toBe(200);
    expect(response['sec-websocket-protocol']).toBe('chat');
    expect(Object.keys(response)).not.toContain('sec-websocket-accept');
    expect(Object.keys(response)).not.toContain('upgrade');
    let text = '';
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
    });
    stream.write(message('one'));
    await waitFor(() => text.includes('echo one'));
    stream.write(message('two'));
    await waitFor(() => text.includes('echo two'));
    stream.close();
    await waitFor(() => node.open() === 0);
  });

  it('ends for the client when it ends at the node', async () => {
    const lb = await startTestBalancer({ h2c: true });
    const node = await startRawNode((socket) => {
      socket.on('data', (bytes) => {
        const key = /sec-websocket-key: (.*)\r\n/i.exec(bytes.toString('latin1'))?.[1];
        if (key === undefined) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else
          void accept(key).then((value) =>
            socket.end(
              `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${value}\r\n\r\nbye`,
            ),
          );
      });
    });
    await lb.register('n1', node.port);
    const { stream, response } = await openTunnel(lb);
    expect(response[':status']).toBe(200);
    let text = '';
    for await (const bytes of stream) text += String(bytes);
    expect(text).toBe('bye');
  });

  it.each([
    [
      'opens it with a key that nobody has',
      'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
      502,
    ],
    ['answers as if there were no upgrade', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 502],
    ['refuses', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', 403],
    [
      'wants something else first',
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
      401,
    ],
  ])('is never believed to stand when the node %s', async (_name, answer, status) => {
    const lb = await startTestBalancer({ h2c: true });
    const asked: string[] = [];
    const node = await startRawNode((socket) => {
      socket.on('data', (bytes) => {
        if (bytes.toString('latin1').startsWith('OPTIONS')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else {
          asked.push(bytes.toString('latin1'));
          socket.write(answer);
        }
      });
    });
    await lb.register('n1', node.port);
    const { stream, response } = await openTunnel(lb);
    expect(response[':status']).toBe(status);
    // What a client sends into a tunnel that it believes in is no request.
    stream.write('GET /app/smuggled HTTP/1.1\r\nHost: a\r\n\r\n');
    stream.resume();
    await waitFor(() => stream.closed);
    expect(asked).toHaveLength(1);
  });

  it('is answered like any other request where no node serves', async () => {
    const lb = await startTestBalancer({ h2c: true });
    const { response } = await openTunnel(lb);
    expect(response[':status']).toBe(404);
    expect(response['x-mcmp-reason']).toBe('no-context');
  });
});

async function accept(key: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
