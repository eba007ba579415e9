import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AjpRequestReader,
  AjpResponseReader,
  END_RESPONSE_REUSE,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
  writeForwardRequest,
  writeSendHeaders,
} from '../../../src/core/ajp/index.ts';
import { collectRequest, collectResponse, readRequests, readResponse } from './collect.ts';
import { forwardRequest, responseHeaders } from './generated-packets.ts';
import { bytes, fromNode, toNode } from './packets.ts';

const RUNS = { seed: 1313, numRuns: 1000 };

describe('whatever can be written', () => {
  test('is read as the same request, in any pieces', () => {
    fc.assert(
      fc.property(forwardRequest, fc.integer({ min: 1, max: 40 }), (request, pieceBytes) => {
        const packet = writeForwardRequest(request, 8192) ?? Buffer.alloc(0);
        const { events, violation } = readRequests(packet, pieceBytes);
        expect(violation).toBeNull();
        expect(events).toEqual([{ kind: 'request', request, contentLength: -1 }]);
      }),
      RUNS,
    );
  });

  test('is read as the same answer, in any pieces', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '\x00', '\xff', 'AB', '\r\n'), maxLength: 40 });
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        responseHeaders,
        fc.array(part, { maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        (status, headers, parts, pieceBytes) => {
          const packets = bytes(
            writeSendHeaders(status, 'Fine', headers, 8192) ?? '',
            ...parts.map((data) => bytes(sendBodyChunkHead(data.length), data, SEND_BODY_CHUNK_TAIL)),
            END_RESPONSE_REUSE,
          );
          const { events, violation, read } = readResponse(packets, pieceBytes);
          expect(violation).toBeNull();
          expect(read).toBe(packets.length);
          expect(events[0]).toEqual({ kind: 'head', status, reason: 'Fine', headers: headers.flat() });
          expect(events.flatMap((event) => (event.kind === 'data' ? event.bytes : [])).join('')).toBe(parts.join(''));
          expect(events.at(-1)).toEqual({ kind: 'end', reuse: true });
        },
      ),
      RUNS,
    );
  });
});

describe('whatever comes', () => {
  const payload = fc.array(
    fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(
        ...['\x00\x01', '\xff\xff', '\xa0\x08', 'HTTP/1.1\x00', '\x00\x02OK\x00', '\x00\x00\x00'],
        2,
        3,
        4,
        5,
        6,
        9,
        10,
      ),
    ),
    { maxLength: 30 },
  );
  const stream = fc
    .array(
      fc.oneof(
        payload.map((parts) => bytes(...parts)),
        payload.map((parts) => toNode(...parts)),
        payload.map((parts) => fromNode(...parts)),
      ),
      { maxLength: 6 },
    )
    .map((parts) => Buffer.concat(parts));

  test('is read the same in one piece and byte by byte, and never beyond its end', () => {
    fc.assert(
      fc.property(stream, (packets) => {
        // What lies behind the bytes is never looked at.
        const padded = bytes(packets, 'AB', Buffer.alloc(300, 0x41));
        const requests = readRequests(packets);
        const { events: requestsByBytes, violation } = readRequests(packets, 1);
        expect([requestsByBytes, violation]).toEqual([requests.events, requests.violation]);
        const reader = new AjpRequestReader({ packetBytes: 8192 });
        const requestEvents: (typeof requests)['events'] = [];
        expect(reader.read(padded, 0, packets.length, collectRequest(requestEvents))).toBeLessThanOrEqual(
          packets.length,
        );
        expect(requestEvents).toEqual(requests.events);

        const answers = readResponse(packets);
        const byBytes = readResponse(packets, 1);
        expect([byBytes.events, byBytes.violation]).toEqual([answers.events, answers.violation]);
        const other = new AjpResponseReader({ packetBytes: 8192 });
        const events: (typeof answers)['events'] = [];
        expect(other.read(padded, 0, packets.length, collectResponse(events))).toBeLessThanOrEqual(packets.length);
        expect(events).toEqual(answers.events);
      }),
      RUNS,
    );
  });
});
