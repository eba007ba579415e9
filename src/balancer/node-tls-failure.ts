import { type CertificateFault, certificateFault } from '../core/certificate-fault.ts';

/** What became of a TLS handshake with a node, in words that tell an operator what to do. */

/** What is wrong with the certificate that the node showed, and what to do about it. */
const CERTIFICATE: Readonly<Record<CertificateFault, string>> = {
  expired: 'shows a certificate that has expired: renew it',
  'not-yet-valid': 'shows a certificate that is not valid yet: are the clocks of both machines right?',
  revoked: 'shows a certificate that was revoked: renew it',
  'self-signed': 'shows a certificate that it signed itself: name that in --upstream-ca to trust it',
  'unknown-authority': 'shows a certificate of an unknown authority: name the authority in --upstream-ca',
  'incomplete-chain':
    'shows a certificate of an unknown authority: name the authority in --upstream-ca, or let the node send its whole chain',
  'wrong-signature': 'shows a certificate that the authority of its name did not sign: --upstream-ca is another one',
  'wrong-purpose': 'shows a certificate that is not for servers: it needs the extended key usage serverAuth, or none',
  'no-authority': 'shows a certificate that was signed by one that is no authority',
  'chain-too-long': 'shows a certificate behind too many authorities',
  'not-allowed': 'shows a certificate that its authority does not allow for this',
};

const NO_TLS = 'does not speak TLS: register it with another Type, or encrypt its connector';
const WANTS_CERTIFICATE = 'wants a certificate of this balancer: name one that it accepts in --upstream-cert';
const REFUSES_CERTIFICATE = 'does not accept the certificate of --upstream-cert, or wants one';
const TOO_OLD = 'speaks no version of TLS from 1.2 on';

/** Ends of the codes by which Node.js names OpenSSL's errors: what stands before them differs between versions of OpenSSL. */
const HANDSHAKE: readonly (readonly [end: string, words: string])[] = [
  ['WRONG_VERSION_NUMBER', NO_TLS],
  ['PACKET_LENGTH_TOO_LONG', NO_TLS],
  ['RECORD_LENGTH_MISMATCH', NO_TLS],
  ['UNEXPECTED_MESSAGE', NO_TLS],
  ['HTTP_REQUEST', NO_TLS],
  ['ALERT_PROTOCOL_VERSION', TOO_OLD],
  ['UNSUPPORTED_PROTOCOL', TOO_OLD],
  ['VERSION_TOO_LOW', TOO_OLD],
  ['ALERT_CERTIFICATE_REQUIRED', WANTS_CERTIFICATE],
  ['ALERT_BAD_CERTIFICATE', REFUSES_CERTIFICATE],
  ['ALERT_UNSUPPORTED_CERTIFICATE', REFUSES_CERTIFICATE],
  ['ALERT_CERTIFICATE_REVOKED', REFUSES_CERTIFICATE],
  ['ALERT_CERTIFICATE_EXPIRED', REFUSES_CERTIFICATE],
  ['ALERT_CERTIFICATE_UNKNOWN', REFUSES_CERTIFICATE],
  ['ALERT_UNKNOWN_CA', REFUSES_CERTIFICATE],
  ['ALERT_ACCESS_DENIED', REFUSES_CERTIFICATE],
  [
    'ALERT_HANDSHAKE_FAILURE',
    'refuses the handshake: it wants a certificate (--upstream-cert), or has no cipher in common with this balancer',
  ],
  ['ALERT_INSUFFICIENT_SECURITY', 'has no cipher in common with this balancer'],
  ['ALERT_NO_APPLICATION_PROTOCOL', 'does not speak HTTP/1.1 over TLS (ALPN)'],
  ['UNRECOGNIZED_NAME', 'does not know the host name it is registered by (SNI)'],
  ['DH_KEY_TOO_SMALL', 'offers keys that are too small to be safe'],
  ['EE_KEY_TOO_SMALL', 'shows a certificate whose key is too small to be safe'],
  ['CA_MD_TOO_WEAK', 'shows a certificate with a signature that is not safe any more'],
];

const MOST_NAMES = 3;
const MOST_NAME_CHARACTERS = 60;

/** In words that follow the address of the node, what failed about TLS; undefined: something else did. */
export function nodeTlsFailureInWords(error: NodeJS.ErrnoException): string | undefined {
  const code = error.code ?? '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `shows a certificate for ${namesOf(error)}, not for the Host it is registered with`;
  if (isEndOfHandshake(error)) return 'closed the connection during the TLS handshake';
  const fault = certificateFault(code);
  if (fault !== undefined) return CERTIFICATE[fault];
  if (!code.startsWith('ERR_SSL_') && !code.startsWith('ERR_TLS_') && code !== 'EPROTO') return undefined;
  const known = HANDSHAKE.find(([end]) => code.endsWith(`_${end}`));
  return known?.[1] ?? `failed in TLS (${code})`;
}

/** Refusals of the other end: with TLS 1.3 those come when the handshake is done for this end (RFC 8446 §4.4.2.4). */
const REFUSAL =
  /_ALERT_(?:CERTIFICATE_|BAD_CERTIFICATE$|UNSUPPORTED_CERTIFICATE$|UNKNOWN_CA$|ACCESS_DENIED$|HANDSHAKE_FAILURE$)/;

/** Whether a node told by an alert that it refuses this balancer: it looked at no request. */
export function isRefusedHandshake(error: NodeJS.ErrnoException): boolean {
  return REFUSAL.test(error.code ?? '');
}

/** Node.js has no code of its own for that. */
function isEndOfHandshake({ code, message }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' && message.includes('before secure TLS connection');
}

/** The names in a certificate, as the error brings them: written by whoever made the certificate, so not to be believed. */
function namesOf(error: Error): string {
  const certificate: unknown = Reflect.get(error, 'cert');
  if (typeof certificate !== 'object' || certificate === null) return 'another name';
  const list: unknown = Reflect.get(certificate, 'subjectaltname');
  const names = typeof list === 'string' && list !== '' ? list.split(', ') : [];
  const shown = names.slice(0, MOST_NAMES).map((name) =>
    name
      .replace(/^(?:DNS|IP Address):/, '')
      .replace(/[^!-~]/g, '?')
      .slice(0, MOST_NAME_CHARACTERS),
  );
  if (shown.length === 0) return 'no host at all';
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
