import { type CertificateFault, certificateFault } from '../core/certificate-fault.ts';
import { McmpError } from '../core/errors.ts';

/** What became of a TLS handshake with a balancer, in words that say what, where, and what to do. */

interface Row {
  /** Behind the address. */
  readonly what: string;
  /** `PLACE` stands for the host and port. */
  readonly hint: string;
}

const ITS_DATES = 'Its dates: openssl s_client -connect PLACE </dev/null | openssl x509 -noout -dates';
const ITS_CHAIN = 'What it shows: openssl s_client -connect PLACE -showcerts </dev/null';
const WHOM_IT_TRUSTS =
  'Give one that its authority signed. Whom it trusts: openssl s_client -connect PLACE </dev/null, below "Acceptable client certificate CA names"';
const GIVE_CERTIFICATE = 'Give one with its key: --cert FILE --key FILE (node-sim: --mcmp-cert, --mcmp-key).';
const TRY_PLAIN = 'It may speak plain HTTP: try http://PLACE';

const UNKNOWN_AUTHORITY: Row = {
  what: 'shows a certificate of an authority that is not known here',
  hint: 'Name the file of that authority: --ca FILE (node-sim: --mcmp-ca). If it is named, the balancer may not send its whole chain.',
};
const NO_TLS: Row = { what: 'does not speak TLS', hint: TRY_PLAIN };
const TOO_OLD: Row = {
  what: 'speaks no version of TLS from 1.2 on',
  hint: 'Older ones are not safe (RFC 8996). Let it speak TLS 1.2 or 1.3.',
};
const NO_SHARED_CIPHER: Row = {
  what: 'has no cipher in common with this program',
  hint: 'It may allow old ciphers only, or have no key that fits the others. Let it allow those of TLS 1.2 with forward secrecy, or TLS 1.3.',
};
const NOT_SAFE_ANY_MORE: Row = {
  what: 'uses keys or signatures that are not safe any more',
  hint: `Let it have a certificate with a key of RSA 2048, P-256 or more, signed with SHA-256. ${ITS_CHAIN}`,
};

/** What is wrong with the certificate of a balancer. */
const CERTIFICATE: Readonly<Record<CertificateFault, Row>> = {
  expired: { what: 'shows a certificate that has expired', hint: `Renew it there. ${ITS_DATES}` },
  'not-yet-valid': {
    what: 'shows a certificate that is not valid yet',
    hint: `Are the clocks of both machines right? ${ITS_DATES}`,
  },
  revoked: { what: 'shows a certificate that was revoked', hint: 'Renew it there.' },
  'self-signed': {
    what: 'shows a certificate that signed itself',
    hint: 'If it is the right one, name its file to trust it: --ca FILE (node-sim: --mcmp-ca).',
  },
  'unknown-authority': UNKNOWN_AUTHORITY,
  'incomplete-chain': UNKNOWN_AUTHORITY,
  'wrong-signature': {
    what: 'shows a certificate that the authority of its name did not sign',
    hint: 'The file of --ca (node-sim: --mcmp-ca) is that of another authority of the same name, perhaps of an older one.',
  },
  'wrong-purpose': {
    what: 'shows a certificate that is not for servers',
    hint: `It needs the extended key usage serverAuth, or none. ${ITS_CHAIN}`,
  },
  'no-authority': { what: 'shows a certificate that was signed by one which is no authority', hint: ITS_CHAIN },
  'chain-too-long': { what: 'shows a certificate behind more authorities than are allowed', hint: ITS_CHAIN },
  'not-allowed': { what: 'shows a certificate that its authority does not allow for this', hint: ITS_CHAIN },
};

/** What a balancer says of us, by the number of its alert (RFC 8446 §6.2): words of OpenSSL for it differ by its version. */
const ALERTS: ReadonlyMap<number, Row> = new Map([
  // What `mcmp serve` says at an address without TLS.
  [10, NO_TLS],
  [
    42,
    {
      what: 'does not take the certificate of this client, or wants one',
      hint: `${GIVE_CERTIFICATE} ${WHOM_IT_TRUSTS}`,
    },
  ],
  [43, { what: 'does not take this kind of client certificate', hint: WHOM_IT_TRUSTS }],
  [44, { what: 'says that the certificate of this client was revoked', hint: WHOM_IT_TRUSTS }],
  [
    45,
    {
      what: 'says that the certificate of this client has expired',
      hint: 'Renew it. Its dates: openssl x509 -noout -dates -in FILE',
    },
  ],
  [46, { what: 'does not take the certificate of this client', hint: WHOM_IT_TRUSTS }],
  [48, { what: 'does not know the authority of the certificate of this client', hint: WHOM_IT_TRUSTS }],
  [49, { what: 'knows the certificate of this client, and does not let it in', hint: 'Whom it lets in is set there.' }],
  [70, TOO_OLD],
  [71, NO_SHARED_CIPHER],
  [
    112,
    {
      what: 'does not know the host name of the URL',
      hint: 'It has several hosts (SNI): use the name of one of them.',
    },
  ],
  [116, { what: 'wants a certificate of this client', hint: GIVE_CERTIFICATE }],
  [120, { what: 'does not speak HTTP/1.1 over TLS (ALPN)', hint: 'Is this its management address?' }],
]);

