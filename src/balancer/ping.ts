import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { formatAddress } from '../core/address.ts';
import { CPING, CPONG } from '../core/ajp/index.ts';
import type { NodeRecord } from '../core/cluster/records.ts';
import { isEncryptedType } from '../core/mcmp/connector-types.ts';
import { LONGEST_DURATION_MS } from '../core/mcmp/duration.ts';
import { connectionFailureInWords } from './connection-failure.ts';
import { addressOf, isPort, isServed, notServed } from './transports.ts';
import type { TlsDialler } from './upstream-tls.ts';

/** `reachable` with the reason in words, or without one. */
export interface PingResult {
  readonly reachable: boolean;
  /** For people: what happened. Empty when reachable. */
  readonly reason: string;
}

export interface PingManners {
  /** httpd 1.x and 2.x ping with HTTP/1.0 and without Host (reference §5.2). */
  readonly httpVersion: '1.0' | '1.1';
  /** The name alone (Undertow), with the port, or none. */
  readonly host: 'none' | 'name' | 'name-and-port';
  readonly userAgent: string;
}

const REACHABLE: PingResult = { reachable: true, reason: '' };

/**
 * Asks a node whether it is alive (reference §5.2): `OPTIONS *`, where any first response line is a yes. An HTTP server
 * that closes on it without a word gets a second chance by a mere connect: it is alive, it only does not know the request.
 * Encrypted nodes are verified as for requests, with a whole handshake each time: a node whose certificate fails is not well.
 *
 * @param timeoutMs for the whole ping
 */
export async function pingNode(
  node: NodeRecord,
  timeoutMs: number,
  manners: PingManners,
  tls: TlsDialler,
): Promise<PingResult> {
  if (!isServed(node)) return { reachable: false, reason: notServed(node) };
  const { host, port } = addressOf(node);
  return await pingAddress(node.type, host, port, timeoutMs, manners, tls);
}

/**
 * As `pingNode`, for an address without a node (`PING Scheme=…&Host=…&Port=…`): CPING for ajp, a plain connect for schemes
 * that nobody knows.
 */
export async function pingAddress(
  scheme: string,
  host: string,
  port: number,
  timeoutMs: number,
  manners: PingManners,
  tls: TlsDialler,
): Promise<PingResult> {
  if (!isPort(port)) return { reachable: false, reason: `port '${port}' is not a TCP port` };
  const startedMs = performance.now();
  if (scheme === 'ajp') {
    return await ask({ host, port, tls: null }, timeoutMs, CPING, (received) =>
      received.length < CPONG.length ? undefined : received.subarray(0, CPONG.length).equals(CPONG),
    );
  }
  const encrypted = isEncryptedType(scheme);
  const dial = { host, port, tls: encrypted ? tls : null };
  if (!encrypted && scheme !== 'http' && scheme !== 'ws') return await ask(dial, timeoutMs, null, () => undefined);
  const authority = manners.host === 'name' ? hostAlone(host) : formatAddress({ host, port });
  const question =
    `OPTIONS * HTTP/${manners.httpVersion}\r\n` +
    (manners.host === 'none' ? '' : `Host: ${authority}\r\n`) +
    `User-Agent: ${manners.userAgent}\r\n` +
    (manners.httpVersion === '1.1' ? 'Connection: close\r\n' : '') +
    '\r\n';
  const answer = await ask(dial, timeoutMs, Buffer.from(question, 'latin1'), looksLikeHttp);
  if (answer.reachable || answer.reason !== CLOSED_SILENTLY) return answer;
  const leftMs = Math.max(1, timeoutMs - (performance.now() - startedMs));
  return await ask(dial, leftMs, null, () => undefined);
}

/** IPv6 in brackets, as Host has it without a port too (RFC 9110 §7.2). */
function hostAlone(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function looksLikeHttp(received: Buffer): boolean | undefined {
  if (received.length < 5) return undefined;
  return received.toString('latin1', 0, 5) === 'HTTP/';
}

/** A TLS alert (RFC 8446 §5.1), which is how TLS ports answer whoever does not speak it. */
const TLS_ALERT = '\x15\x03';
/** How packets of AJP from a node begin. */
const AJP_MAGIC = 'AB';

/** What a node answered that was asked in the protocol of its Type, and does not speak that. */
function otherProtocolInWords(received: Buffer): string {
  const first = received.toString('latin1', 0, 5);
  const spoken = first.startsWith(TLS_ALERT)
    ? 'TLS: register it as https'
    : first === 'HTTP/'
      ? 'HTTP: register it as http'
      : first.startsWith(AJP_MAGIC)
        ? 'AJP: register it as ajp'
        : undefined;
  const answered = 'answered, but not in the protocol it registered with';
  return spoken === undefined ? answered : `${answered}; it speaks ${spoken}`;
}

const CLOSED_SILENTLY = 'closed the connection without an answer';

interface Dial {
  readonly host: string;
  readonly port: number;
  /** Null: not encrypted. */
  readonly tls: TlsDialler | null;
}

/** The socket, and the event by which it tells that it stands. */
function dialled({ host, port, tls }: Dial): { socket: Socket; stands: 'connect' | 'secureConnect' } {
  if (tls === null) return { socket: connect({ host, port, noDelay: true }), stands: 'connect' };
  return { socket: connectTls({ ...tls.target(host, null, 0).options, host, port }), stands: 'secureConnect' };
}

/**
 * @param question sent after the connect; null: the connect itself is the answer
 * @param judge undefined: more bytes are needed
 */
function ask(
  dial: Dial,
  timeoutMs: number,
  question: Buffer | null,
  judge: (received: Buffer) => boolean | undefined,
): Promise<PingResult> {
  return new Promise((resolve) => {
    const { socket, stands } = dialled(dial);
    let received = Buffer.alloc(0);
    let asked = false;
    const settle = (result: PingResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(
      () => settle({ reachable: false, reason: `no answer within ${Math.round(timeoutMs)} ms` }),
      // Java's integers of seconds are longer than timers take.
      Math.min(timeoutMs, LONGEST_DURATION_MS),
    );
    socket.on(stands, () => {
      asked = true;
      if (question === null) settle(REACHABLE);
      else socket.write(question);
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const verdict = judge(received);
      if (verdict === undefined) return;
      settle(verdict ? REACHABLE : { reachable: false, reason: otherProtocolInWords(received) });
    });
    socket.on('end', () => {
      // An end within a handshake is told as an error, too.
      if (asked) settle({ reachable: false, reason: CLOSED_SILENTLY });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const silent = asked && error.code === 'ECONNRESET';
      settle({
        reachable: false,
        reason: silent ? CLOSED_SILENTLY : connectionFailureInWords(error, dial.host, dial.port),
      });
    });
  });
}
