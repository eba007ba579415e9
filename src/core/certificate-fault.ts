/** What can be wrong with a certificate that a peer shows, whoever it is and whoever is told of it. */
export type CertificateFault =
  | 'expired'
  | 'not-yet-valid'
  | 'revoked'
  | 'self-signed'
  | 'unknown-authority'
  | 'incomplete-chain'
  | 'wrong-signature'
  | 'wrong-purpose'
  | 'no-authority'
  | 'chain-too-long'
  | 'not-allowed';

/** The names that Node.js gives to what OpenSSL finds (`X509_V_ERR_...`). */
const BY_CODE: ReadonlyMap<string, CertificateFault> = new Map([
  ['CERT_HAS_EXPIRED', 'expired'],
  ['CERT_NOT_YET_VALID', 'not-yet-valid'],
  ['CERT_REVOKED', 'revoked'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'unknown-authority'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'unknown-authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unknown-authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'incomplete-chain'],
  ['CERT_SIGNATURE_FAILURE', 'wrong-signature'],
  ['INVALID_PURPOSE', 'wrong-purpose'],
  ['INVALID_CA', 'no-authority'],
  ['CERT_CHAIN_TOO_LONG', 'chain-too-long'],
  ['PATH_LENGTH_EXCEEDED', 'chain-too-long'],
  ['CERT_UNTRUSTED', 'not-allowed'],
  ['CERT_REJECTED', 'not-allowed'],
]);

/**
 * @param code of the error, or what `authorizationError` says
 * @returns undefined when it is not about the certificate, or nobody has met it yet
 */
export function certificateFault(code: string): CertificateFault | undefined {
  return BY_CODE.get(code);
}
