import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  AJP_REQUEST_HEADERS,
  AjpRequestReader,
  AjpResponseReader,
  bodyPacketHead,
  CPING,
  CPONG,
  EMPTY_BODY_PACKET,
  END_RESPONSE_CLOSE,
  END_RESPONSE_REUSE,
  FLUSH_PACKET,
  getBodyChunk,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
  writeForwardRequest,
  writeSendHeaders,
} from '../../../src/core/ajp/index.ts';
import { type AjpPacket, ajpRecordings } from '../../support/recordings.ts';
import { collectRequest, collectResponse, type RequestEvent, type ResponseEvent } from './collect.ts';

const RECORDINGS = ajpRecordings();
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** What the reader of a node says to those packets that were made to be wrong. Tomcat closes, or answers 400 or 500 and closes. */
const VIOLATIONS = new Map([
  ['44-raw-bad-magic.json', 'AJP_MAGIC'],
  ['45-raw-too-long.json', 'AJP_PACKET_TOO_LONG'],
  ['46-raw-unknown-type.json', 'AJP_PACKET_TYPE'],
  ['51-raw-bad-method-code.json', 'AJP_METHOD'],
]);

/**
 * The bytes of a packet. Those of a long one are made up behind the first 64; where the body is the alphabet again and again,
 * the recorded digest says that they are the true ones.
 */
function bytesOf(packet: AjpPacket): Buffer {
  if (packet.hex !== undefined) return Buffer.from(packet.hex, 'hex');
  if (packet.hexOfFirst64 === undefined || packet.length === undefined) return Buffer.alloc(0);
  const bytes = Buffer.alloc(packet.length);
  const first = Buffer.from(packet.hexOfFirst64, 'hex');
  first.copy(bytes);
  const shift = LETTERS.indexOf(String.fromCharCode(first.at(-1) ?? 0)) + 1;
  for (let i = 64; i < bytes.length - 1; i++) bytes[i] = LETTERS.charCodeAt((shift + i - 64) % 26);
  if (/[a-z]{57}/.test(first.toString('latin1'))) {
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(packet.sha256);
  }
  return bytes;
}

interface Replayed<Event> {
  readonly events: Event[];
  readonly violation: string | null;
}

/** Reads one side of a recording, in pieces of so many bytes. */
function pieces(bytes: Buffer, pieceBytes: number, read: (piece: Buffer) => void): void {
  for (let at = 0; at < bytes.length; at += pieceBytes) read(bytes.subarray(at, at + pieceBytes));
}

function asNode(packets: readonly AjpPacket[], pieceBytes: number): Replayed<RequestEvent> {
  const events: RequestEvent[] = [];
  const handler = collectRequest(events);
  const reader = new AjpRequestReader({ packetBytes: 8192 });
  for (const packet of packets) {
    if (packet.type === 'GET_BODY_CHUNK') reader.expectBody();
    if (packet.from === 'balancer') {
      pieces(bytesOf(packet), pieceBytes, (piece) => reader.read(piece, 0, piece.length, handler));
    }
  }
  return { events, violation: reader.violation?.code ?? null };
}

function asBalancer(packets: readonly AjpPacket[], pieceBytes: number): Replayed<ResponseEvent> {
  const events: ResponseEvent[] = [];
  const reader = new AjpResponseReader({ packetBytes: 8192 });
  const awaited: ('pong' | 'answer')[] = [];
  let isWaiting = false;
  const waitForNext = (): void => {
    const next = awaited.shift();
    isWaiting = next !== undefined;
    if (next === 'pong') reader.expectPong();
    else if (next === 'answer') reader.reset();
  };
  const collect = collectResponse(events);
  const handler = {
    ...collect,
    onPong: () => {
      collect.onPong();
      waitForNext();
    },
    onEnd: (reuse: boolean) => {
      collect.onEnd(reuse);
      waitForNext();
    },
  };
  for (const packet of packets) {
    if (packet.from === 'balancer') {
      if (packet.type === 'CPING') awaited.push('pong');
      else if (packet.type === 'FORWARD_REQUEST' || packet.type === 'UNKNOWN') awaited.push('answer');
      if (!isWaiting && awaited.length > 0) waitForNext();
    } else {
      pieces(bytesOf(packet), pieceBytes, (piece) => {
        if (reader.read(piece, 0, piece.length, handler) !== piece.length) throw new Error(`${packet.type} was left`);
      });
    }
  }
  return { events, violation: reader.violation?.code ?? null };
}

/** The packets of each connection. */
function connections(packets: readonly AjpPacket[]): AjpPacket[][] {
  return [...new Set(packets.map((packet) => packet.connection))].map((connection) =>
    packets.filter((packet) => packet.connection === connection),
  );
}

