import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { PieceWriter, Slices } from '../../../src/balancer/management/slices.ts';

const PIECE = 'x'.repeat(32 * 1024);
const PIECES = 100;

function* pieces(made: { count: number }): Generator<string, void> {
  for (; made.count < PIECES; made.count++) yield PIECE;
}

/** A reader that takes nothing until it is told to. */
function startDocument() {
  const made = { count: 0 };
  const reader = { unreadBytes: 0, readBytes: 0 };
  const over: unknown[] = [];
  const writer = new PieceWriter({
    stream: {
      get unreadBytes() {
        return reader.unreadBytes;
      },
      write(data) {
        reader.unreadBytes += data.length;
      },
      end() {},
      abort() {
        over.push('aborted');
      },
    },
    pieces: pieces(made),
    slices: new Slices(),
    onDone: () => over.push('done'),
    onFault: (error) => over.push(error),
  });
  const take = (): void => {
    reader.readBytes += reader.unreadBytes;
    reader.unreadBytes = 0;
    writer.drained();
  };
  return { made, reader, over, writer, take };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

it('a document waits for a reader that takes nothing, and is whole when it takes it', async () => {
  const { made, reader, over, take } = startDocument();
  await turns(2 * PIECES);
  expect(made.count).toBeLessThan(12);
  expect(reader.unreadBytes).toBeLessThanOrEqual(320 * 1024);
  for (let round = 0; round < PIECES && over.length === 0; round++) {
    take();
    await turns(2 * PIECES);
  }
  take();
  expect(over).toEqual(['done']);
  expect(reader.readBytes).toBe(PIECES * PIECE.length);
});

it('a document of a reader that has gone is made no further', async () => {
  const { made, over, writer, take } = startDocument();
  await turns(2 * PIECES);
  const before = made.count;
  writer.stop();
  take();
  await turns(2 * PIECES);
  expect([made.count, over]).toEqual([before, []]);
});
