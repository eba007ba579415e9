import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { freeAfter } from '../../support/cleanup.ts';
import { openRaw, readAnswer } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Said, serveApplication } from './serve-application.ts';

interface Heard {
  readonly data: Buffer;
  readonly binary: boolean;
}

interface Client {
  readonly socket: WebSocket;
  /** The next message; resolves with the close code when there is none any more. */
  next(): Promise<Heard | number>;
  /** Lines of the handshake's answer. */
  readonly handshake: ReadonlyMap<string, string>;
}

async function connect(port: number, target: string, headers: Record<string, string> = {}): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${target}`, { headers });
  freeAfter(() => socket.terminate());
  const heard: (Heard | number)[] = [];
  let wake = (): void => {};
  const tell = (one: Heard | number): void => {
    heard.push(one);
    wake();
  };
  socket.on('message', (data, binary) => tell({ data: Buffer.from(data as Buffer), binary }));
  socket.on('close', (code) => tell(code));
  const handshake = new Map<string, string>();
  socket.on('upgrade', (response) => {
    for (const [name, value] of Object.entries(response.headers)) handshake.set(name, String(value));
  });
  await once(socket, 'open');
  return {
    socket,
    handshake,
    async next() {
      for (;;) {
        const one = heard.shift();
        if (one !== undefined) return one;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

async function nextJson(client: Client): Promise<Said> {
  const heard = await client.next();
  if (typeof heard === 'number') throw new Error(`closed with ${heard}`);
  return JSON.parse(heard.data.toString()) as Said;
}

describe('a WebSocket in a context', () => {
  it('echoes text as text and bytes as bytes, of every length that has another header', async () => {
    const { port } = await serveApplication();
    const client = await connect(port, '/shop/anything/at?all=1');
    const texts = ['', 'a', 'ü€😀', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(65_536)];
    for (const text of texts) {
      client.socket.send(text);
      expect(await client.next()).toEqual({ data: Buffer.from(text), binary: false });
    }
    const bytes = randomBytes(1024 * 1024);
    client.socket.send(bytes);
    const echoed = await client.next();
    expect(typeof echoed === 'object' && echoed.binary && echoed.data.equals(bytes)).toBe(true);
  });

  it('echoes many messages at once in their order', async () => {
    const { port } = await serveApplication();
    const client = await connect(port, '/shop');
    for (let number = 0; number < 500; number++) client.socket.send(String(number));
    for (let number = 0; number < 500; number++) {
      expect(await client.next()).toMatchObject({ data: Buffer.from(String(number)) });
    }
  });

  it('says hello with what the handshake was, when it is asked', async () => {
    const { port } = await serveApplication();
    const client = await connect(port, '/shop/admin/chat?hello', { 'X-One': '1' });
    const said = await nextJson(client);
    expect(said).toMatchObject({ route: 'n1', context: '/shop/admin', path: '/shop/admin/chat', sessionIs: 'created' });
    expect(said.headers).toContainEqual(['X-One', '1']);
    expect(client.handshake.get('x-route')).toBe('n1');
    expect(client.handshake.get('set-cookie')).toBe(`JSESSIONID=${said.session}; Path=/shop/admin; HttpOnly`);
  });

  it('keeps the session that a handshake brings', async () => {
    const { port, application } = await serveApplication();
    const client = await connect(port, '/shop?hello', { Cookie: 'JSESSIONID=ABC.n1' });
    expect(await nextJson(client)).toMatchObject({ session: 'ABC.n1', sessionIs: 'kept' });
    expect(client.handshake.has('set-cookie')).toBe(false);
    expect(application.sessions('/shop')).toBe(1);
  });

  it('makes no session when it is told so', async () => {
    const { port, application } = await serveApplication();
    const client = await connect(port, '/shop?hello&session=none');
    expect(await nextJson(client)).toMatchObject({ session: null, sessionIs: 'none' });
    expect(application.sessions('/shop')).toBe(0);
  });

  it('answers pings with their content', async () => {
    const { port } = await serveApplication();
    const client = await connect(port, '/shop');
    const pong = once(client.socket, 'pong');
    client.socket.ping('are you there?');
    expect(String((await pong)[0])).toBe('are you there?');
  });

  it.each([1000, 3000, 4999])('answers a close with the same code: %d', async (code) => {
    const { port } = await serveApplication();
    const client = await connect(port, '/shop');
    client.socket.close(code, 'enough');
    expect(await client.next()).toBe(code);
  });

  it('ends with the code that was asked for, after the first echo', async () => {
    const { port } = await serveApplication();
    const client = await connect(port, '/shop?close=4001');
    client.socket.send('bye');
    expect(await client.next()).toMatchObject({ data: Buffer.from('bye') });
    expect(await client.next()).toBe(4001);
  });

  it('ends with 1009 when a message is too long, and goes on for others', async () => {
    const { port } = await serveApplication();
    const client = await connect(port, '/shop');
    const other = await connect(port, '/shop');
    client.socket.send(Buffer.alloc(1024 * 1024 + 1));
    expect(await client.next()).toBe(1009);
    other.socket.send('still there');
    expect(await other.next()).toMatchObject({ binary: false });
  });

  it('ends with 1001 when the node goes away', async () => {
    const { port, application } = await serveApplication();
    const client = await connect(port, '/shop');
    application.close();
    expect(await client.next()).toBe(1001);
  });
});

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

function handshake(target: string, extra = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n${extra}\r\n`;
}