describe.each(RECORDINGS)('$file', ({ file, packets, client }) => {
  test('a node reads what the balancer sent, in any pieces', () => {
    const whole = connections(packets).map((each) => asNode(each, 65536));
    expect(whole.find(({ violation }) => violation !== null)?.violation).toBe(VIOLATIONS.get(file));
    const requests = packets.filter(({ type }) => type === 'FORWARD_REQUEST').length;
    const read = whole.flatMap(({ events }) => events).filter(({ kind }) => kind === 'request').length;
    expect(read).toBe(file === '51-raw-bad-method-code.json' ? requests - 1 : requests);
    for (const pieceBytes of [1, 7]) {
      expect(connections(packets).map((each) => asNode(each, pieceBytes))).toEqual(whole);
    }
  });

  test('a balancer reads what the node answered, in any pieces', () => {
    const whole = connections(packets).map((each) => asBalancer(each, 65536));
    expect(whole.map(({ violation }) => violation)).toEqual(whole.map(() => null));
    const counts = (kind: string) =>
      whole.flatMap(({ events }) => events).filter((event) => event.kind === kind).length;
    const recorded = (kind: string) => packets.filter(({ type }) => type === kind).length;
    expect(counts('head')).toBe(recorded('SEND_HEADERS'));
    expect(counts('end')).toBe(recorded('END_RESPONSE'));
    expect(counts('wanted')).toBe(recorded('GET_BODY_CHUNK'));
    expect(counts('pong')).toBe(recorded('CPONG'));
    // Of the long ones the beginning is enough.
    const beginning = connections(packets).map((each) => each.slice(0, 40));
    const readWhole = beginning.map((each) => asBalancer(each, 65536));
    for (const pieceBytes of [1, 7]) {
      expect(beginning.map((each) => asBalancer(each, pieceBytes))).toEqual(readWhole);
    }
  });

  test('both sides write what was read as it was sent', () => {
    for (const packet of packets) {
      const bytes = bytesOf(packet);
      const written = writeAgain(packet, bytes, client);
      if (written !== null) expect(written.toString('hex')).toBe(bytes.toString('hex'));
    }
  });
});

/** The packet, decoded and written again; null for one that no writer of ours makes. */
function writeAgain(packet: AjpPacket, bytes: Buffer, client: string): Buffer | null {
  switch (packet.type) {
    case 'FORWARD_REQUEST': {
      const [event] = asNode([packet], bytes.length).events;
      if (event?.kind !== 'request') return null;
      const written = writeForwardRequest(event.request, 8192);
      if (client !== 'by hand') return written;
      // Names were spelled out by hand where they have a code.
      const [again] = asNode([{ ...packet, hex: written?.toString('hex') ?? '' }], bytes.length).events;
      expect(again).toEqual({ ...event, request: { ...event.request, headers: event.request.headers.map(spelled) } });
      return null;
    }
    case 'BODY': {
      const length = bytes.readUInt16BE(4);
      return Buffer.concat([bodyPacketHead(length), bytes.subarray(6)]);
    }
    case 'BODY_END':
      return bytes.length === 4 ? null : EMPTY_BODY_PACKET;
    case 'CPING':
      return bytes[0] === 0x12 ? CPING : null;
    case 'CPONG':
      return CPONG;
    case 'GET_BODY_CHUNK':
      return getBodyChunk(bytes.readUInt16BE(5));
    case 'SEND_HEADERS': {
      const events: ResponseEvent[] = [];
      new AjpResponseReader({ packetBytes: 8192 }).read(bytes, 0, bytes.length, collectResponse(events));
      const [head] = events;
      if (head?.kind !== 'head') throw new Error('no head was read');
      const headers = head.headers.flatMap((name, i) =>
        i % 2 === 0 ? [[name, head.headers[i + 1] ?? ''] as const] : [],
      );
      return writeSendHeaders(head.status, head.reason, headers, 8192);
    }
    case 'SEND_BODY_CHUNK': {
      const length = bytes.readUInt16BE(5);
      if (length === 0) return FLUSH_PACKET;
      return Buffer.concat([sendBodyChunkHead(length), bytes.subarray(7, 7 + length), SEND_BODY_CHUNK_TAIL]);
    }
    case 'END_RESPONSE':
      return bytes[5] === 1 ? END_RESPONSE_REUSE : END_RESPONSE_CLOSE;
    default:
      return null;
  }
}

function spelled([name, value]: readonly [string, string]): readonly [string, string] {
  return [AJP_REQUEST_HEADERS.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name, value];
}

test('httpd says of a client with TLS what it knows, the key size as a number', () => {
  const [event] = asNode(RECORDINGS.find(({ file }) => file === '23-https.json')?.packets ?? [], 65536).events;
  const session = '5'.repeat(64);
  expect(event).toMatchObject({
    request: {
      method: 'GET',
      protocol: 'HTTP/1.1',
      uri: '/one/',
      remoteHost: null,
      serverPort: 18301,
      isSsl: true,
      headers: [
        ['Host', 'www.example.com'],
        ['Connection', 'close'],
      ],
      attributes: [
        { name: 'secret', value: 's3cret' },
        { name: 'query_string', value: 'session=no' },
        { name: 'ssl_cipher', value: 'TLS_AES_256_GCM_SHA384' },
        { name: 'ssl_session', value: session },
        { name: 'ssl_key_size', value: '256' },
        { name: 'req_attribute', key: 'AJP_SSL_PROTOCOL', value: 'TLSv1.3' },
        { name: 'req_attribute', key: 'AJP_REMOTE_PORT', value: '40000' },
        { name: 'req_attribute', key: 'AJP_LOCAL_ADDR', value: '127.0.0.1' },
      ],
    },
  });
});

test('there are 43 recordings', () => {
  expect(RECORDINGS).toHaveLength(43);
});
