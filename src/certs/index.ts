/**
 * X.509 for trying TLS out, and for tests: an authority, and the certificates that it issues. What a certificate says is
 * decided here; ASN.1 is a library's, keys and signatures are Node's. The library takes its time to load: import this room
 * where it is used, not at the start of the program.
 */
export {
  type Authority,
  type AuthorityOptions,
  type Credentials,
  createAuthority,
  type KeyKind,
  type LeafOptions,
  openAuthority,
} from './authority.ts';
export type { CertificateUse } from './certificate.ts';
export { type DevCertificates, makeDevCertificates } from './dev/make.ts';
export { type DevArgs, planDevCertificates } from './dev/plan.ts';
export { devDocument, devLines, trialLines } from './dev/words.ts';
