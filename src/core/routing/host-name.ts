import type { RoutingRules } from './rules.ts';

const DOT = 0x2e;

/**
 * The name by which a virtual host is looked up: the Host header without its port and without the final dot of a fully
 * qualified name, in lower case unless the dialect compares letter by letter (reference §4.3; RFC 9110 §4.2.3 and §7.2). An IPv6 literal keeps its brackets. Nothing
 * is allocated for a value that is such a name already.
 */
export function hostName(host: string, aliasCase: RoutingRules['aliasCase'] = 'ignored'): string {
  let end = host.length;
  if (host.startsWith('[')) {
    const bracket = host.indexOf(']');
    if (bracket > 0) end = bracket + 1;
  } else {
    const colon = host.indexOf(':');
    if (colon >= 0) end = colon;
    if (end > 0 && host.charCodeAt(end - 1) === DOT) end--;
  }
  let lower = true;
  for (let at = 0; at < end && lower && aliasCase === 'ignored'; at++) {
    const code = host.charCodeAt(at);
    lower = code < 0x41 || code > 0x5a;
  }
  const name = end === host.length ? host : host.slice(0, end);
  // Letters of ASCII only (RFC 4343): the bytes of other characters would be damaged.
  return lower ? name : name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
