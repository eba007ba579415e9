import { randomBytes, randomUUID } from 'node:crypto';
import { digestOf, sameSecret } from '../../../core/secret.ts';

/**
 * What only those know who have read the page of a balancer, so that no other page in their browser can fill in its forms.
 * Made anew at each start.
 */
export interface PageSecrets {
  /** 256 bits, in a field of the forms; never in a URL. */
  readonly formToken: string;
  /** For the links of old tools, where those are allowed; in the form that they look for. */
  readonly nonce: string;
  isFormToken(given: string): boolean;
  isNonce(given: string): boolean;
}

export function createSecrets(): PageSecrets {
  const formToken = randomBytes(32).toString('base64url');
  const nonce = randomUUID();
  const [formDigest, nonceDigest] = [digestOf(formToken), digestOf(nonce)];
  return {
    formToken,
    nonce,
    isFormToken: (given) => sameSecret(given, formDigest),
    isNonce: (given) => sameSecret(given, nonceDigest),
  };
}
