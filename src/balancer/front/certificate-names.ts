import { X509Certificate } from 'node:crypto';

/**
 * Chooses by the name that a client asks for (SNI): the first entry whose certificate is for that very name, else the first
 * that has a wildcard for it. A wildcard stands for one label (RFC 9525 §6.3).
 *
 * @param entries PEM of a certificate, and what belongs to it
 * @returns undefined: no certificate is for this name
 */
export function chooseByName<T>(entries: readonly (readonly [string, T])[]): (name: string) => T | undefined {
  const exact = new Map<string, T>();
  const wildcards = new Map<string, T>();
  for (const [cert, value] of entries) {
    for (const name of dnsNamesOf(new X509Certificate(cert))) {
      const [table, key] = name.startsWith('*.') ? ([wildcards, name.slice(2)] as const) : ([exact, name] as const);
      if (!table.has(key)) table.set(key, value);
    }
  }
  return (asked) => {
    const name = asked.toLowerCase().replace(/\.$/, '');
    return exact.get(name) ?? wildcards.get(name.slice(name.indexOf('.') + 1));
  };
}

/** Host names of a certificate, in lower case: its alternative names, or the common name of one that has none. */
export function dnsNamesOf({ subject, subjectAltName }: X509Certificate): string[] {
  if (subjectAltName !== undefined) {
    // Names with odd characters are quoted by Node.js; none of them is a host name.
    const names = subjectAltName.split(', ').filter((entry) => /^DNS:[^"]/.test(entry));
    return names.map((entry) => entry.slice('DNS:'.length).toLowerCase());
  }
  const commonName = /^CN=(.+)$/m.exec(subject)?.[1];
  return commonName === undefined ? [] : [commonName.toLowerCase()];
}
