import { describe, expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { startNode } from '../support/node-server.ts';
import {
  CODE,
  FLAG,
  FRAME,
  fieldBlock,
  frame,
  getFields,
  headFrames,
  keptField,
  openRawHttp2,
  type RawHttp2,
  u32,
} from '../support/raw-http2.ts';
import { startScriptedNode } from '../support/scripted-node.ts';
import { waitFor } from '../support/wait-for.ts';

/** Frames of an attack that are sent at once. */
const BATCH = 1000;

/** A balancer with a node, and how to see that it still serves others. */
async function victim(): Promise<{ lb: TestBalancer; others: () => Promise<number> }> {
  const lb = await startTestBalancer({ h2c: true });
  const node = await startNode('n1');
  await lb.register('n1', node.port);
  return {
    lb,
    async others() {
      const client = await openRawHttp2(lb.port);
      client.get(1, '/app/other');
      return await client.status(1);
    },
  };
}

/** Sends batches until the balancer has had enough, or so many bytes went out. */
async function flood(client: RawHttp2, batch: Buffer, mostBytes = 64 * 1024 * 1024): Promise<void> {
  let sent = 0;
  while (!client.closed && !client.has(FRAME.goaway) && sent < mostBytes) {
    sent += batch.length;
    if (!client.socket.write(batch)) {
      await new Promise<void>((resolve) => {
        client.socket.once('drain', resolve).once('close', () => resolve());
      });
    }
    await new Promise(setImmediate);
  }
}

function repeated(one: Buffer, count = BATCH): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => one));
}

/** Requests that are cancelled at once. */
function resets(from: number, count: number, path: string): Buffer {
  const block = fieldBlock(getFields(path));
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => {
      const stream = from + 2 * i;
      return Buffer.concat([
        frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, stream, block),
        frame(FRAME.rstStream, 0, stream, u32(CODE.cancel)),
      ]);
    }),
  );
}

