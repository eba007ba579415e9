import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { ClientConnection } from '../client-connection.ts';
import type { Arrival } from '../front/arrival.ts';
import type { ListenerRole } from '../front/bindings.ts';
import type { ClientPeer } from '../front/client-peer.ts';
import type { TlsEnd } from '../front/tls-end.ts';
import type { Shared } from '../shared.ts';
import type { GoawayReason } from './counts.ts';
import { Patience } from './patience.ts';
import { createRequestText, printRequest, type RequestOrigin } from './request-text.ts';
import { sessionOptions } from './settings.ts';
import { type StreamOwner, StreamWire } from './stream-wire.ts';
import { acceptOf, newWebsocketKey } from './websocket.ts';

/** How long a peer may take to close its side of a connection that was ended. */
const CLOSE_MS = 2000;
const KEEP_ALIVE_MS = 60_000;

/** Each request is printed and handed on before the next one comes. */
const request = createRequestText();

/**
 * One connection that speaks HTTP/2: each of its streams becomes a client connection of its own, which carries one request.
 * Node.js reads and writes the frames; what a peer may cost is decided here.
 */
export class Http2ClientSession implements StreamOwner {
  readonly role: ListenerRole;
  readonly #shared: Shared;
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #peer: ClientPeer;
  readonly #origin: RequestOrigin;
  readonly #patience: Patience;
  /** Requests that were not refused at once. */
  readonly #running = new Set<StreamWire>();
  #heardSettings = false;
  /** When the client has to have sent its settings, and taken ours: until then Node.js does not keep it to all of them. */
  readonly #settledByMs: number;
  #lastUsedMs: number;
  /** When the socket is destroyed if it still is not closed; 0: it is not being closed. */
  #closeByMs = 0;
  #broken = false;
  /** The client closed its side: it may take answers, but says nothing any more. */
  #ended = false;