describe('a WebSocket, byte by byte', () => {
  it('begins with the accept key of RFC 6455 §1.3, and reads frames one byte at a time', async () => {
    const { port } = await serveApplication();
    const client = await openRaw(port);
    client.socket.setNoDelay(true);
    for (const byte of handshake('/shop?session=x')) client.write(byte);
    const head = await client.until((text) => text.includes('\r\n\r\n'));
    expect(readAnswer(head, 'open').status).toBe(101);
    expect(head).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
    // "Hello", masked, of RFC 6455 §5.7; the answer is unmasked.
    for (const byte of Buffer.from('818537fa213d7f9f4d5158', 'hex')) client.write(Buffer.of(byte));
    await client.until((text) => text.endsWith('\x81\x05Hello'));
  });

  it('reads no more than it can send back to a client that does not read', async () => {
    const { port } = await serveApplication();
    const client = await openRaw(port);
    client.write(handshake('/shop'));
    await client.until((text) => text.includes('\r\n\r\n'));
    client.socket.pause();
    const payload = Buffer.alloc(65_536, 'x');
    // Masked with zeros, so that the payload stays as it is.
    const frame = Buffer.concat([Buffer.from('82ff000000000001000000000000', 'hex'), payload]);
    const frames = 1_000;
    for (let number = 0; number < frames; number++) client.socket.write(frame);
    let before = -1;
    await waitFor(async () => {
      before = client.socket.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return client.socket.writableLength === before;
    });
    expect(client.socket.writableLength).toBeGreaterThan((frames * frame.length) / 4);
    let echoed = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (chunk: Buffer) => {
      echoed += chunk.length;
    });
    client.socket.resume();
    // An unmasked header is four bytes shorter.
    await waitFor(() => echoed === frames * (frame.length - 4));
  });

  it('that is not masked ends with 1002', async () => {
    const { port } = await serveApplication();
    const client = await openRaw(port);
    client.write(handshake('/shop'));
    await client.until((text) => text.includes('\r\n\r\n'));
    client.write(Buffer.from('810548656c6c6f', 'hex'));
    await client.until((text) => text.endsWith('\x88\x02\x03\xea'));
  });

  it.each([
    ['/other', 404, 'no context'],
    ['/shop?close=1005', 400, 'a code that may be sent'],
    ['/shop?close=soon', 400, 'a code that may be sent'],
  ])('at %s is refused with %d', async (target, status, words) => {
    const { port } = await serveApplication();
    const client = await openRaw(port);
    client.write(handshake(target));
    const answer = await client.closed();
    expect(answer.status).toBe(status);
    expect((JSON.parse(answer.body) as Said).error).toContain(words);
  });

  it('of a version that nobody speaks is refused', async () => {
    const { port } = await serveApplication();
    const client = await openRaw(port);
    client.write(handshake('/shop').replace('Version: 13', 'Version: 7'));
    expect((await client.closed()).status).toBe(400);
  });

  it('whose client goes without a word takes nobody else along', async () => {
    const { port } = await serveApplication();
    for (const bytes of [handshake('/shop'), handshake('/other')]) {
      const client = await openRaw(port);
      client.write(bytes);
      client.socket.resetAndDestroy();
    }
    const other = await connect(port, '/shop');
    other.socket.send('still there');
    expect(await other.next()).toMatchObject({ binary: false });
  });
});
