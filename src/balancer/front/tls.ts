import type { TLSSocket } from 'node:tls';
import { errorAnswer } from '../answers.ts';
import type { Shared } from '../shared.ts';
import type { Arrival } from './arrival.ts';
import type { ListenerRole } from './bindings.ts';
import { type ClientPeer, peerTlsOf } from './client-peer.ts';
import { HANDSHAKE_TIMEOUT, type HandshakeFailure, refusedCertificate, whyFailed } from './handshake-failures.ts';
import type { TlsEnd } from './tls-end.ts';
import { sayAndClose } from './turn-away.ts';
import { answerPlainText, HANDSHAKE_RECORD } from './wrong-protocol.ts';

/**
 * Leads a connection through the handshake of TLS, for which it has `headerTimeoutMs` in all; it counts as arriving until then.
 *
 * @param serve takes the connection over, with a peer that knows of TLS
 */
export function leadThroughTls(
  shared: Shared,
  arrival: Arrival,
  end: TlsEnd,
  role: ListenerRole,
  serve: (arrival: Arrival) => void,
): void {
  const { socket, peer } = arrival;
  const listener = role.traffic ? 'web' : 'mcmp';
  const arriving = shared.arriving[listener];
  const counts = shared.traffic.tls[listener];
  const timer = setTimeout(() => {
    fail(whyFailed(HANDSHAKE_TIMEOUT, ''));
    socket.destroy();
  }, shared.options.headerTimeoutMs);
  let isOver = false;
  /** @returns whether it was not over before */
  const finish = (): boolean => {
    if (isOver) return false;
    isOver = true;
    clearTimeout(timer);
    arriving.delete(socket);
    return true;
  };
  const fail = (failure: HandshakeFailure): void => {
    if (!finish()) return;
    counts.failures[failure.reason]++;
    tellOfFailure(shared, role, peer, failure);
  };
  arriving.add(socket);
  socket.on('error', () => socket.destroy());
  let began = false;
  // From then on TLS tells of its end, and why.
  socket.once('close', () => {
    if (!began) finish();
  });
  firstBytes(arrival, (first) => {
    if (first[0] !== HANDSHAKE_RECORD) {
      finish();
      answerPlainText(shared, arrival, role, first);
      return;
    }
    socket.unshift(first);
    // Its end was read before TLS reads: who says nothing behind its first words never finishes a handshake.
    socket.once('end', () => socket.destroy());
    began = true;
    end.handshake(socket, {
      onFailed: (error) => fail(whyFailed(codeOf(error), error.message)),
      onSecure: (secure) => {
        const certificate = end.asksForCertificate ? secure.getPeerX509Certificate() : undefined;
        const refused = end.asksForCertificate ? refusedCertificate(secure, certificate, Date.now()) : undefined;
        if (refused !== undefined) {
          fail(refused);
          refuse(secure, refused);
        } else if (finish()) {
          counts[secure.isSessionReused() ? 'resumed' : 'full']++;
          serve({ socket: secure, peer: { ...peer, tls: peerTlsOf(secure, certificate) }, first: null });
        } else {
          secure.destroy();
        }
      },
    });
  });
}

/** Waits for the first bytes of a connection, unless they are there. Whoever closes without a word is no failure: a probe. */
function firstBytes({ socket, first }: Arrival, onBytes: (first: Buffer) => void): void {
  if (first !== null) {
    onBytes(first);
    return;
  }
  const onReadable = (): void => {
    const bytes: Buffer | null = socket.read();
    if (bytes === null) return;
    socket.off('readable', onReadable);
    socket.off('end', onEnd);
    onBytes(bytes);
  };
  const onEnd = (): void => {
    socket.destroy();
  };
  socket.on('readable', onReadable);
  socket.once('end', onEnd);
}

/** At an address of its own for MCMP nobody but nodes and operators knocks, and they wonder why nobody answers. */
function tellOfFailure({ log }: Shared, role: ListenerRole, peer: ClientPeer, { words }: HandshakeFailure): void {
  const level = role.traffic ? 'debug' : 'info';
  log[level]('A TLS handshake failed', { peer: peer.remoteAddress, port: peer.localPort, problem: words });
}

/**
 * The handshake is done, so the peer can be told in words that it reads, which no alert of TLS has.
 */
function refuse(secure: TLSSocket, { reason }: HandshakeFailure): void {
  const words =
    reason === 'no-certificate'
      ? 'a client certificate is required here; none was shown'
      : 'the client certificate was refused; the log of the balancer says why';
  sayAndClose(secure, errorAnswer(403, words, 'client-certificate', { head: false, keepAlive: false }));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
