import { canonicalHost } from '../../core/address.ts';
import { UsageError } from '../../core/errors.ts';

/**
 * The one spelling of a context path: with a slash in front and none behind; `ROOT`, `/` and the empty string are the root
 * (needs C7).
 * @throws UsageError when a balancer would take it for something else
 */
export function contextPath(text: string): string {
  const trimmed = text.trim();
  if (/[,\u0000-\u0020?#]/.test(trimmed)) {
    throw new UsageError(`'${text}' cannot be a context`, {
      hint: 'A path such as /shop; MCMP separates contexts by commas, and spaces, ? and # cannot be in one.',
    });
  }
  return normalised(trimmed);
}

function normalised(path: string): string {
  const bare = path.replace(/^\/+|\/+$/g, '');
  return bare === '' || path === 'ROOT' ? '/' : `/${bare}`;
}

/**
 * Whether a path is one that must never be told to a balancer. Every doubt excludes: an application that is published by a
 * spelling that nobody thought of is the worse mistake (CVE-2012-1154).
 * @param entries `path` or `host:path`; the root context as `ROOT`, `/` or empty
 * @param aliases of the virtual host
 */
export function exclusions(entries: readonly string[], aliases: readonly string[]): (path: string) => boolean {
  const hosts = new Set(aliases.map(hostKey));
  const excluded = new Set<string>();
  for (const entry of entries) {
    const [, host, path = ''] = /^(?:(\[[^\]/]*\]|[^:/[\]]*):)?(.*)$/s.exec(entry.trim()) ?? [];
    if (host !== undefined && host !== '' && !hosts.has(hostKey(host))) continue;
    const plain = path.trim();
    excluded.add(normalised(plain));
    if (/^\/*ROOT\/*$/i.test(plain)) excluded.add('/');
  }
  return (path) => excluded.has(path);
}

function hostKey(host: string): string {
  return canonicalHost(host.trim()) ?? host.trim().toLowerCase();
}
