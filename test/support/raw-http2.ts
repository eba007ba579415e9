import { connect, type Socket } from 'node:net';
import { freeAfter } from './cleanup.ts';
import { waitFor } from './wait-for.ts';

/** Frame types (RFC 9113 §6). */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8 } as const;

/** Error codes (RFC 9113 §7). */
export const CODE = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControl: 3,
  refused: 7,
  cancel: 8,
  calm: 11,
} as const;

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, stream: number, payload: Buffer | string = ''): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** A number as HPACK has it behind a pattern of bits (RFC 7541 §5.1). */
function hpackInteger(value: number, prefixBits: number, pattern: number): number[] {
  const most = 2 ** prefixBits - 1;
  if (value < most) return [pattern | value];
  const bytes = [pattern | most];
  let rest = value - most;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

/** Fields as literals that no table keeps (RFC 7541 §6.2.2): whatever bytes they have, they are sent. */
export function fieldBlock(fields: readonly (readonly [string, string])[]): Buffer {
  const pieces: Buffer[] = [];
  for (const [name, value] of fields) {
    pieces.push(Buffer.from([0]));
    for (const text of [name, value]) {
      const bytes = Buffer.from(text, 'latin1');
      pieces.push(Buffer.from(hpackInteger(bytes.length, 7, 0)), bytes);
    }
  }
  return Buffer.concat(pieces);
}

/** One field as a literal that is put into the table of the other side (RFC 7541 §6.2.1). */
export function keptField(name: string, value: string): Buffer {
  const block = fieldBlock([[name, value]]);
  block[0] = 0x40;
  return block;
}

/** A field block in as many frames as it needs. */
export function headFrames(stream: number, block: Buffer, flags: number = FLAG.endStream): Buffer {
  const pieces: Buffer[] = [];
  for (let from = 0; from === 0 || from < block.length; from += 16_000) {
    const ends = from + 16_000 >= block.length ? FLAG.endHeaders : 0;
    const piece = block.subarray(from, from + 16_000);
    pieces.push(
      from === 0 ? frame(FRAME.headers, flags | ends, stream, piece) : frame(FRAME.continuation, ends, stream, piece),
    );
  }
  return Buffer.concat(pieces);
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4);
  return bytes;
}

/** What a GET needs, and further fields. */
export function getFields(path: string, ...more: (readonly [string, string])[]): [string, string][] {
  return [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':authority', 'localhost'],
    [':path', path],
    ...more.map(([name, value]): [string, string] => [name, value]),
  ];
}

/** A client that sends whatever frames it is told to, and remembers those that come. */
export interface RawHttp2 {
  readonly socket: Socket;
  readonly frames: readonly Frame[];
  send(...frames: Buffer[]): void;
  /** Sends a request without a body. */
  get(stream: number, path: string, ...more: (readonly [string, string])[]): void;
  /** Waits for a frame. */
  next(type: number, stream?: number): Promise<Frame>;
  has(type: number, stream?: number): boolean;
  /** Waits for the status of a response; only of the first response of a connection it can be told for certain. */
  status(stream: number): Promise<number>;
  /** Waits for GOAWAY, and says its error code. */
  goaway(deadlineMs?: number): Promise<number>;
  /** The other side ended the connection. */
  readonly closed: boolean;
}

/**
 * @param settings first frame behind the preface; null: not even the preface is sent
 * @param takesSettings whether those of the other side are acknowledged
 */
export async function openRawHttp2(
  port: number,
  settings: Buffer | null = frame(FRAME.settings, 0, 0),
  takesSettings = true,
): Promise<RawHttp2> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.setNoDelay(true);
  freeAfter(() => {
    socket.destroy();
  });
  const frames: Frame[] = [];
  let rest = Buffer.alloc(0);
  let closed = false;
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      const [type = 0, flags = 0] = [rest[3], rest[4]];
      const stream = rest.readUInt32BE(5) & 0x7fffffff;
      frames.push({ type, flags, stream, payload: Buffer.from(rest.subarray(9, end)) });
      if (type === FRAME.settings && flags === 0 && takesSettings) socket.write(frame(FRAME.settings, FLAG.ack, 0));
      rest = rest.subarray(end);
    }
  });
  socket.on('error', () => {
    closed = true;
  });
  socket.on('close', () => {
    closed = true;
  });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const send = (...all: Buffer[]): void => {
    if (!socket.destroyed) socket.write(Buffer.concat(all));
  };
  if (settings !== null) send(Buffer.from(PREFACE, 'latin1'), settings);
  const find = (type: number, stream?: number): Frame | undefined =>
    frames.find((one) => one.type === type && (stream === undefined || one.stream === stream));
  const next = async (type: number, stream?: number, deadlineMs?: number): Promise<Frame> => {
    await waitFor(() => find(type, stream) !== undefined, deadlineMs);
    const found = find(type, stream);
    if (found === undefined) throw new Error('the frame is gone');
    return found;
  };
  return {
    socket,
    frames,
    send,
    get: (stream, path, ...more) => send(headFrames(stream, fieldBlock(getFields(path, ...more)))),
    next,
    has: (type, stream) => find(type, stream) !== undefined,
    status: async (stream) => statusOf((await next(FRAME.headers, stream)).payload),
    goaway: async (deadlineMs) => (await next(FRAME.goaway, undefined, deadlineMs)).payload.readUInt32BE(4),
    get closed() {
      return closed;
    },
  };
}

/** Of the static table (RFC 7541 appendix A), from index 8. */
const INDEXED_STATUS = [200, 204, 206, 304, 400, 404, 500];

/** Reads `:status` where it is the first field, from the static table or as a literal, as `nghttp2` prints it. */
function statusOf(block: Buffer): number {
  // Changes of the table's size may precede it.
  let at = 0;
  while (((block[at] ?? 0) & 0xe0) === 0x20) at++;
  const first = block[at] ?? 0;
  if ((first & 0x80) !== 0) return INDEXED_STATUS[(first & 0x7f) - 8] ?? 0;
  const length = block[at + 1] ?? 0;
  const value = block.subarray(at + 2, at + 2 + (length & 0x7f));
  if ((length & 0x80) === 0) return Number(value.toString('latin1'));
  const bits = Array.from(value, (byte) => byte.toString(2).padStart(8, '0')).join('');
  let digits = '';
  for (let pos = 0; digits.length < 3; ) {
    // 0, 1 and 2 have five bits, the other digits six, from 011001 on (RFC 7541 appendix B).
    const five = Number.parseInt(bits.slice(pos, pos + 5), 2);
    const isShort = five < 3;
    digits += isShort ? five : Number.parseInt(bits.slice(pos, pos + 6), 2) - 0b011001 + 3;
    pos += isShort ? 5 : 6;
  }
  return Number(digits);
}
