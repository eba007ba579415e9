import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { type CertificateFault, certificateFault } from '../../core/certificate-fault.ts';
import type { HandshakeFailureReason } from '../traffic/types.ts';

export interface HandshakeFailure {
  /** Counted by. */
  readonly reason: HandshakeFailureReason;
  /** For the operator; what a peer named in it is escaped by the log. */
  readonly words: string;
}

export const HANDSHAKE_TIMEOUT = 'MCMP_HANDSHAKE_TIMEOUT';

/** By the codes of Node.js, which makes them of OpenSSL's words. */
const FAILURES: ReadonlyMap<string, HandshakeFailure> = new Map([
  [HANDSHAKE_TIMEOUT, { reason: 'time-out', words: 'the handshake was not done in time (--header-timeout)' }],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', { reason: 'version', words: 'the client speaks no TLS later than 1.1' }],
  ['ERR_SSL_VERSION_TOO_LOW', { reason: 'version', words: 'the client speaks no TLS later than 1.1' }],
  ['ERR_SSL_NO_SHARED_CIPHER', { reason: 'cipher', words: 'the client offers none of our ciphers' }],
  [
    'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM',
    { reason: 'cipher', words: 'the client takes no signature of the kind of our key' },
  ],
  [
    'ERR_SSL_NO_SUITABLE_KEY_SHARE',
    { reason: 'cipher', words: 'the client offers none of our groups for the key exchange' },
  ],
  ['ERR_SSL_NO_SHARED_GROUP', { reason: 'cipher', words: 'the client offers none of our groups for the key exchange' }],
  [
    'ERR_SSL_NO_APPLICATION_PROTOCOL',
    { reason: 'protocol', words: 'the client wants none of the protocols that are spoken here (ALPN)' },
  ],
  ['ECONNRESET', { reason: 'aborted', words: 'the client went away during the handshake' }],
  ['EPIPE', { reason: 'aborted', words: 'the client went away during the handshake' }],
]);

/** What a client says of our certificate before it goes away, by the end of the code that Node.js makes of its alert. */
const ALERTS: readonly (readonly [string, string])[] = [
  [
    'UNKNOWN_CA',
    'the client does not know the authority of our certificate; give it the authority, or the whole chain to us',
  ],
  ['CERTIFICATE_EXPIRED', 'the client says that our certificate has expired'],
  ['CERTIFICATE_UNKNOWN', 'the client does not trust our certificate'],
  ['BAD_CERTIFICATE', 'the client does not take our certificate; is the name that it asks for one of those in it?'],
  ['UNSUPPORTED_CERTIFICATE', 'the client does not take certificates of the kind of ours'],
  ['PROTOCOL_VERSION', 'the client speaks none of our versions of TLS'],
  ['HANDSHAKE_FAILURE', 'the client and we have no parameters of TLS in common'],
];

/** Why the certificate of a client is not believed. */
const UNTRUSTED: Readonly<Record<CertificateFault, string>> = {
  expired: 'has expired',
  'not-yet-valid': 'is not valid yet',
  revoked: 'was revoked',
  'self-signed': 'is signed by itself, not by an authority',
  'unknown-authority': 'is of an authority that we do not know',
  'incomplete-chain': 'is of an authority that we do not know',
  'wrong-signature': 'names our authority, which did not sign it',
  'wrong-purpose': 'is not for clients (extended key usage)',
  'no-authority': 'is signed by one that is no authority',
  'chain-too-long': 'is behind more authorities than are allowed',
  'not-allowed': 'is one that its authority does not allow for this',
};

/**
 * Why a handshake failed.
 *
 * @param code of the error
 * @param message its own words, for codes that nobody has met yet
 */
export function whyFailed(code: string, message: string): HandshakeFailure {
  const known = FAILURES.get(code);
  if (known !== undefined) return known;
  if (code.includes('_ALERT_')) {
    const words = ALERTS.find(([end]) => code.endsWith(end))?.[1] ?? `the client refused with an alert: ${code}`;
    return { reason: 'refused-by-client', words };
  }
  return {
    reason: 'other',
    words: code === '' ? message : `${message.replace(/^.*?:SSL routines:[^:]*:/, '')} (${code})`,
  };
}

/**
 * Why a client may not go on although the handshake is done: it had to show a certificate of one of our authorities.
 *
 * A session that is resumed comes without any verification, be it of a client that showed nothing: so the certificate itself
 * has to be there, and to be valid now.
 *
 * @param nowMs milliseconds since the epoch
 * @returns undefined: it may
 */
export function refusedCertificate(
  { authorized, authorizationError }: Pick<TLSSocket, 'authorized' | 'authorizationError'>,
  certificate: X509Certificate | undefined,
  nowMs: number,
): HandshakeFailure | undefined {
  if (certificate === undefined) return { reason: 'no-certificate', words: 'the client showed no certificate' };
  const code = authorized
    ? Date.parse(certificate.validTo) < nowMs
      ? 'CERT_HAS_EXPIRED'
      : ''
    : String(authorizationError);
  if (code === '') return undefined;
  const fault = certificateFault(code);
  const why = fault === undefined ? `was not believed (${code})` : UNTRUSTED[fault];
  const of = `${certificate.subject} of ${certificate.issuer}`.replaceAll('\n', ', ');
  return { reason: 'certificate', words: `the certificate of the client ${why}: ${of}` };
}
