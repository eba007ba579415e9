import { X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { canonicalHost, withoutBrackets } from '../../core/address.ts';
import { type Authority, type Credentials, createAuthority } from '../authority.ts';
import { writeKeyStore, writeTrustStore } from '../pkcs12.ts';
import { makeDirectory, PUBLIC, SECRET, writeFile } from './files.ts';
import { AUTHORITY, type DevPlan, type LeafPlan, type LeafRole } from './plan.ts';
import { authorityOf, leafOf, lookFor } from './there.ts';

/**
 * Of the stores, as Java programs have it by default. The same key lies unencrypted beside the store, so another password
 * would protect nothing.
 */
export const STORE_PASSWORD = 'changeit';

export interface DevAuthority {
  /** Common name. */
  readonly name: string;
  readonly certificate: string;
  readonly key: string;
  /** The certificate for Java. */
  readonly trustStore: string;
  readonly notAfter: Date;
  /** Made now; else it was there. */
  readonly made: boolean;
}

export interface DevLeaf {
  readonly role: LeafRole;
  /** Common name. */
  readonly name: string;
  /** As they stand in the certificate. */
  readonly hosts: readonly string[];
  readonly certificate: string;
  readonly key: string;
  /** Of a node: key, certificate and authority for Java. */
  readonly keyStore: string | undefined;
  readonly notAfter: Date;
  readonly made: boolean;
}

export interface DevCertificates {
  readonly directory: string;
  readonly authority: DevAuthority;
  readonly leaves: readonly DevLeaf[];
}

const DAY_MS = 86_400_000;
const COMMON_NAME_CHARACTERS = 64;
const USES = { balancer: 'server', node: 'both', client: 'client' } as const;

/**
 * Makes the authority and the certificates that are not in the directory yet. An authority that is there is used again;
 * certificates that are there stay, or with `force` are made anew. Nothing is written before everything was looked at.
 *
 * @throws UsageError when what is there does not belong together, or cannot be written
 */
export async function makeDevCertificates(plan: DevPlan): Promise<DevCertificates> {
  const { directory, force } = plan;
  const there = await lookFor(directory, AUTHORITY);
  const opened = authorityOf(directory, there);
  const authority = opened ?? createAuthority({ name: authorityName(), key: plan.key });
  const found = await Promise.all(
    plan.leaves.map(async (leaf) => ({ leaf, there: await lookFor(directory, leaf.name) })),
  );
  const work = found.map((one) => {
    const kept = force ? undefined : leafOf(directory, one.leaf, one.there, authority);
    return { leaf: one.leaf, kept, hasStore: kept !== undefined && one.there.hasStore };
  });
  await makeDirectory(directory);
  const saved = await saveAuthority(directory, authority, { made: opened === undefined, hasStore: there.hasStore });
  const leaves: DevLeaf[] = [];
  for (const { leaf, kept, hasStore } of work) {
    const credentials = kept ?? issue(plan, leaf, authority);
    leaves.push(await saveLeaf(directory, leaf, authority, { credentials, made: kept === undefined, hasStore }));
  }
  return { directory, authority: saved, leaves };
}

function authorityName(): string {
  return `mcmp certs dev on ${hostname()}`.slice(0, COMMON_NAME_CHARACTERS);
}

function issue({ days, key }: DevPlan, { role, name, hosts }: LeafPlan, authority: Authority): Credentials {
  const notAfter = new Date(Math.min(Date.now() + days * DAY_MS, authority.notAfter.getTime()));
  return authority.issue({ name, hosts, use: USES[role], key, notAfter });
}

async function saveAuthority(
  directory: string,
  authority: Authority,
  { made, hasStore }: { readonly made: boolean; readonly hasStore: boolean },
): Promise<DevAuthority> {
  const path = join(directory, AUTHORITY);
  const [certificate, key, trustStore] = [`${path}.pem`, `${path}.key`, `${path}.p12`];
  if (made) {
    await writeFile(key, authority.keyPem, SECRET);
    await writeFile(certificate, authority.certPem, PUBLIC);
  }
  if (made || !hasStore) {
    await writeFile(trustStore, writeTrustStore(AUTHORITY, authority.certPem, STORE_PASSWORD), PUBLIC);
  }
  const name = commonNameOf(new X509Certificate(authority.certPem).subject);
  return { name, certificate, key, trustStore, notAfter: authority.notAfter, made };
}

async function saveLeaf(
  directory: string,
  { role, name }: LeafPlan,
  authority: Authority,
  {
    credentials,
    made,
    hasStore,
  }: { readonly credentials: Credentials; readonly made: boolean; readonly hasStore: boolean },
): Promise<DevLeaf> {
  const { certPem, keyPem } = credentials;
  const path = join(directory, name);
  const [certificate, key] = [`${path}.pem`, `${path}.key`];
  const keyStore = role === 'node' ? `${path}.p12` : undefined;
  if (made) {
    await writeFile(key, keyPem, SECRET);
    await writeFile(certificate, certPem, PUBLIC);
  }
  if (keyStore !== undefined && !hasStore) {
    const entry = { alias: name, keyPem, chainPem: [certPem, authority.certPem] };
    await writeFile(keyStore, writeKeyStore(entry, STORE_PASSWORD), SECRET);
  }
  const { subjectAltName, validTo } = new X509Certificate(certPem);
  return { role, name, hosts: hostsOf(subjectAltName), certificate, key, keyStore, notAfter: new Date(validTo), made };
}

/** From the words of Node: `DNS:localhost, IP Address:127.0.0.1`. */
function hostsOf(subjectAltName: string | undefined): string[] {
  const words = (subjectAltName ?? '').split(', ');
  return words.flatMap((word) => {
    const host = /^(?:DNS|IP Address):(.+)$/.exec(word)?.[1];
    return host === undefined ? [] : withoutBrackets(canonicalHost(host) ?? host);
  });
}

function commonNameOf(subject: string): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject;
}
