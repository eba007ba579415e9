import { describe, expect, it } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { type LenientNode, startLenientNode } from '../support/lenient-node.ts';
import {
  CODE,
  FLAG,
  FRAME,
  fieldBlock,
  frame,
  getFields,
  headFrames,
  openRawHttp2,
  type RawHttp2,
} from '../support/raw-http2.ts';
import { waitFor } from '../support/wait-for.ts';

type Fields = [string, string][];

/** A GET with one of its fields another one. */
function but(name: string, value: string): Fields {
  return getFields('/app').map(([key, before]) => [key, key === name ? value : before]);
}

function without(name: string): Fields {
  return getFields('/app').filter(([key]) => key !== name);
}

function post(...more: Fields): Fields {
  return [...but(':method', 'POST'), ...more];
}

async function scene(): Promise<{ client: RawHttp2; node: LenientNode; port: number }> {
  const lb = await startTestBalancer({ h2c: true });
  const node = await startLenientNode('length');
  await lb.register('n1', node.port);
  return { client: await openRawHttp2(lb.port), node, port: lb.port };
}

/** How a stream ended: the status of an answer, or the name of the code of a reset. */
async function outcome(client: RawHttp2, stream: number): Promise<string> {
  await waitFor(
    () => client.has(FRAME.headers, stream) || client.has(FRAME.rstStream, stream) || client.has(FRAME.goaway),
  );
  if (client.has(FRAME.headers, stream)) return String(await client.status(stream));
  const ended = client.has(FRAME.rstStream, stream) ? FRAME.rstStream : FRAME.goaway;
  const { payload } = await client.next(ended);
  const code = payload.readUInt32BE(ended === FRAME.goaway ? 4 : 0);
  return `${ended === FRAME.goaway ? 'goaway' : 'reset'} ${code}`;
}

const PROTOCOL_ERROR = `reset ${CODE.protocolError}`;

/** What may not reach a node, and whether Node.js ends the stream before we see it, or we answer. */
const REFUSED: readonly (readonly [string, Fields, string])[] = [
  ['a name with a capital letter (§8.2.1)', getFields('/app', ['X-Upper', '1']), PROTOCOL_ERROR],
  ['connection (§8.2.2)', getFields('/app', ['connection', 'close']), PROTOCOL_ERROR],
  ['transfer-encoding (§8.2.2)', post(['transfer-encoding', 'chunked']), PROTOCOL_ERROR],
  ['upgrade (§8.2.2)', getFields('/app', ['upgrade', 'websocket']), PROTOCOL_ERROR],
  ['keep-alive (§8.2.2)', getFields('/app', ['keep-alive', '5']), PROTOCOL_ERROR],
  ['proxy-connection (§8.2.2)', getFields('/app', ['proxy-connection', 'close']), PROTOCOL_ERROR],
  ['te other than trailers (§8.2.2)', getFields('/app', ['te', 'gzip']), PROTOCOL_ERROR],
  ['no :method (§8.3.1)', without(':method'), PROTOCOL_ERROR],
  ['no :scheme (§8.3.1)', without(':scheme'), PROTOCOL_ERROR],
  ['no :path (§8.3.1)', without(':path'), PROTOCOL_ERROR],
  ['an empty :path (§8.3.1)', but(':path', ''), PROTOCOL_ERROR],
  ['a :path without a slash (§8.3.1)', but(':path', 'app'), PROTOCOL_ERROR],
  ['a :path that is a URL', but(':path', 'http://localhost/app'), PROTOCOL_ERROR],
  ['a :path of * for a GET', but(':path', '*'), PROTOCOL_ERROR],
  ['a repeated :path (§8.3)', [...getFields('/app'), [':path', '/app/2']], PROTOCOL_ERROR],
  ['a pseudo-header nobody knows (§8.3)', [...getFields('/app'), [':version', '1']], PROTOCOL_ERROR],
  ['a pseudo-header of responses (§8.3)', [...getFields('/app'), [':status', '200']], PROTOCOL_ERROR],
  ['a pseudo-header behind others (§8.3)', [...without(':path'), ['x', '1'], [':path', '/app']], PROTOCOL_ERROR],
  [':protocol without CONNECT (RFC 8441 §4)', [...getFields('/app'), [':protocol', 'websocket']], PROTOCOL_ERROR],
  ['neither :authority nor host', without(':authority'), PROTOCOL_ERROR],
  ['two hosts', getFields('/app', ['host', 'localhost'], ['host', 'localhost']), PROTOCOL_ERROR],
  ['a host that is not the authority', getFields('/app', ['host', 'elsewhere.example']), '400'],
  ['user information in the authority (§8.3.1)', but(':authority', 'user@localhost'), '400'],
  ['a scheme that is not that of the connection', but(':scheme', 'https'), '400'],
  ['a scheme of something else', but(':scheme', 'ftp'), '400'],
  [
    'CONNECT without a protocol',
    [
      [':method', 'CONNECT'],
      [':authority', 'localhost:80'],
    ],
    '501',
  ],
  [
    'CONNECT for a protocol that nobody speaks here',
    [[':method', 'CONNECT'], [':protocol', 'connect-udp'], ...getFields('/app').slice(1)],
    '501',
  ],
  ['two lengths', post(['content-length', '1'], ['content-length', '1']), PROTOCOL_ERROR],
  ['a length that is no number', post(['content-length', '+1']), PROTOCOL_ERROR],
  ['a length and no body', post(['content-length', '5']), PROTOCOL_ERROR],
];

