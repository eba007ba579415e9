import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import { type Authority, type Credentials, openAuthority } from '../authority.ts';
import { privateKeyOf } from '../pem.ts';
import { readIfThere } from './files.ts';
import { AUTHORITY, type LeafPlan } from './plan.ts';

/** What a directory has of one name. */
export interface Found {
  readonly certPem: string | undefined;
  readonly keyPem: string | undefined;
  readonly hasStore: boolean;
}

export async function lookFor(directory: string, name: string): Promise<Found> {
  const [cert, key, store] = await Promise.all(
    ['pem', 'key', 'p12'].map((extension) => readIfThere(join(directory, `${name}.${extension}`))),
  );
  return { certPem: cert?.toString(), keyPem: key?.toString(), hasStore: store !== undefined };
}

/**
 * The authority that is there, to be used again.
 *
 * @returns undefined when there is none
 * @throws UsageError when it can sign nothing, or nothing that would be believed
 */
export function authorityOf(directory: string, { certPem, keyPem, hasStore }: Found): Authority | undefined {
  if (certPem === undefined && keyPem === undefined) {
    if (!hasStore) return undefined;
    throw new UsageError(`${join(directory, AUTHORITY)}.p12 is there without ${AUTHORITY}.pem and ${AUTHORITY}.key`, {
      code: 'MCMP_CERTS_AUTHORITY',
      hint: 'Take another directory, or remove it if nobody needs it.',
    });
  }
  if (certPem === undefined || keyPem === undefined) {
    const [there, missing] = certPem === undefined ? ['key', 'pem'] : ['pem', 'key'];
    throw new UsageError(`${join(directory, AUTHORITY)}.${there} is there without ${AUTHORITY}.${missing}`, {
      code: 'MCMP_CERTS_AUTHORITY',
      hint: `Bring ${AUTHORITY}.${missing} back, or take another directory.`,
    });
  }
  const refuse = (why: string, cause?: unknown): UsageError =>
    new UsageError(`the authority ${join(directory, AUTHORITY)}.pem ${why}`, {
      code: 'MCMP_CERTS_AUTHORITY',
      hint: `Take another directory, or remove ${AUTHORITY}.pem, ${AUTHORITY}.key and ${AUTHORITY}.p12 and make everything anew with --force.`,
      cause,
    });
  let authority: Authority;
  try {
    authority = openAuthority({ certPem, keyPem });
  } catch (error) {
    throw refuse(`cannot be used: ${wordsOf(error)}`, error);
  }
  const { ca, validTo } = new X509Certificate(certPem);
  if (!ca) throw refuse('is a certificate that may sign no others');
  if (authority.notAfter.getTime() <= Date.now()) throw refuse(`expired: ${validTo}`);
  return authority;
}

/**
 * The certificate that is there under the name of a planned one, to be left as it is.
 *
 * @returns undefined when there is none
 * @throws UsageError when it is not whole, or of another authority
 */
export function leafOf(
  directory: string,
  { name, role }: LeafPlan,
  found: Found,
  authority: Authority,
): Credentials | undefined {
  const { certPem, keyPem } = found;
  if (certPem === undefined && keyPem === undefined && !(role === 'node' && found.hasStore)) return undefined;
  const refuse = (why: string, cause?: unknown): UsageError =>
    new UsageError(`${join(directory, name)}.pem ${why}`, {
      code: 'MCMP_CERTS_THERE',
      hint: 'With --force all certificates but that of the authority are made anew.',
      cause,
    });
  if (certPem === undefined) throw refuse('is missing, and other files of its name are there');
  if (keyPem === undefined) throw refuse(`is there without ${name}.key`);
  let ours: boolean;
  try {
    const certificate = new X509Certificate(certPem);
    ours =
      certificate.verify(new X509Certificate(authority.certPem).publicKey) &&
      certificate.checkPrivateKey(privateKeyOf(keyPem));
  } catch (error) {
    throw refuse(`cannot be used: ${wordsOf(error)}`, error);
  }
  if (!ours) throw refuse('is of another authority, or of another key');
  return { certPem, keyPem };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