  /**
   * @param arrival nothing else reads from its socket
   * @param end of TLS that it was led through, if it is encrypted
   */
  constructor(shared: Shared, { socket, peer, first }: Arrival, role: ListenerRole, end: TlsEnd | null) {
    this.role = role;
    this.#shared = shared;
    this.#socket = socket;
    this.#peer = { ...peer, httpVersion: '2' };
    const scheme = peer.tls === null ? 'http' : 'https';
    const trusted = shared.options.trustProxy.length > 0 && shared.trustedProxy(peer.remoteAddress);
    const serverName = peer.tls?.serverName ?? '';
    this.#origin = {
      scheme,
      anyScheme: trusted,
      isMeantHere: (host) => end === null || end.isOneCertificate(serverName, nameOf(host)),
    };
    this.#lastUsedMs = shared.clock.nowMs;
    this.#settledByMs = shared.clock.nowMs + shared.options.headerTimeoutMs;
    this.#patience = new Patience(shared.clock.nowMs);
    if (first !== null) socket.unshift(first);
    const { options, settings, windowBytes } = sessionOptions(shared.options.maxHeadBytes);
    const session = performServerHandshake(socket, { ...options, settings });
    this.#session = session;
    session.setLocalWindowSize(windowBytes);
    shared.http2.sessions.add(this);
    shared.http2.counts.sessions++;
    session.on('stream', (stream, _headers, flags, ...more: unknown[]) => {
      this.#accept(stream, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0, more[0]);
    });
    session.on('remoteSettings', () => {
      this.#heardSettings = true;
      this.#patience.answeredFrame();
    });
    session.on('ping', () => this.#patience.answeredFrame());
    session.on('error', () => {
      this.#broken = true;
    });
    socket.once('end', () => {
      this.#ended = true;
      for (const stream of [...this.#running]) stream.connectionEnded();
    });
    // Node.js takes its own listener away before it destroys a socket with an error. 'close' follows.
    socket.on('error', () => {});
    socket.once('close', () => this.#gone());
  }

  // ---- what its streams tell -----------------------------------------------------------------------------------------

  onData(bytes: number): void {
    this.#patience.data(bytes);
  }

  onStreamOver(stream: StreamWire, whole: boolean): void {
    const { counts } = this.#shared.http2;
    this.#running.delete(stream);
    counts.streams--;
    counts.streamsOver[whole ? 'answered' : 'reset']++;
    this.#patience.streamOver(whole);
    this.#lastUsedMs = this.#shared.clock.nowMs;
  }

  keepAlive(): void {
    if (!this.#socket.destroyed) this.#socket.setKeepAlive(true, KEEP_ALIVE_MS);
  }

  // ---- its life ------------------------------------------------------------------------------------------------------

  /** Called at each tick of the clock. */
  tick(): void {
    const { clock, options } = this.#shared;
    const { nowMs } = clock;
    if (this.#closeByMs > 0) {
      if (nowMs >= this.#closeByMs && this.#running.size === 0) this.#socket.destroy();
      return;
    }
    if (this.#session.destroyed) {
      this.#closeByMs = nowMs + CLOSE_MS;
      return;
    }
    if (this.#ended && this.#running.size === 0) {
      this.#session.close();
      this.#closeByMs = nowMs + CLOSE_MS;
      return;
    }
    const { bytesRead, bytesWritten } = this.#socket;
    const quietMs = nowMs - this.#lastUsedMs;
    if (!this.#patience.settle(nowMs, bytesRead, bytesWritten, this.#waitingBytes)) {
      this.#cut('calm', constants.NGHTTP2_ENHANCE_YOUR_CALM);
    } else if (nowMs >= this.#settledByMs && (!this.#heardSettings || this.#session.pendingSettingsAck)) {
      this.#cut('no-settings', constants.NGHTTP2_SETTINGS_TIMEOUT);
    } else if (this.#running.size === 0 && quietMs > options.idleTimeoutMs) this.#leave('idle');
    // Its handshake ended after all others had been told.
    else if (this.#shared.closing && this.role.traffic) this.#leave('closing');
  }

  readonly #waitingBytes = (): number => {
    let bytes = 0;
    for (const stream of this.#running) bytes += stream.unreadBytes;
    return bytes;
  };

  /** Takes no more requests; ends when those that run are answered. */
  closeWhenIdle(): void {
    this.#leave('closing');
  }

  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  /** Says GOAWAY; running streams go on. */
  #leave(reason: GoawayReason): void {
    if (this.#closeByMs > 0 || this.#session.closed || this.#session.destroyed) return;
    this.#shared.http2.counts.goaways[reason]++;
    this.#session.close();
    this.#closeByMs = this.#shared.clock.nowMs + CLOSE_MS;
  }

  /** Says why, and ends with everything that runs. */
  #cut(reason: GoawayReason, code: number): void {
    this.#shared.http2.counts.goaways[reason]++;
    this.#shared.log.debug('An HTTP/2 connection was cut off', { client: this.#peer.remoteAddress, reason });
    // Without an error Node.js would say NO_ERROR, whatever the code.
    this.#session.destroy(new Error(`HTTP/2 connection cut off: ${reason}`), code);
    this.#closeByMs = this.#shared.clock.nowMs + CLOSE_MS;
  }

  #gone(): void {
    const { http2 } = this.#shared;
    if (!http2.sessions.delete(this)) return;
    http2.counts.sessions--;
    if (this.#broken && this.#closeByMs === 0) http2.counts.goaways.broken++;
  }

  // ---- a request -----------------------------------------------------------------------------------------------------

  #accept(stream: ServerHttp2Stream, ends: boolean, fields: unknown): void {
    const shared = this.#shared;
    const { counts } = shared.http2;
    // Told to nobody else, for a stream may fail before anybody has it; 'close' follows.
    stream.on('error', () => {});
    if (stream.destroyed || !Array.isArray(fields)) return;
    this.#lastUsedMs = shared.clock.nowMs;
    if ((shared.closing && this.role.traffic) || counts.streams >= shared.options.maxConnections) {
      counts.streamsOver.refused++;
      this.#patience.streamOver(false);
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return;
    }
    counts.streams++;
    let key = '';
    const violation = printRequest(
      fields,
      ends,
      this.#origin,
      () => {
        key = newWebsocketKey();
        return key;
      },
      request,
    );
    if (violation !== null) {
      request.framing = 'none';
      request.text = '';
    }
    this.#patience.headers(request.text.length);
    const accept = key === '' ? '' : acceptOf(key);
    const connection = new ClientConnection(shared, this.#peer, this.role, (handler) => {
      const wire = new StreamWire(handler, this, stream, request, accept);
      this.#running.add(wire);
      return wire;
    });
    if (violation !== null) connection.refuse(violation);
    else if (connection.wire instanceof StreamWire) connection.wire.begin(ends);
  }
}

/** Without the port; an address in brackets has no certificate of its own by name. */
function nameOf(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon === -1 ? host : host.slice(0, colon);
}