/** What would begin a line, a head or a request of its own in HTTP/1.1. */
const INJECTIONS: readonly (readonly [string, Fields])[] = [
  ['CR LF in the method', but(':method', 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET')],
  ['CR LF in the path', but(':path', '/app HTTP/1.1\r\nHost: x\r\n\r\nGET /smuggled')],
  ['LF in the path', but(':path', '/app HTTP/1.1\n\nGET /smuggled')],
  ['a space in the path', but(':path', '/app HTTP/1.1 x')],
  ['NUL in the path', but(':path', '/app\0')],
  ['CR LF in the authority', but(':authority', 'localhost\r\nX-Evil: 1')],
  ['CR LF in the scheme', but(':scheme', 'http\r\nX-Evil: 1')],
  ['CR LF in a value', getFields('/app', ['x', '1\r\nX-Evil: 1'])],
  ['CR LF CR LF in a value', getFields('/app', ['x', '1\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'])],
  ['a bare LF in a value', getFields('/app', ['x', '1\nX-Evil: 1'])],
  ['a bare CR in a value', getFields('/app', ['x', '1\rX-Evil: 1'])],
  ['NUL in a value', getFields('/app', ['x', '1\0X-Evil: 1'])],
  ['CR LF in a name', getFields('/app', ['x: 1\r\nx-evil', '1'])],
  ['a colon in a name', getFields('/app', ['transfer-encoding:chunked', '1'])],
  ['a space in a name', getFields('/app', ['transfer-encoding ', 'chunked'])],
  ['an empty name', getFields('/app', ['', 'x'])],
  ['CR LF in a cookie', getFields('/app', ['cookie', 'a=1\r\nX-Evil: 1'])],
];

describe('a request of HTTP/2 that breaks the rules (RFC 9113 §8)', () => {
  it.each(REFUSED)('is refused: %s', async (_name, fields, expected) => {
    const { client, node } = await scene();
    client.send(headFrames(1, fieldBlock(fields)));
    // Later versions of nghttp2 see more of it before we do.
    expect([expected, PROTOCOL_ERROR]).toContain(await outcome(client, 1));
    client.get(3, '/app/after');
    await client.next(FRAME.data, 3);
    expect(node.requestLines).toEqual(['GET /app/after HTTP/1.1']);
  });

  it.each(INJECTIONS)('brings no line of its own to the node: %s', async (_name, fields) => {
    const { client, node } = await scene();
    client.send(headFrames(1, fieldBlock(fields)));
    await outcome(client, 1);
    client.get(3, '/app/after');
    await client.next(FRAME.data, 3);
    expect(node.requestLines.filter((line) => line !== 'GET /app HTTP/1.1')).toEqual(['GET /app/after HTTP/1.1']);
    expect(node.received().toLowerCase()).not.toMatch(/x-evil|smuggled|transfer-encoding/);
  });
});

describe('the body of a request ends where it was announced', () => {
  it.each([
    ['longer than content-length', 'aGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['shorter than content-length', ''],
  ])('%s', async (_name, body) => {
    const { client, node, port } = await scene();
    client.send(
      headFrames(1, fieldBlock(post(['content-length', '1'])), 0),
      frame(FRAME.data, FLAG.endStream, 1, body),
    );
    // Node.js 22 and later end the whole connection of a body that is too long.
    expect(await outcome(client, 1)).toMatch(/^(?:reset 1|goaway [1-9]\d*)$/);
    const after = client.has(FRAME.goaway) ? await openRawHttp2(port) : client;
    after.get(3, '/app/after');
    await after.next(FRAME.data, 3);
    expect(node.received()).not.toContain('smuggled');
    expect(node.requestLines.filter((line) => line.startsWith('GET'))).toEqual(['GET /app/after HTTP/1.1']);
  });

  it('bytes that look like chunks are bytes', async () => {
    const { client, node } = await scene();
    client.send(
      headFrames(1, fieldBlock(post()), 0),
      frame(FRAME.data, FLAG.endStream, 1, '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    await waitFor(() => node.received().includes('smuggled'));
    // Within a chunk of its length: 0x28 bytes.
    expect(node.received()).toMatch(/\r\n\r\n28\r\n0\r\n\r\nGET \/smuggled/);
  });

  it.each([
    ['a trailer that frames', 'content-length', '5'],
    ['a trailer that describes', 'content-type', 'text/html'],
    ['a pseudo-header', ':path', '/other'],
    ['CR LF', 'x', '1\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('trailers bring nothing that may not be one: %s', async (_name, name, value) => {
    const { client, node } = await scene();
    client.send(
      headFrames(1, fieldBlock(post()), 0),
      frame(FRAME.data, 0, 1, 'body'),
      headFrames(1, fieldBlock([[name, value]])),
    );
    await outcome(client, 1);
    client.get(3, '/app/after');
    await client.next(FRAME.data, 3);
    expect(node.received()).not.toMatch(/smuggled|text\/html|\/other|content-length/);
  });
});

it('several cookie fields reach the node as one (§8.2.3)', async () => {
  const { client, node } = await scene();
  client.get(1, '/app', ['cookie', 'a=1'], ['cookie', 'b=2'], ['cookie', 'c=3']);
  await client.next(FRAME.data, 1);
  expect(node.received().match(/cookie: .*/gi)).toEqual(['cookie: a=1; b=2; c=3']);
});
