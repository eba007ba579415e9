import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { MOST_RECEIVED_BYTES, openWire, type WireConnection } from '../../../src/conformance/wire/connection.ts';
import { MOST_KEPT_BYTES, type RecordedExchange } from '../../../src/conformance/wire/recorded.ts';
import { freeAfter } from '../../support/cleanup.ts';

const MEBIBYTE = 'x'.repeat(1024 * 1024);

/** Sends again and again for as long as somebody reads. */
const endless =
  (text: string) =>
  (socket: Socket): void => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(text, 'latin1'));
    };
    socket.on('drain', more);
    more();
  };

async function connectTo(
  speak: (socket: Socket) => void,
  record: (exchange: RecordedExchange) => void = () => undefined,
): Promise<WireConnection> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    speak(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  freeAfter(() => void server.close());
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const { signal } = new AbortController();
  const wire = await openWire(url, { with: 'mcmp', nowMs: () => 0, signal, record });
  freeAfter(() => wire.close());
  return wire;
}

describe('a peer that does not stop', () => {
  it.each([
    ['a body', `HTTP/1.1 200 OK\r\n\r\n`, `more than ${MOST_RECEIVED_BYTES} bytes|and so on`],
    ['heads', `HTTP/1.1 100 Continue\r\n\r\n`, 'and so on|longer than'],
  ])('is cut off in %s', async (_, begin, words) => {
    const wire = await connectTo((socket) => {
      socket.write(begin);
      endless(begin.includes('200') ? MEBIBYTE : begin.repeat(10_000))(socket);
    });
    await expect(wire.answer('INFO')).rejects.toMatchObject({ actual: expect.stringMatching(words) });
    await wire.ended();
    expect(wire.received().length).toBeLessThan(MOST_RECEIVED_BYTES + 1024 * 1024);
  });

  it('is not read for long behind an answer that cannot be read', async () => {
    const wire = await connectTo((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      endless(`X-Filler: ${'x'.repeat(4000)}\r\n`.repeat(16))(socket);
    });
    await expect(wire.answer('INFO')).rejects.toMatchObject({
      actual: expect.stringMatching(/\(its head is longer than 65536 bytes\)$/),
    });
    await wire.ended();
    expect(wire.received().length).toBeLessThan(1024 * 1024);
  });

  it('fails what waits for words that do not come', async () => {
    const exchanges: RecordedExchange[] = [];
    const wire = await connectTo(endless(MEBIBYTE), (exchange) => exchanges.push(exchange));
    await expect(wire.until('an end', (received) => received.endsWith('end'))).rejects.toMatchObject({
      actual: expect.stringContaining('more is not read'),
    });
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]?.received.length).toBeLessThan(MOST_KEPT_BYTES + 100);
  });
});

it('an answer that cannot be read is not said to have come late', async () => {
  const wire = await connectTo((socket) => void socket.write('garbage\r\n\r\n'));
  await expect(wire.answer('INFO')).rejects.toMatchObject({
    actual: `"garbage\\r\\n\\r\\n" (it begins with "garbage" instead of a status line)`,
  });
});

it('answers that come in one piece, and in pieces of a byte, are read one after the other', async () => {
  const answer = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const wire = await connectTo((socket) => {
    socket.setNoDelay(true);
    socket.write(answer('one') + answer('two') + answer('three').slice(0, 20));
    socket.once('data', () => {
      for (const byte of answer('three').slice(20)) socket.write(byte);
    });
  });
  expect(await wire.answer('INFO')).toMatchObject({ body: 'one', raw: answer('one') });
  expect(await wire.answer('INFO')).toMatchObject({ body: 'two', raw: answer('two') });
  wire.write('x');
  expect(await wire.answer('INFO')).toMatchObject({ body: 'three', raw: answer('three') });
  expect(wire.received()).toBe(answer('one') + answer('two') + answer('three'));
});