describe('a client that makes work for nothing is told to calm down, and others are served', () => {
  it('CVE-2023-44487, CVE-2023-45802 (rapid reset): hundreds of requests that are cancelled at once', async () => {
    const { lb, others } = await victim();
    const client = await openRawHttp2(lb.port);
    for (let i = 0; i < 40 && !client.has(FRAME.goaway); i++) {
      client.send(resets(1 + i * 200, 100, '/app'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await client.goaway()).toBe(CODE.calm);
    expect(await others()).toBe(200);
  });

  it('CVE-2025-9784 (MadeYouReset): streams that the client makes us reset', async () => {
    const { lb, others } = await victim();
    const slow = await startScriptedNode(() => {});
    await lb.register('slow', slow.port, { contexts: '/slow', load: 100 });
    const client = await openRawHttp2(lb.port);
    const block = fieldBlock(getFields('/slow'));
    for (let i = 0; i < 40 && !client.has(FRAME.goaway); i++) {
      for (let k = 0; k < 50; k++) {
        const stream = 1 + 2 * (i * 50 + k);
        client.send(
          frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, stream, block),
          frame(FRAME.windowUpdate, 0, stream, u32(0)),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await client.goaway()).not.toBe(CODE.noError);
    expect(await others()).toBe(200);
  });

  it.each([
    ['CVE-2019-9512 (ping flood)', frame(FRAME.ping, 0, 0, 'eightbyt')],
    ['CVE-2019-9515 (settings flood)', frame(FRAME.settings, 0, 0)],
    [
      'CVE-2019-9513 (priorities are changed without end)',
      frame(FRAME.priority, 0, 1, Buffer.concat([u32(3), Buffer.from([7])])),
    ],
    ['window updates without end', frame(FRAME.windowUpdate, 0, 0, u32(1))],
    ['frames of a type that nobody knows', frame(0xbe, 0, 0, 'x')],
  ])('%s', async (_name, one) => {
    const { lb, others } = await victim();
    // What comes back is not read: the answers to such frames must not pile up either.
    const client = await openRawHttp2(lb.port);
    await flood(client, repeated(one));
    await waitFor(() => client.closed || client.has(FRAME.goaway));
    if (client.has(FRAME.goaway)) expect(await client.goaway()).not.toBe(CODE.noError);
    expect(await others()).toBe(200);
  });

  it('CVE-2019-9518 (empty frames): DATA without bytes', async () => {
    const { lb, others } = await victim();
    const client = await openRawHttp2(lb.port);
    const fields: [string, string][] = [[':method', 'POST'], ...getFields('/app').slice(1)];
    client.send(frame(FRAME.headers, FLAG.endHeaders, 1, fieldBlock(fields)));
    await flood(client, repeated(frame(FRAME.data, 0, 1)));
    await waitFor(() => client.closed || client.has(FRAME.goaway));
    expect(await others()).toBe(200);
  });

  it('padding: frames with 255 bytes of it and one of data', async () => {
    const { lb, others } = await victim();
    const client = await openRawHttp2(lb.port);
    const fields: [string, string][] = [[':method', 'POST'], ...getFields('/app').slice(1)];
    client.send(
      frame(FRAME.headers, FLAG.endHeaders, 1, fieldBlock(fields)),
      // The client may send as much as it likes: what is taken is at once given back.
      frame(FRAME.settings, FLAG.ack, 0),
    );
    const padded = frame(FRAME.data, FLAG.padded, 1, Buffer.concat([Buffer.from([255]), Buffer.alloc(256)]));
    await flood(client, repeated(padded, 200), 16 * 1024 * 1024);
    await waitFor(() => client.closed || client.has(FRAME.goaway) || client.has(FRAME.rstStream));
    expect(await others()).toBe(200);
  });

  it('CVE-2024-27316, CVE-2019-9516 (CONTINUATION flood): a head that never ends', async () => {
    const { lb, others } = await victim();
    const client = await openRawHttp2(lb.port);
    client.send(frame(FRAME.headers, FLAG.endStream, 1, fieldBlock(getFields('/app'))));
    await flood(client, repeated(frame(FRAME.continuation, 0, 1, fieldBlock([['x', 'y'.repeat(100)]])), 20));
    await waitFor(() => client.closed || client.has(FRAME.goaway));
    expect(await others()).toBe(200);
  });

  it('CVE-2019-9516 (headers of no length): hundreds of fields without name or value', async () => {
    const { lb, others } = await victim();
    const client = await openRawHttp2(lb.port);
    const empty = Array.from({ length: 3000 }, (): [string, string] => ['', '']);
    client.send(
      frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, fieldBlock([...getFields('/app'), ...empty])),
    );
    await waitFor(() => client.closed || client.frames.some(({ stream }) => stream === 1) || client.has(FRAME.goaway));
    expect(await others()).toBe(200);
  });
});

describe('a head has its limits', () => {
  it('CVE-2021-3859: one that is somewhat too long is answered with 431, and the connection goes on', async () => {
    const { lb } = await victim();
    const client = await openRawHttp2(lb.port);
    client.get(1, '/app', ['x-long', 'v'.repeat(16_400)]);
    expect(await client.status(1)).toBe(431);
    client.get(3, '/app');
    await client.next(FRAME.data, 3);
  });

  it('one that is much too long ends its stream, and the connection goes on', async () => {
    const { lb } = await victim();
    const client = await openRawHttp2(lb.port);
    // Node.js keeps a client to the limit from the moment that it has taken our settings.
    await client.next(FRAME.settings);
    client.get(1, '/app');
    await client.next(FRAME.data, 1);
    const long = Array.from({ length: 4 }, (_, i): [string, string] => [`x-${i}`, 'v'.repeat(12_000)]);
    const block = fieldBlock([...getFields('/app'), ...long]);
    client.send(headFrames(3, block));
    const { payload } = await client.next(FRAME.rstStream, 3);
    expect(payload.readUInt32BE(0)).toBe(CODE.calm);
    client.get(5, '/app');
    await client.next(FRAME.data, 5);
  });

  it('one that is much too long, of a client that never took our settings, is answered with 431', async () => {
    const { lb } = await victim();
    const client = await openRawHttp2(lb.port, undefined, false);
    // 300 times an entry of the table: little to send, much to unpack.
    const block = Buffer.concat([
      fieldBlock(getFields('/app')),
      keptField('x', 'v'.repeat(3900)),
      Buffer.alloc(300, 0x80 | 62),
    ]);
    client.send(frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, block));
    expect(await client.status(1)).toBe(431);
  });

  it('one with too many fields is answered with 431', async () => {
    const { lb } = await victim();
    const client = await openRawHttp2(lb.port);
    client.get(1, '/app', ...Array.from({ length: 210 }, (_, i): [string, string] => [`x-${i}`, '1']));
    expect(await client.status(1)).toBe(431);
  });

  it('CVE-2024-4109: nothing of one request stands in the next, on this connection or another', async () => {
    const { lb } = await victim();
    const node = await startNode('echo', (request, response) => response.end(JSON.stringify(request.headers)));
    await lb.register('echo', node.port, { contexts: '/echo' });
    const ask = async (client: RawHttp2, stream: number, block: Buffer): Promise<string> => {
      client.send(frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, stream, block));
      return (await client.next(FRAME.data, stream)).payload.toString();
    };
    const first = await openRawHttp2(lb.port);
    const second = await openRawHttp2(lb.port);
    const plain = fieldBlock(getFields('/echo'));
    // Kept in the table of the first connection; index 62 means it there, and nothing at all on the second.
    const withSecret = Buffer.concat([plain, keptField('x-secret', 'first')]);
    expect(await ask(first, 1, withSecret)).toContain('"x-secret":"first"');
    expect(await ask(first, 3, plain)).not.toContain('x-secret');
    expect(await ask(first, 5, Buffer.concat([plain, Buffer.from([0x80 | 62])]))).toContain('"x-secret":"first"');
    expect(await ask(second, 1, plain)).not.toContain('x-secret');
    second.send(
      frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 3, Buffer.concat([plain, Buffer.from([0x80 | 62])])),
    );
    await second.goaway();
  });
});
