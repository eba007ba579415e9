import { errorAnswer } from '../answers.ts';
import type { Shared } from '../shared.ts';
import type { Arrival } from './arrival.ts';
import type { ListenerRole } from './bindings.ts';
import type { ClientPeer } from './client-peer.ts';
import { sayAndClose } from './turn-away.ts';

/** First bytes of a record with a message of the handshake (RFC 8446 §5.1): its type, and the major version. */
export const HANDSHAKE_RECORD = 22;
const TLS_MAJOR_VERSION = 3;
/**
 * A fatal alert, unexpected_message (RFC 8446 §6): what a client of TLS understands, unlike an answer in HTTP.
 * handshake_failure would send who reads it after ciphers and certificates.
 */
export const ALERT = '\x15\x03\x01\x00\x02\x02\x0a';
/** A client that is set up wrongly tries again and again; one line says all. */
const TELL_EVERY_MS = 60_000;
const MOST_FIRST_BYTES = 32;

/** Whether bytes that should be the head of a request begin TLS. No method of HTTP begins like that. @param text latin1 */
export function beginsTls(text: string): boolean {
  return text.charCodeAt(0) === HANDSHAKE_RECORD && (text.length === 1 || text.charCodeAt(1) === TLS_MAJOR_VERSION);
}

/** Counts a client that speaks TLS at a port without, and says so where it will be looked for: at most once a minute. */
export function spokeTls(shared: Shared, role: ListenerRole, { remoteAddress, localPort }: ClientPeer): void {
  const listener = role.traffic ? 'web' : 'mcmp';
  shared.traffic.wrongProtocol[listener].tls++;
  const { nowMs } = shared.clock;
  if (nowMs - shared.toldOfTlsAtMs[listener] < TELL_EVERY_MS) return;
  shared.toldOfTlsAtMs[listener] = nowMs;
  shared.log.warn('A client speaks TLS at a port without TLS', {
    peer: remoteAddress,
    port: localPort,
    hint: role.traffic
      ? 'clients use http:// here; for https:// start mcmp serve with --listen-tls CERT,KEY'
      : 'nodes need SSL off in their mod_cluster settings; or start mcmp serve with --mcmp-tls CERT,KEY',
  });
}

/** How both versions of a header of the PROXY protocol begin (its §2); empty lines before a request may be gone already. */
const PROXY_HEADER = /^(?:PROXY (?:TCP[46]|UNKNOWN)|(?:\r\n)*\0\r\nQUIT)/;

/**
 * Whoever is turned away may be a proxy whose header nobody awaits: says so at most once a minute, for the answer speaks of
 * requests, and the proxy shows it to nobody.
 *
 * @param text the first bytes, latin1
 */
export function tellOfProxyHeader(shared: Shared, { remoteAddress, localPort }: ClientPeer, text: string): void {
  const { nowMs } = shared.clock;
  if (nowMs - shared.toldOfProxyStrangerAtMs < TELL_EVERY_MS || !PROXY_HEADER.test(text)) return;
  shared.toldOfProxyStrangerAtMs = nowMs;
  shared.log.warn('A client begins with a header of the PROXY protocol where none is awaited', {
    peer: remoteAddress,
    port: localPort,
    hint: 'if it is a proxy of yours, name it in --proxy-protocol (addresses for web traffic only), or let it send none',
  });
}

/** Somebody speaks without TLS where TLS is spoken: is told so in HTTP, if it looks like that. */
export function answerPlainText(shared: Shared, { socket, peer }: Arrival, role: ListenerRole, first: Buffer): void {
  shared.traffic.wrongProtocol[role.traffic ? 'web' : 'mcmp'].plain++;
  const where = { peer: peer.remoteAddress, port: peer.localPort };
  shared.log[role.traffic ? 'debug' : 'info']('A client speaks without TLS at a port for TLS', where);
  tellOfProxyHeader(shared, peer, first.toString('latin1', 0, MOST_FIRST_BYTES));
  if (!isLetter(first[0])) {
    socket.destroy();
    return;
  }
  const shape = { head: false, keepAlive: false };
  sayAndClose(socket, errorAnswer(400, 'this port speaks TLS; use https', 'tls-port', shape));
}

/** Methods begin with one. */
function isLetter(byte = 0): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}
