import { expect, it } from 'vitest';
import { type AjpForwardRequest, AjpRequestReader, CPONG, getBodyChunk } from '../../src/core/ajp/index.ts';
import { attributesOf } from '../support/ajp-node.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { startRawNode } from '../support/node-server.ts';
import { openRaw, readAnswer } from '../support/raw-http.ts';
import { type AjpPacket, type AjpRecording, ajpRecordings } from '../support/recordings.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * What Tomcat said to httpd, said to this balancer: it has to ask the same, and its clients get what those of httpd got.
 */

const HEAD_BYTES = 6;
/** Of a connection, not of the request. */
const OF_HTTPD: ReadonlySet<string> = new Set(['connection', 'transfer-encoding', 'expect']);

/** Those of one request that httpd passed on, with packets that were recorded whole. */
const REPLAYED = ajpRecordings().filter(
  ({ client, file, packets }) =>
    client.includes('httpd') &&
    !/^(?:12|13|20|23)-/.test(file) &&
    packets.some(({ type }) => type === 'END_RESPONSE') &&
    packets.every(({ hex }) => hex !== undefined),
);

const bytesOf = ({ hex = '' }: AjpPacket): Buffer => Buffer.from(hex, 'hex');

function requestOf(bytes: Buffer): AjpForwardRequest {
  let found: AjpForwardRequest | undefined;
  const nothing = (): void => {};
  new AjpRequestReader({ packetBytes: 65_536 }).read(bytes, 0, bytes.length, {
    onForwardRequest: (request) => {
      found = request;
    },
    onBody: nothing,
    onBodyPacketEnd: nothing,
    onBodyEnd: nothing,
    onCping: nothing,
    onShutdown: nothing,
  });
  return found ?? expect.fail('no FORWARD_REQUEST');
}

/** A Tomcat that does what was recorded: it waits where it waited, and says what it said. */
async function startRecorded({ packets }: AjpRecording): Promise<{ port: number; requests: AjpForwardRequest[] }> {
  const requests: AjpForwardRequest[] = [];
  const { port } = await startRawNode((socket) => {
    let received = Buffer.alloc(0);
    let at = 0;
    /** Of the body, beyond the packets that came. */
    let bodyBytes = 0;
    const say = (): void => {
      for (let packet = packets[at]; packet?.from === 'node'; packet = packets[at]) {
        socket.write(bytesOf(packet));
        at++;
      }
    };
    const takeBody = (): boolean => {
      for (;;) {
        const wanted = (packets[at]?.length ?? HEAD_BYTES) - HEAD_BYTES;
        if (bodyBytes < wanted) {
          socket.write(getBodyChunk(wanted - bodyBytes));
          return false;
        }
        bodyBytes -= wanted;
        at++;
        if (bodyBytes === 0) return true;
        // What was to be asked for next is here already.
        at++;
      }
    };
    const hear = (packet: Buffer): void => {
      const expected = packets[at];
      if (expected === undefined || packet.length === 5) {
        socket.write(CPONG);
      } else if (expected.type === 'FORWARD_REQUEST') {
        requests.push(requestOf(packet));
        at++;
      } else {
        bodyBytes += packet.length - HEAD_BYTES;
        // It may come in other pieces than httpd made of it.
        if (!takeBody()) return;
      }
      say();
    };
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readUInt16BE(2)) {
        const packet = received.subarray(0, 4 + received.readUInt16BE(2));
        received = received.subarray(packet.length);
        hear(packet);
      }
    });
    socket.on('end', () => socket.end());
  });
  return { port, requests };
}

/** Without what was httpd's own: its Server, its reason, its framing. */
function asGiven(text: string): { status: number; headers: (string | undefined)[]; body: string } {
  const { status, headers, body } = readAnswer(text, 'fin');
  const isChunked = headers.get('transfer-encoding') === 'chunked';
  return {
    status,
    headers: ['x-node', 'set-cookie', 'content-type', 'location'].map((name) => headers.get(name)),
    body: isChunked ? dechunked(body) : body,
  };
}

function dechunked(body: string): string {
  let data = '';
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.slice(at, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) return data;
    data += body.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 4 + size;
  }
}

it('finds recordings of requests of all kinds', () => {
  expect(REPLAYED.length).toBeGreaterThan(12);
});

it.each(REPLAYED.map((recording) => [`${recording.file}: ${recording.about}`, recording] as const))(
  '%s',
  async (_name, recording) => {
    const node = await startRecorded(recording);
    const [first] = recording.packets;
    const recorded = requestOf(bytesOf(first ?? expect.fail('an empty recording')));
    const secret = attributesOf(recorded).find(([name]) => name === 'secret')?.[1] ?? '';
    const lb = await startTestBalancer({ ajpSecret: secret });
    await lb.register('node1', node.port, { type: 'ajp', contexts: '/one' });

    const query = attributesOf(recorded).find(([name]) => name === 'query_string')?.[1];
    const target = query === undefined ? recorded.uri : `${recorded.uri}?${query}`;
    const own = recorded.headers.filter(([name]) => !OF_HTTPD.has(name.toLowerCase()));
    const isChunked = recorded.headers.some(([name]) => name.toLowerCase() === 'transfer-encoding');
    const body = Buffer.concat(
      recording.packets.filter(({ type }) => type === 'BODY').map((packet) => bytesOf(packet).subarray(HEAD_BYTES)),
    );
    const client = await openRaw(lb.port);
    const framing = isChunked ? 'Transfer-Encoding: chunked\r\n' : '';
    client.write(
      `${recorded.method} ${target} HTTP/1.1\r\n${own.map(([name, value]) => `${name}: ${value}\r\n`).join('')}${framing}Connection: close\r\n\r\n`,
    );
    await waitFor(() => node.requests.length === 1);
    if (isChunked) client.write(`${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n0\r\n\r\n`);
    else client.write(body);

    const answer = await client.closed();
    expect(asGiven(answer.text)).toEqual(asGiven((recording.answer ?? []).join('\r\n')));
    const { method, protocol, uri, serverName, headers, attributes } = node.requests[0] ?? expect.fail();
    expect({ method, protocol, uri, serverName }).toEqual({
      method: recorded.method,
      protocol: recorded.protocol,
      uri: recorded.uri,
      serverName: recorded.serverName,
    });
    expect(headers).toEqual(expect.arrayContaining(own.map(([...header]) => header)));
    expect(attributes[0]?.name).toBe(recorded.attributes[0]?.name);
    // That httpd was no mod_proxy_cluster: it knew nothing of routes.
    const names = attributes.map(({ name }) => name).filter((name) => name !== 'jvm_route');
    expect(names.sort()).toEqual(recorded.attributes.map(({ name }) => name).sort());
  },
);
