import { constants } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls';
import { McmpError } from '../core/errors.ts';
import type { UpstreamTls } from './options.ts';

/**
 * A resumed session brings no certificate to look at (RFC 8446 §2.2). So it is not resumed for ever: what became of the node's
 * certificate is noticed after this time, if a ping did not notice before.
 */
const LONGEST_SESSION_MS = 10 * 60_000;

/** How an encrypted connection is made. */
export interface TlsTarget {
  readonly options: ConnectionOptions;
  /** Told of each session that the node offers to resume later. @param resumed it goes on from one before */
  readonly onSession: (session: Buffer, resumed: boolean) => void;
}

/** Whoever knows how encrypted connections to nodes are made. */
export interface TlsDialler {
  /**
   * @param host name or address of the node, an IPv6 address without brackets
   * @param session null: a whole handshake
   */
  target(host: string, session: KnownSession | null, nowMs: number): TlsTarget;
}

/** How https nodes are connected to, at the moment: one table of authorities and one certificate for all connections. */
export class NodeTls implements TlsDialler {
  #context: SecureContext;
  /** The same without a certificate of our own. */
  #anonymous: SecureContext;
  #insecure: boolean;

  /** @throws McmpError when OpenSSL does not take a certificate or a key */
  constructor(options: UpstreamTls) {
    this.#context = contextOf(options);
    this.#anonymous = anonymousOf(options, this.#context);
    this.#insecure = options.insecure;
  }

  /** For addresses that no node has: they are not shown who we are. */
  readonly anonymous: TlsDialler = { target: (host) => this.#target(this.#anonymous, host, null, 0) };

  /** Connections from now on follow these options; those that stand stay. @throws as the constructor; nothing changes then */
  change(options: UpstreamTls): void {
    this.#context = contextOf(options);
    this.#anonymous = anonymousOf(options, this.#context);
    this.#insecure = options.insecure;
  }

  target(host: string, session: KnownSession | null, nowMs: number): TlsTarget {
    return this.#target(this.#context, host, session, nowMs);
  }

  #target(context: SecureContext, host: string, session: KnownSession | null, nowMs: number): TlsTarget {
    const known = session?.recall(context, nowMs) ?? null;
    return {
      options: {
        secureContext: context,
        // What counts as its name; RFC 6066 §3 wants no addresses and no dot at the end in SNI.
        ...(isIP(host) === 0 ? { servername: host.endsWith('.') ? host.slice(0, -1) : host } : {}),
        ALPNProtocols: ['http/1.1'],
        rejectUnauthorized: !this.#insecure,
        ...(known === null ? {} : { session: known }),
      },
      onSession: (bytes, resumed) => session?.keep(context, bytes, resumed, nowMs),
    };
  }
}

/** The last session of one node, which spares the next connection most of its handshake. */
export class KnownSession {
  #context: SecureContext | null = null;
  #bytes: Buffer | null = null;
  /** When the certificate was looked at that this session goes back to. */
  #verifiedMs = 0;

  /** Null when there is none that goes back to the same authorities, or it is too old. */
  recall(context: SecureContext, nowMs: number): Buffer | null {
    return this.#context === context && nowMs - this.#verifiedMs < LONGEST_SESSION_MS ? this.#bytes : null;
  }

  keep(context: SecureContext, bytes: Buffer, resumed: boolean, nowMs: number): void {
    if (!resumed) this.#verifiedMs = nowMs;
    else if (this.#context !== context) return;
    this.#context = context;
    this.#bytes = bytes;
  }
}

function anonymousOf(options: UpstreamTls, context: SecureContext): SecureContext {
  return options.certificate === null ? context : contextOf({ ...options, certificate: null });
}

/**
 * RFC 8996: versions before TLS 1.2 are not to be used. A node that renegotiates would make us work again and again for
 * nothing, and could show another certificate, which nobody looks at (RFC 9325 §3.5).
 */
function contextOf({ ca, certificate }: UpstreamTls): SecureContext {
  try {
    return createSecureContext({
      minVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ...(ca === '' ? {} : { ca }),
      ...(certificate === null ? {} : { cert: certificate.cert, key: certificate.key }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const files = certificate === null ? 'the authorities' : `${certificate.files}, or the authorities,`;
    throw new McmpError('usage', 'MCMP_BAD_CERTIFICATE', `${files} for nodes cannot be used for TLS: ${why}`, {
      cause: error,
      hint: 'Look at each certificate with: openssl x509 -noout -text -in FILE',
    });
  }
}
