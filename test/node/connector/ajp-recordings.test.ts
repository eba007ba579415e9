import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AJP_PACKET } from '../../../src/core/ajp/index.ts';
import type { Application } from '../../../src/node/connector/types.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { type AjpPacket, ajpRecordings } from '../../support/recordings.ts';
import { waitFor } from '../../support/wait-for.ts';
import { serve } from './serve.ts';

/**
 * What httpd, or a hand, said to a Tomcat is said to a connector of ours, whose application is what the Tomcat had. What comes
 * back is compared packet by packet, as far as it is the connector's and not the application's.
 */

/** What a node did; parts of one body are one, and flushes are left out: when to flush is the application's. */
type Deed = string;

/** As the servlets that were recorded: `status` reads nothing, `echo` reads all. */
const answer: RequestListener = (request, response) => {
  const url = new URL(request.url ?? '/', 'http://a');
  const say = (status: number, body: Buffer | string): void => {
    if (status === 204) response.writeHead(status).end();
    else response.writeHead(status, { 'Content-Length': String(Buffer.byteLength(body)) }).end(body);
  };
  const number = (name: string, otherwise: number): number => Number(url.searchParams.get(name) ?? otherwise);
  if (!/^\/(?:one|two)\//.test(url.pathname)) say(404, 'no such context');
  else if (url.pathname.endsWith('/status')) say(number('code', 200), 'status\n');
  else if (url.pathname.endsWith('/bytes')) say(200, Buffer.alloc(number('n', 0)));
  else {
    request.resume();
    request.once('end', () => say(200, 'read\n'));
  }
};
const application: Application = { request: answer, upgrade: (_request, socket) => socket.destroy() };

/** Of long packets only the beginning was recorded; what follows does not matter here. */
function bytesOf({ hex, hexOfFirst64 = '', length = 0 }: AjpPacket): Buffer {
  if (hex !== undefined) return Buffer.from(hex, 'hex');
  const bytes = Buffer.alloc(length);
  Buffer.from(hexOfFirst64, 'hex').copy(bytes);
  return bytes;
}

/** @returns the deed that a packet is; undefined for a flush */
function deedOf(packet: Buffer): Deed | undefined {
  switch (packet[4]) {
    case AJP_PACKET.sendHeaders:
      return `head ${packet.readUInt16BE(5)}`;
    case AJP_PACKET.sendBodyChunk:
      return packet.readUInt16BE(5) === 0 ? undefined : 'data';
    case AJP_PACKET.endResponse:
      return `end ${packet[5]}`;
    case AJP_PACKET.getBodyChunk:
      return `asked for ${packet.readUInt16BE(5)}`;
    default:
      return packet[4] === AJP_PACKET.cpong ? 'pong' : 'unknown';
  }
}

function addTo(deeds: Deed[], deed: Deed | undefined): void {
  if (deed !== undefined && !(deed === 'data' && deeds.at(-1) === 'data')) deeds.push(deed);
}

const ends = (deeds: readonly Deed[]): number => deeds.filter((deed) => /^(?:end|pong)/.test(deed)).length;

/** What Tomcat did. It asks once more behind the last byte of a Content-Length, which nobody needs to. */
function recordedDeeds(packets: readonly AjpPacket[]): Deed[] {
  const deeds: Deed[] = [];
  let left = -1;
  for (const [at, packet] of packets.entries()) {
    const isOnceMore = packet.type === 'GET_BODY_CHUNK' && left === 0;
    if (packet.type === 'FORWARD_REQUEST') left = contentLengthOf(packet);
    if (packet.type === 'BODY' && left > 0) left -= bytesOf(packet).readUInt16BE(4);
    if (packet.from === 'node' && packet.length !== undefined && !isOnceMore) addTo(deeds, deedOf(bytesOf(packet)));
    const isFirstToClose = !packets.slice(0, at).some((one) => one.from === 'balancer' && one.type === 'closed');
    if (packet.from === 'node' && packet.type === 'closed' && isFirstToClose) deeds.push('closed');
  }
  return deeds;
}

/** From the digits behind the code of Content-Length (A008), or its name. */
function contentLengthOf(packet: AjpPacket): number {
  const text = bytesOf(packet).toString('latin1');
  const digits = /(?:\xa0\x08|content-length\0)\0.(\d+)\0/is.exec(text)?.[1];
  return digits === undefined ? -1 : Number(digits);
}

interface Play {
  readonly deeds: readonly Deed[];
}

/** Says what the balancer said, each packet when its time has come. */
async function play(port: number, packets: readonly AjpPacket[], expected: readonly Deed[]): Promise<Play> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  freeAfter(() => {
    socket.destroy();
  });
  const deeds: Deed[] = [];
  const bodies: Buffer[] = [];
  let held = Buffer.alloc(0);
  let isClosed = false;
  let unanswered = 0;
  const feed = (): void => {
    for (let body = bodies[0]; body !== undefined && unanswered > 0; body = bodies[0]) {
      bodies.shift();
      unanswered -= 1;
      socket.write(body);
    }
  };
  socket.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= 4 && held.length >= 4 + held.readUInt16BE(2)) {
      const packet = held.subarray(0, 4 + held.readUInt16BE(2));
      held = held.subarray(packet.length);
      addTo(deeds, deedOf(packet));
      if (packet[4] === AJP_PACKET.getBodyChunk) unanswered += 1;
    }
    feed();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    isClosed = true;
  });
  let endsBefore = 0;
  for (const [at, packet] of packets.entries()) {
    if (packet.from === 'node') {
      if (packet.length !== undefined) endsBefore = ends(recordedDeeds(packets.slice(0, at + 1)));
    } else if (packet.type.startsWith('BODY')) {
      if (packets[at - 1]?.type === 'FORWARD_REQUEST') socket.write(bytesOf(packet));
      else bodies.push(bytesOf(packet));
      feed();
    } else if (packet.type !== 'closed') {
      const wanted = endsBefore;
      await waitFor(() => ends(deeds) >= wanted || isClosed);
      socket.write(bytesOf(packet));
    }
  }
  await waitFor(() => (ends(deeds) >= ends(expected) && !expected.includes('closed')) || isClosed);
  if (isClosed) deeds.push('closed');
  return { deeds };
}

const RECORDINGS = ajpRecordings().filter(({ packets }) => packets.some(({ length }) => length !== undefined));

describe('a connector of type ajp does what Tomcat did', () => {
  it.each(RECORDINGS.map((recording) => [recording.file, recording.about, recording] as const))(
    '%s: %s',
    async (file, _about, { packets }) => {
      const ajp = file.startsWith('16-') ? {} : { secret: 's3cret' };
      const { port } = await serve({ type: 'ajp', ajp, application });
      for (const connection of new Set(packets.map((packet) => packet.connection))) {
        const own = packets.filter((packet) => packet.connection === connection);
        // An answer behind which the connection is not used again ends with its end, whoever closes first.
        const recorded = recordedDeeds(own);
        const expected = recorded.at(-1) === 'end 0' ? [...recorded, 'closed'] : recorded;
        if (file.startsWith('21-')) expected.push('end 1');
        expect((await play(port, own, expected)).deeds).toEqual(expected);
      }
    },
  );
});
