import { HEADER, type HeaderLines, type ResponseHead } from '../../core/http/index.ts';

/** Fields as `node:http2` takes them: an object without a prototype, so that no name is special. */
export type Http2Fields = Record<string, string | string[] | number>;

/** Lines that HTTP/2 does not have (RFC 9113 §8.2.2); the others with a kind of their own pass. */
const NOT_IN_HTTP2 = new Uint8Array(32);
for (const kind of [
  HEADER.connection,
  HEADER.keepAlive,
  HEADER.proxyConnection,
  HEADER.transferEncoding,
  HEADER.te,
  HEADER.upgrade,
  HEADER.http2Settings,
]) {
  NOT_IN_HTTP2[kind] = 1;
}

/** The fields of a response head of HTTP/1.1. @param status which may be another one than that of the head */
export function responseFields(head: ResponseHead, status: number): Http2Fields {
  const fields = emptyFields();
  fields[':status'] = status;
  addLines(fields, head, status !== head.status);
  return fields;
}

/** @param lines of the head, or of the trailer section */
export function addLines(fields: Http2Fields, lines: HeaderLines, opensTunnel = false): void {
  const { text, offsets, kinds, count } = lines;
  for (let i = 0; i < count; i++) {
    if (NOT_IN_HTTP2[kinds[i] as number] === 1) continue;
    const name = text.slice(offsets[i * 4], offsets[i * 4 + 1]).toLowerCase();
    // The handshake of HTTP/1.1 has no place in that of HTTP/2 (RFC 8441 §5).
    if (opensTunnel && name === 'sec-websocket-accept') continue;
    const value = text.slice(offsets[i * 4 + 2], offsets[i * 4 + 3]);
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else fields[name] = [String(before), value];
  }
}

export function emptyFields(): Http2Fields {
  const fields: Http2Fields = Object.create(null);
  return fields;
}

/**
 * The same where each name has one value, the first. `node:http2` refuses to send some fields twice, such as Content-Type,
 * which no response may have twice; over HTTP/1.1 they pass as the node sent them.
 */
export function withFirstValues(fields: Http2Fields): Http2Fields {
  const single = emptyFields();
  for (const [name, value] of Object.entries(fields)) {
    single[name] = Array.isArray(value) && name !== 'set-cookie' ? String(value[0]) : value;
  }
  return single;
}
