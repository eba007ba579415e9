import type { AjpForwardRequest } from '../../../src/core/ajp/index.ts';

/** Packets put together field by field, also those that no writer of ours makes. */

export const BARE_REQUEST: AjpForwardRequest = {
  method: 'GET',
  protocol: 'HTTP/1.1',
  uri: '/',
  remoteAddress: '192.0.2.7',
  remoteHost: null,
  serverName: 'www.example.com',
  serverPort: 80,
  isSsl: false,
  headers: [],
  attributes: [],
};

/** Bytes of numbers and of byte strings, one behind the other. */
export function bytes(...parts: readonly (number | string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.from([part]) : typeof part === 'string' ? Buffer.from(part, 'latin1') : part,
    ),
  );
}

export function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** A string with its length and its end. */
export function ajpText(text: string): Buffer {
  return bytes(uint16(text.length), text, 0);
}

/** A packet of a node. */
export function fromNode(...payload: readonly (number | string | Buffer)[]): Buffer {
  const all = bytes(...payload);
  return bytes('AB', uint16(all.length), all);
}

/** A packet of a balancer. */
export function toNode(...payload: readonly (number | string | Buffer)[]): Buffer {
  const all = bytes(...payload);
  return bytes(0x12, 0x34, uint16(all.length), all);
}

/** A FORWARD_REQUEST of which some fields are put in as they are. */
export function forwardRequest(
  fields: {
    readonly method?: number;
    readonly protocol?: Buffer;
    readonly uri?: Buffer;
    readonly isSsl?: number;
    readonly headerCount?: number;
    readonly headers?: Buffer;
    readonly attributes?: Buffer;
    readonly rest?: Buffer;
  } = {},
): Buffer {
  return toNode(
    2,
    fields.method ?? 2,
    fields.protocol ?? ajpText('HTTP/1.1'),
    fields.uri ?? ajpText('/'),
    ajpText('192.0.2.7'),
    uint16(0xffff),
    ajpText('www.example.com'),
    uint16(80),
    fields.isSsl ?? 0,
    uint16(fields.headerCount ?? 0),
    fields.headers ?? '',
    fields.attributes ?? '',
    fields.rest ?? bytes(0xff),
  );
}

/** A SEND_HEADERS of which some fields are put in as they are. */
export function sendHeaders(
  fields: {
    readonly status?: number;
    readonly reason?: Buffer;
    readonly headerCount?: number;
    readonly headers?: Buffer;
  } = {},
): Buffer {
  return fromNode(
    4,
    uint16(fields.status ?? 200),
    fields.reason ?? ajpText('OK'),
    uint16(fields.headerCount ?? 0),
    fields.headers ?? '',
  );
}

/** A SEND_BODY_CHUNK as it should be. */
export function sendBodyChunk(data: string): Buffer {
  return fromNode(3, uint16(data.length), data, 0);
}

export const END_REUSE = fromNode(5, 1);
export const END_CLOSE = fromNode(5, 0);
