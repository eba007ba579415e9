import { describe, expect, test } from 'vitest';
import {
  AJP_VIOLATION,
  AjpRequestReader,
  AjpResponseReader,
  EMPTY_BODY_PACKET,
  FLUSH_PACKET,
} from '../../../src/core/ajp/index.ts';
import { collectRequest, collectResponse, type RequestEvent, type ResponseEvent, readResponse } from './collect.ts';
import {
  ajpText,
  bytes,
  END_CLOSE,
  END_REUSE,
  forwardRequest,
  fromNode,
  sendBodyChunk,
  sendHeaders,
  toNode,
  uint16,
} from './packets.ts';

const ANSWER = bytes(sendHeaders(), sendBodyChunk('hello'), END_REUSE);

describe('the reader of answers', () => {
  test('hands the data on where it lies, as it comes', () => {
    const runs: [Buffer, number, number][] = [];
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    const handler = { ...collectResponse([]), onData: (...run: [Buffer, number, number]) => runs.push(run) };
    const cut = sendHeaders().length + 9;
    const first = ANSWER.subarray(0, cut);
    const second = ANSWER.subarray(cut);
    reader.read(first, 0, first.length, handler);
    reader.read(second, 0, second.length, handler);
    expect(runs).toEqual([
      [first, cut - 2, cut],
      [second, 0, 3],
    ]);
    expect(runs[0]?.[0]).toBe(first);
  });

  test('does not miss the 00 behind the data', () => {
    const without = bytes(sendHeaders(), fromNode(3, uint16(5), 'hello'), fromNode(3, uint16(0)), END_REUSE);
    expect(readResponse(without).events.slice(1)).toEqual([
      { kind: 'data', bytes: 'hello' },
      { kind: 'flush' },
      { kind: 'end', reuse: true },
    ]);
    expect(readResponse(without, 1)).toEqual(readResponse(without));
  });

  test('tells a flush from data', () => {
    const { events } = readResponse(bytes(sendHeaders(), sendBodyChunk('a'), FLUSH_PACKET, END_CLOSE));
    expect(events.slice(1)).toEqual([{ kind: 'data', bytes: 'a' }, { kind: 'flush' }, { kind: 'end', reuse: false }]);
  });

  test.each([
    [0, false],
    [1, true],
    [2, false],
    [255, false],
  ])('takes a reuse byte of %i for %s', (byte, reuse) => {
    expect(readResponse(bytes(sendHeaders(), fromNode(5, byte))).events.at(-1)).toEqual({ kind: 'end', reuse });
  });

  test('takes a string that is null for an empty one', () => {
    const head = fromNode(4, uint16(204), uint16(0xffff), uint16(1), 0xa0, 6, uint16(0xffff));
    expect(readResponse(head).events).toEqual([{ kind: 'head', status: 204, reason: '', headers: ['Location', ''] }]);
  });

  test('reads requests for the body before, between and behind what it answers', () => {
    const wanted = fromNode(6, uint16(8186));
    const { events } = readResponse(bytes(wanted, sendHeaders(), wanted, sendBodyChunk('a'), wanted, END_REUSE));
    expect(events.map(({ kind }) => kind)).toEqual(['wanted', 'head', 'wanted', 'data', 'wanted', 'end']);
    expect(events[0]).toEqual({ kind: 'wanted', most: 8186 });
  });

  test('stops behind END_RESPONSE, also when the next answer is expected at once', () => {
    const events: ResponseEvent[] = [];
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    const handler = { ...collectResponse(events), onEnd: () => reader.reset() };
    const two = bytes(ANSWER, ANSWER);
    expect(reader.read(two, 0, two.length, handler)).toBe(ANSWER.length);
    expect(reader.read(two, ANSWER.length, two.length, handler)).toBe(two.length);
    expect(reader.violation).toBeNull();
  });

  test('reads a CPONG and the answer behind it, when both were asked for in one write', () => {
    const events: ResponseEvent[] = [];
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    const collect = collectResponse(events);
    reader.expectPong();
    const handler = {
      ...collect,
      onPong: () => {
        collect.onPong();
        reader.reset();
      },
    };
    const both = bytes(fromNode(9), ANSWER);
    expect(reader.read(both, 0, both.length, handler)).toBe(both.length);
    expect(events.map(({ kind }) => kind)).toEqual(['pong', 'head', 'data', 'end']);
  });

  test.each([
    ['its first bytes', ANSWER.subarray(0, 3)],
    ['a request for the body', fromNode(6, uint16(1))],
    ['its head', sendHeaders()],
    ['a part of its data', ANSWER.subarray(0, sendHeaders().length + 9)],
    ['all but its end', ANSWER.subarray(0, ANSWER.length - 1)],
    ['a violation', fromNode(99)],
    ['a whole answer', ANSWER],
  ])('reads an answer of another connection when of this one %s came', (_what, part) => {
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    readResponse(part, undefined, reader);
    reader.reset();
    expect(readResponse(ANSWER, undefined, reader)).toEqual(readResponse(ANSWER));
    expect(reader.violation).toBeNull();
  });

  test.each([8192, 16384, 65536])('reads packets of %i bytes, and none larger', (packetBytes) => {
    const payload = Math.min(packetBytes - 4, 0xffff);
    const large = bytes('AB', uint16(payload), 3, uint16(payload - 4), 'x'.repeat(payload - 4), 0);
    const reader = new AjpResponseReader({ packetBytes });
    expect(readResponse(bytes(sendHeaders(), large, END_REUSE), 1000, reader).events).toHaveLength(3);
    if (packetBytes === 65536) return;
    const larger = bytes('AB', uint16(payload + 1), 3);
    const other = new AjpResponseReader({ packetBytes });
    expect(readResponse(bytes(sendHeaders(), larger), undefined, other).violation).toBe(AJP_VIOLATION.packetTooLong);
  });

  test('takes as many headers as it was told', () => {
    const head = sendHeaders({
      headerCount: 2,
      headers: bytes(ajpText('A'), ajpText('1'), ajpText('A'), ajpText('2')),
    });
    const reads = (maxHeaders: number) =>
      readResponse(head, undefined, new AjpResponseReader({ packetBytes: 8192, maxHeaders })).violation;
    expect(reads(2)).toBeNull();
    expect(reads(1)).toBe(AJP_VIOLATION.tooManyHeaders);
  });

  test('reads within the bounds that it is given', () => {
    const padded = bytes('junk', ANSWER, 'junk');
    const events: ResponseEvent[] = [];
    const reader = new AjpResponseReader({ packetBytes: 8192 });
    expect(reader.read(padded, 4, 4 + ANSWER.length, collectResponse(events))).toBe(4 + ANSWER.length);
    expect(events).toEqual(readResponse(ANSWER).events);
  });
});

