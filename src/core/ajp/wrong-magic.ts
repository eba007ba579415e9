import { AJP_VIOLATION, type AjpViolation } from './violations.ts';

const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR_VERSION = 3;

/**
 * What a peer seems to speak that does not begin a packet as it should, so that the operator learns which port was mistaken.
 * @param first of its bytes
 * @param second of its bytes
 */
export function wrongMagic(first: number, second: number): AjpViolation {
  if ((first === TLS_ALERT || first === TLS_HANDSHAKE) && second === TLS_MAJOR_VERSION) return AJP_VIOLATION.tls;
  // `HTTP/1.1 400`, or a method.
  return isCapital(first) && isCapital(second) ? AJP_VIOLATION.http : AJP_VIOLATION.magic;
}

function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}
