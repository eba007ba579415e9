import type { RoutingRules } from './rules.ts';

/**
 * A registered context path as the index files it. Requests are compared byte for byte, one character per byte, so text
 * that a peer sent as UTF-8 and that was decoded to characters is taken back to its bytes.
 */
export function contextKey(path: string, rule: RoutingRules['trailingSlashContexts']): string {
  const bytes = isAscii(path) ? path : utf8AsBytes(path);
  if (rule === 'literal') return bytes;
  if (bytes.startsWith('/') && !bytes.endsWith('/') && !bytes.includes('//')) return bytes;
  const segments = bytes.split('/').filter((segment) => segment !== '');
  return `/${segments.join('/')}`;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** Text whose characters are all below 256 and, taken as bytes, valid UTF-8 was never decoded: it stays as it is. */
function utf8AsBytes(text: string): string {
  const encoded = Buffer.from(text, 'utf8').toString('latin1');
  const asBytes = Buffer.from(text, 'latin1');
  if (asBytes.toString('latin1') !== text) return encoded;
  return Buffer.from(asBytes.toString('utf8'), 'utf8').equals(asBytes) ? text : encoded;
}
