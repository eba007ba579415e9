import type { Socket } from 'node:net';
import { type BackendOptions, SERVED_BY } from './backend.ts';

/** A FORWARD_REQUEST as far as cases look at it (reference §6.5); texts are byte strings. */
export interface AjpRequest {
  /** Code of the method: 1 OPTIONS, 2 GET, 4 POST. */
  readonly method: number;
  readonly protocol: string;
  readonly uri: string;
  /** Names of the known ones are spelled out, in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Attributes in their order. */
  readonly attributes: readonly AjpAttribute[];
}

export interface AjpAttribute {
  readonly code: number;
  /** Of a request attribute (code 10). */
  readonly name?: string;
  readonly value: string;
  /** How code 11 (ssl_key_size) was written; `string` for all others. */
  readonly form: 'string' | 'integer';
}

export const AJP_ATTRIBUTE = { jvmRoute: 6, request: 10, sslKeySize: 11, secret: 12 } as const;

const REQUEST_HEADERS = [
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'authorization',
  'connection',
  'content-type',
  'content-length',
  'cookie',
  'cookie2',
  'host',
  'pragma',
  'referer',
  'user-agent',
] as const;

const FORWARD_REQUEST = 2;
const CPING = 10;
const END_OF_ATTRIBUTES = 0xff;
const NO_STRING = 0xffff;

/**
 * An AJP server of ours: answers CPING, writes requests down, and answers each with 200. It takes requests without a body.
 * @param requests where they are written, `OPTIONS *` left out
 * @param problems where it is written what could not be read
 */
export function ajpBackend(requests: AjpRequest[], problems: string[], route: () => string): BackendOptions {
  return {
    raw(socket) {
      let received = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        while (received.length >= 4 && received.length >= 4 + received.readUInt16BE(2)) {
          const end = 4 + received.readUInt16BE(2);
          answer(socket, received.subarray(0, end), requests, problems, route());
          received = received.subarray(end);
        }
      });
    },
  };
}

function answer(socket: Socket, packet: Buffer, requests: AjpRequest[], problems: string[], route: string): void {
  if (packet.readUInt16BE(0) !== 0x1234) {
    problems.push(`a packet that begins with ${packet.subarray(0, 2).toString('hex')} instead of 1234`);
    socket.destroy();
    return;
  }
  if (packet[4] === CPING) {
    socket.write(Buffer.from([0x41, 0x42, 0, 1, 9]));
    return;
  }
  if (packet[4] !== FORWARD_REQUEST) return;
  try {
    const request = readForwardRequest(packet.subarray(5));
    if (request.uri !== '*') requests.push(request);
  } catch (error) {
    // A Buffer throws a RangeError where the packet ends before what was announced.
    problems.push(`a FORWARD_REQUEST that cannot be read: ${String(error)}`);
  }
  socket.write(response(route));
}

/** @param payload behind the byte that says what it is @throws RangeError when it ends too early */
export function readForwardRequest(payload: Buffer): AjpRequest {
  let at = 0;
  const byte = (): number => payload.readUInt8(at++);
  const integer = (): number => {
    at += 2;
    return payload.readUInt16BE(at - 2);
  };
  const string = (): string => {
    const length = integer();
    if (length === NO_STRING) return '';
    if (payload.readUInt8(at + length) !== 0) throw new RangeError(`a string without its end at ${at + length}`);
    at += length + 1;
    return payload.toString('latin1', at - length - 1, at - 1);
  };
  const method = byte();
  const [protocol, uri] = [string(), string()];
  // Address, host name and server name.
  for (let i = 0; i < 3; i++) string();
  integer();
  byte();
  const headers = new Map<string, string>();
  for (let left = integer(); left > 0; left--) {
    const known = payload.readUInt16BE(at) >> 8 === 0xa0 ? REQUEST_HEADERS[(integer() & 0xff) - 1] : undefined;
    headers.set(known ?? string().toLowerCase(), string());
  }
  const attributes: AjpAttribute[] = [];
  for (let code = byte(); code !== END_OF_ATTRIBUTES; code = byte()) {
    if (code === AJP_ATTRIBUTE.sslKeySize && !isStringAt(payload, at)) {
      attributes.push({ code, value: String(integer()), form: 'integer' });
    } else if (code === AJP_ATTRIBUTE.request) {
      attributes.push({ code, name: string(), value: string(), form: 'string' });
    } else {
      attributes.push({ code, value: string(), form: 'string' });
    }
  }
  return { method, protocol, uri, headers, attributes };
}

/** Whether digits with their length and their end stand there, and not two bytes of a number. */
function isStringAt(payload: Buffer, at: number): boolean {
  const length = payload.readUInt16BE(at);
  const end = at + 2 + length;
  return (
    length > 0 && end < payload.length && payload[end] === 0 && /^\d+$/.test(payload.toString('latin1', at + 2, end))
  );
}

/** SEND_HEADERS with 200, END_RESPONSE with leave to use the connection again. */
function response(route: string): Buffer {
  const headers = [
    [SERVED_BY, route],
    ['Content-Length', '0'],
  ] as const;
  const lines = headers.flatMap(([name, value]) => [ajpString(name), ajpString(value)]);
  return Buffer.concat([
    serverPacket(Buffer.concat([Buffer.from([4]), uint16(200), ajpString('OK'), uint16(headers.length), ...lines])),
    serverPacket(Buffer.from([5, 1])),
  ]);
}

const serverPacket = (payload: Buffer): Buffer => Buffer.concat([Buffer.from('AB'), uint16(payload.length), payload]);

const ajpString = (text: string): Buffer =>
  Buffer.concat([uint16(text.length), Buffer.from(text, 'latin1'), Buffer.from([0])]);

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
