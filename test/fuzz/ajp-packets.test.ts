import { describe, expect, test } from 'vitest';
import {
  AJP_VIOLATION,
  AjpRequestReader,
  AjpResponseReader,
  type AjpViolation,
  writeForwardRequest,
} from '../../src/core/ajp/index.ts';
import { collectRequest, collectResponse, type RequestEvent, readRequests, readResponse } from '../core/ajp/collect.ts';
import { ajpRecordings } from '../support/recordings.ts';

/** `MCMP_FUZZ=full` (npm run fuzz) tries a million, `npm test` fewer; always the same ones. */
const CONVERSATIONS = process.env['MCMP_FUZZ'] === 'full' ? 1_000_000 : 3_000;
const SEED = 0x616a7031;
const PACKET_BYTES = 8192;
const KNOWN = new Set<AjpViolation | null>([null, ...Object.values(AJP_VIOLATION)]);

/** Pieces that say something in a packet, to be put where they do not belong. */
const SPLICES = [
  '\x12\x34',
  'AB',
  '\x00',
  '\x00\x00',
  '\xff',
  '\xff\xff',
  '\xa0\x08',
  '\xa0\x0f',
  '\x12\x34\x00\x00',
  '\x12\x34\x00\x02\x00\x00',
  '\x12\x34\x00\x01\x0a',
  'AB\x00\x01\x09',
  'AB\x00\x02\x05\x01',
  'AB\x00\x03\x06\x1f\xfa',
  'AB\x00\x04\x03\x00\x00\x00',
  '\x0c\x00\x06s3cret\x00',
  '\x0d\x00\x04POST\x00',
  '\x00\x08HTTP/1.1\x00',
];

/** What one side of each recorded connection said, as far as it is recorded and short. */
const SEEDS = ajpRecordings().flatMap(({ packets }) =>
  (['balancer', 'node'] as const).map((side) =>
    packets
      .filter(({ from, hex }) => from === side && hex !== undefined && hex.length < 4_000)
      .map(({ hex }) => Buffer.from(hex ?? '', 'hex').toString('latin1'))
      .join(''),
  ),
);

/** Marsaglia's xorshift: enough for choosing, and the same everywhere. */
function chooser(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutate(packets: string, choose: (below: number) => number): Buffer {
  let mutated = packets;
  for (let changes = choose(3); changes >= 0; changes--) {
    const at = choose(mutated.length + 1);
    const to = Math.min(mutated.length, at + choose(4));
    const kind = choose(4);
    if (kind < 2) mutated = mutated.slice(0, at) + String.fromCharCode(choose(256)) + mutated.slice(at + 1);
    else if (kind === 2) mutated = mutated.slice(0, at) + SPLICES[choose(SPLICES.length)] + mutated.slice(to);
    else mutated = mutated.slice(0, at) + mutated.slice(to);
  }
  return Buffer.from(mutated, 'latin1');
}

describe('mutated conversations', () => {
  test(`of ${CONVERSATIONS} each is read the same however it is cut, or is refused by a row of the table`, {
    timeout: 3_600_000,
  }, () => {
    const choose = chooser(SEED);
    let requests = 0;
    let answers = 0;
    for (let i = 0; i < CONVERSATIONS; i++) {
      const packets = mutate(SEEDS[choose(SEEDS.length)] ?? '', choose);
      const pieceBytes = 1 + choose(packets.length + 1);
      requests += checkRequests(packets, pieceBytes);
      answers += checkAnswers(packets, pieceBytes);
    }
    expect(requests).toBeGreaterThan(CONVERSATIONS / 20);
    expect(answers).toBeGreaterThan(CONVERSATIONS / 20);
  });
});

/** @returns how many requests were read */
function checkRequests(packets: Buffer, pieceBytes: number): number {
  const whole = readRequests(packets, undefined, new AjpRequestReader({ packetBytes: PACKET_BYTES }));
  const cut = readRequests(packets, pieceBytes);
  if (JSON.stringify([whole.events, whole.violation]) !== JSON.stringify([cut.events, cut.violation])) {
    expect.fail(`read in pieces of ${pieceBytes} bytes it is not the same: ${packets.toString('hex')}`);
  }
  expect(KNOWN.has(whole.violation)).toBe(true);
  let requests = 0;
  for (const event of whole.events) {
    if (event.kind !== 'request') continue;
    requests++;
    checkWritable(event);
  }
  return requests;
}

/** What was read can be written, and then means the same. */
function checkWritable({ request }: Extract<RequestEvent, { kind: 'request' }>): void {
  let packet: Buffer | null;
  try {
    packet = writeForwardRequest(request, PACKET_BYTES);
  } catch (error) {
    // A path with a byte that no path has, or a method that has a code and was spelled out all the same.
    expect(error).toBeInstanceOf(RangeError);
    return;
  }
  // A name that has a code may have been spelled out, so that the packet can only become shorter.
  const events: RequestEvent[] = [];
  new AjpRequestReader({ packetBytes: PACKET_BYTES }).read(
    packet ?? Buffer.alloc(0),
    0,
    packet?.length ?? 0,
    collectRequest(events),
  );
  const [again] = events;
  if (again?.kind !== 'request') expect.fail(`not read again: ${JSON.stringify(request)}`);
  const lowerCase = (each: typeof request) =>
    JSON.stringify({ ...each, headers: each.headers.map(([name, value]) => [name.toLowerCase(), value]) });
  expect(lowerCase(again.request)).toBe(lowerCase(request));
}

/** @returns how many answers were read to their end */
function checkAnswers(packets: Buffer, pieceBytes: number): number {
  const read = (piece: number): string => {
    const reader = new AjpResponseReader({ packetBytes: PACKET_BYTES });
    const { events, violation } = readResponse(packets, piece, reader);
    expect(KNOWN.has(violation)).toBe(true);
    // An answer has one head before all else but requests for the body, and nothing behind its end.
    const kinds = events.map(({ kind }) => kind).filter((kind) => kind !== 'wanted');
    expect(kinds.join(' ')).toMatch(/^(head( (data|flush))*( end)?)?$/);
    return JSON.stringify(events);
  };
  const whole = read(packets.length || 1);
  if (read(pieceBytes) !== whole) {
    expect.fail(`read in pieces of ${pieceBytes} bytes it is not the same: ${packets.toString('hex')}`);
  }
  const handler = collectResponse([]);
  const pong = new AjpResponseReader({ packetBytes: PACKET_BYTES });
  pong.expectPong();
  pong.read(packets, 0, packets.length, handler);
  expect(KNOWN.has(pong.violation)).toBe(true);
  return whole.includes('"end"') ? 1 : 0;
}
