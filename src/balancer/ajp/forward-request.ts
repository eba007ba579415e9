import { AJP_ATTRIBUTE, ForwardRequestWriter } from '../../core/ajp/index.ts';
import { type RequestWriteOptions, writeRequestHead } from '../../core/http/index.ts';
import type { Decision } from '../../core/routing/index.ts';
import type { ClientConnection } from '../client-connection.ts';
import { fillRequestOptions } from '../forwarding.ts';
import type { PeerTls } from '../front/client-peer.ts';

const VERSION_LENGTH = ' HTTP/1.1'.length;
const SPACE = 32;
const TAB = 9;

/** Lines about a connection or its framing, which mean nothing in AJP and have been used to smuggle (CVE-2022-26377). */
const NOT_FOR_AJP: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'connection',
  'keep-alive',
  'expect',
  'te',
  'trailer',
  'upgrade',
]);
/** Their first letters by their length, as bits: hardly another name gets past that, and has to be looked at as a whole. */
const LETTERS_NOT_FOR_AJP = Uint32Array.from({ length: 32 }, (_, length) =>
  [...NOT_FOR_AJP].filter((name) => name.length === length).reduce((bits, name) => bits | letterBit(name), 0),
);

/** Writers by size of the packet; each is done with one request before the next begins. */
const writers = new Map<number, ForwardRequestWriter>();

/** How long the body is, in bytes, or why that is not known. */
export type BodyLength = number | 'as-announced' | 'unknown';

/**
 * The head that a node would get by HTTP, as one AJP packet (reference §6.5). What becomes an attribute is known from the
 * connection or was decided here; nothing that a client writes into its headers can be one (CVE-2020-1938).
 *
 * A body of unknown length is announced by a Transfer-Encoding of our own: Undertow reads no body without it, and Tomcat does
 * not look at it.
 *
 * @param length of the body
 * @returns null when it does not fit into `--ajp-packet-size`
 */
export function forwardRequest(
  client: ClientConnection,
  decision: Decision,
  options: RequestWriteOptions,
  length: BodyLength,
): Buffer | null {
  const { head, identity, peer, shared } = client;
  const { ajpPacketBytes, ajpSecret } = shared.options;
  fillRequestOptions(options, client, decision);
  options.upgrade = false;
  const text = writeRequestHead(head, options);
  const lineEnd = text.indexOf('\r\n');
  // No string is longer than its packet.
  if (lineEnd > ajpPacketBytes) return null;
  const target = text.slice(head.method.length + 1, lineEnd - VERSION_LENGTH);
  const mark = target.indexOf('?');
  const isSsl = peer.tls !== null;
  const host = head.host === '' ? options.hostForNode : head.host;
  const nameEnd = endOfName(host);

  const writer = writerOf(ajpPacketBytes);
  writer.begin(
    head.method,
    'HTTP/1.1',
    mark < 0 ? target : target.slice(0, mark),
    identity.address,
    host.slice(0, nameEnd),
    nameEnd === host.length ? defaultPort(isSsl) : Number(host.slice(nameEnd + 1)),
    isSsl,
  );
  if (!writeHeaders(writer, text, lineEnd + 2, ajpPacketBytes)) return null;
  if (length === 'unknown') writer.header('Transfer-Encoding', 'chunked');
  else if (length !== 'as-announced') writer.header('Content-Length', String(length));

  // First, as httpd has it: a node need not read on when it is wrong.
  if (ajpSecret !== '') writer.attribute(AJP_ATTRIBUTE.secret, ajpSecret);
  if (mark >= 0) writer.attribute(AJP_ATTRIBUTE.query_string, target.slice(mark + 1));
  if (decision.sessionRoute !== '') writer.attribute(AJP_ATTRIBUTE.jvm_route, decision.sessionRoute);
  if (peer.tls !== null) writeTls(writer, peer.tls);
  writer.requestAttribute('AJP_REMOTE_PORT', String(peer.remotePort));
  writer.requestAttribute('AJP_LOCAL_ADDR', peer.localAddress);
  return writer.end();
}

function writerOf(packetBytes: number): ForwardRequestWriter {
  let writer = writers.get(packetBytes);
  if (writer === undefined) {
    writer = new ForwardRequestWriter(packetBytes);
    writers.set(packetBytes, writer);
  }
  return writer;
}

/** @returns false when a value is longer than a packet */
function writeHeaders(writer: ForwardRequestWriter, text: string, from: number, packetBytes: number): boolean {
  const end = text.length - 2;
  for (let at = from; at < end; ) {
    const lineEnd = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    const name = text.slice(at, colon);
    at = lineEnd + 2;
    const letters = LETTERS_NOT_FOR_AJP[name.length] ?? 0;
    if ((letters & letterBit(name)) !== 0 && NOT_FOR_AJP.has(name.toLowerCase())) continue;
    let valueStart = colon + 1;
    let valueEnd = lineEnd;
    while (valueStart < valueEnd && isWhiteSpace(text.charCodeAt(valueStart))) valueStart++;
    while (valueEnd > valueStart && isWhiteSpace(text.charCodeAt(valueEnd - 1))) valueEnd--;
    if (lineEnd - colon > packetBytes || name.length > packetBytes) return false;
    writer.header(name, text.slice(valueStart, valueEnd));
  }
  return true;
}

/** A bit for the first letter, upper or lower case. */
function letterBit(name: string): number {
  return 1 << (name.charCodeAt(0) & 31);
}

function isWhiteSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** The names are those of mod_ssl, which servlet containers turn into the attributes of the servlet specification. */
function writeTls(writer: ForwardRequestWriter, tls: PeerTls): void {
  if (tls.certificate !== null) writer.attribute(AJP_ATTRIBUTE.ssl_cert, tls.certificate.toString());
  writer.attribute(AJP_ATTRIBUTE.ssl_cipher, tls.cipher);
  if (tls.sessionId !== '') writer.attribute(AJP_ATTRIBUTE.ssl_session, tls.sessionId);
  writer.keySize(tls.keyBits);
  writer.requestAttribute('AJP_SSL_PROTOCOL', tls.version);
}

/** Where the name of a valid host ends: at the colon before its port, or at its end. */
function endOfName(host: string): number {
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? colon : host.length;
}

function defaultPort(isSsl: boolean): number {
  return isSsl ? 443 : 80;
}