describe('the reader of requests', () => {
  const post = (length: string): Buffer =>
    forwardRequest({ method: 4, headerCount: 1, headers: bytes(0xa0, 8, ajpText(length)) });

  /** Reads packets one by one; `ask` before a packet stands for a GET_BODY_CHUNK. */
  function read(...steps: readonly (Buffer | 'ask')[]): string[] {
    const events: RequestEvent[] = [];
    const reader = new AjpRequestReader({ packetBytes: 8192 });
    const handler = collectRequest(events);
    for (const step of steps) {
      if (step === 'ask') reader.expectBody();
      else reader.read(step, 0, step.length, handler);
    }
    expect(reader.violation).toBeNull();
    return events.map((event) => (event.kind === 'body' ? `body ${event.bytes}` : event.kind));
  }

  test.each<[what: string, steps: (Buffer | 'ask')[], events: string[]]>([
    ['comes unasked in one packet', [post('2'), toNode(uint16(2), 'ok')], ['request', 'body ok', 'body-end']],
    [
      'comes in two packets, the second asked for',
      [post('4'), toNode(uint16(2), 'ok'), 'ask', toNode(uint16(2), 'ok')],
      ['request', 'body ok', 'packet-end', 'body ok', 'body-end'],
    ],
    [
      'is asked for once more than there is of it',
      [post('2'), toNode(uint16(2), 'ok'), 'ask', EMPTY_BODY_PACKET, toNode(10)],
      ['request', 'body ok', 'body-end', 'packet-end', 'cping'],
    ],
    [
      'is shorter than announced',
      [post('9'), toNode(uint16(2), 'ok'), 'ask', EMPTY_BODY_PACKET],
      ['request', 'body ok', 'packet-end', 'body-end'],
    ],
    ['ends with a packet without payload', [post('9'), toNode()], ['request', 'body-end']],
    ['of length 0 does not come', [post('0'), toNode(10)], ['request', 'cping']],
    ['without a length comes only when asked for', [forwardRequest(), toNode(10)], ['request', 'cping']],
    [
      'without a length ends with an empty packet',
      [forwardRequest({ method: 4 }), 'ask', toNode(uint16(2), 'ok'), 'ask', EMPTY_BODY_PACKET],
      ['request', 'body ok', 'packet-end', 'body-end'],
    ],
    [
      'that nobody read does not hide the next request',
      [post('9000'), toNode(uint16(2), 'ok'), forwardRequest()],
      ['request', 'body ok', 'packet-end', 'request'],
    ],
  ])('a body %s', (_what, steps, events) => {
    expect(read(...steps)).toEqual(events);
    const byBytes = steps.flatMap((step): (Buffer | 'ask')[] =>
      step === 'ask' ? [step] : Array.from(step, (_byte, at) => step.subarray(at, at + 1)),
    );
    expect(read(...byBytes)).toEqual(events);
  });

  test('reads a CPING, a request and a SHUTDOWN in one buffer', () => {
    expect(read(bytes(toNode(10), forwardRequest(), forwardRequest(), toNode(7)))).toEqual([
      'cping',
      'request',
      'request',
      'shutdown',
    ]);
  });

  test('says how long the body is', () => {
    const events: RequestEvent[] = [];
    const reader = new AjpRequestReader({ packetBytes: 8192 });
    const packets = bytes(forwardRequest(), post('0'), post('12'));
    reader.read(packets, 0, packets.length, collectRequest(events));
    expect(events.map((event) => event.kind === 'request' && event.contentLength)).toEqual([-1, 0, 12]);
  });

  test('keeps the name of a header as it was spelled out', () => {
    const headers = bytes(ajpText('X-A'), ajpText('b'), ajpText('host'), ajpText('c'));
    const events: RequestEvent[] = [];
    const reader = new AjpRequestReader({ packetBytes: 8192 });
    const packet = forwardRequest({ headerCount: 2, headers });
    reader.read(packet, 0, packet.length, collectRequest(events));
    expect(events[0]).toMatchObject({
      request: {
        headers: [
          ['X-A', 'b'],
          ['host', 'c'],
        ],
      },
    });
  });
});