const HANDSHAKE_FAILURE = 40;
/** The same alert from two situations: before the balancer showed its certificate, and when it got none of ours. */
const NO_CLIENT_CERTIFICATE: Row = {
  what: 'breaks the handshake off, as a balancer does that wants a certificate of the client',
  hint: `${GIVE_CERTIFICATE} ${WHOM_IT_TRUSTS}`,
};

/** What this side finds wrong; ends of the codes by which Node.js names errors of OpenSSL. */
const OURS: readonly (readonly [end: string, row: Row])[] = [
  ['WRONG_VERSION_NUMBER', NO_TLS],
  ['PACKET_LENGTH_TOO_LONG', NO_TLS],
  ['RECORD_LENGTH_MISMATCH', NO_TLS],
  ['HTTP_REQUEST', NO_TLS],
  ['UNSUPPORTED_PROTOCOL', TOO_OLD],
  ['VERSION_TOO_LOW', TOO_OLD],
  ['NO_SHARED_CIPHER', NO_SHARED_CIPHER],
  ['DH_KEY_TOO_SMALL', NOT_SAFE_ANY_MORE],
  ['EE_KEY_TOO_SMALL', NOT_SAFE_ANY_MORE],
  ['CA_KEY_TOO_SMALL', NOT_SAFE_ANY_MORE],
  ['CA_MD_TOO_WEAK', NOT_SAFE_ANY_MORE],
];

const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';
const MOST_NAMES = 5;

/** First bytes of an alert of TLS, where HTTP was expected. */
const ALERT_RECORD = '\x15\x03';

/** An error of a handshake, with what only its socket knows. */
export interface HandshakeError extends Error {
  /** The balancer had shown its certificate when it broke off. */
  certificateShown?: boolean;
}

/**
 * The failure that an error of TLS is.
 *
 * @param code of the error
 * @param address of the balancer, as it is shown to people
 * @returns undefined when the error is not one of TLS
 */
export function tlsFailure(error: HandshakeError, code: string, address: string): McmpError | undefined {
  const row = rowOf(error, code);
  if (row === undefined) return undefined;
  return failure(`${address} ${row.what}`, row.hint.replaceAll('PLACE', placeOf(address)), error);
}

/** An answer that is no HTTP, but TLS; undefined when it is something else. @param error of the HTTP parser */
export function tlsInsteadOfHttp(error: Error, address: string): McmpError | undefined {
  if (!('data' in error && typeof error.data === 'string' && error.data.startsWith(ALERT_RECORD))) return undefined;
  return failure(`${address} speaks TLS, not plain HTTP`, `Use https://${placeOf(address)}`, error);
}

function rowOf(error: HandshakeError, code: string): Row | undefined {
  if (code === OTHER_NAME) return otherName(error);
  const fault = certificateFault(code);
  if (fault !== undefined) return CERTIFICATE[fault];
  if (!/^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code)) return undefined;
  const alert = Number(/SSL alert number (\d+)/.exec(error.message)?.[1]);
  if (alert === HANDSHAKE_FAILURE) return error.certificateShown === true ? NO_CLIENT_CERTIFICATE : NO_SHARED_CIPHER;
  const known = ALERTS.get(alert) ?? OURS.find(([end]) => code.endsWith(end))?.[1];
  return known ?? { what: `cannot be spoken to over TLS: ${reasonOf(error)}`, hint: TRY_PLAIN };
}

/** Names in a certificate are written by whoever made it; messages are escaped where they are shown. */
function otherName(error: Error): Row {
  const host = 'host' in error && typeof error.host === 'string' ? error.host : 'the host of the URL';
  const certificate: unknown = 'cert' in error ? error.cert : undefined;
  const hasNames = typeof certificate === 'object' && certificate !== null && 'subjectaltname' in certificate;
  const list = hasNames && typeof certificate.subjectaltname === 'string' ? certificate.subjectaltname : '';
  const names = list.split(', ').map((name) => name.replace(/^(?:DNS|IP Address):/, ''));
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  const others = list === '' ? 'no name at all' : names.slice(0, MOST_NAMES).join(', ') + more;
  return {
    what: `shows a certificate that is not for ${host}, but for ${others}`,
    hint: `Use a name of the certificate in the URL, or have one made that is for ${host} too.`,
  };
}

/** OpenSSL's own few words, without file and line of its source. */
function reasonOf(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' && error.reason !== '' ? error.reason : error.message;
}

function placeOf(address: string): string {
  return address.replace(/^https?:\/\//, '');
}

function failure(message: string, hint: string, cause: Error): McmpError {
  return new McmpError('refused', 'MCMP_TLS', message, { hint, cause });
}
