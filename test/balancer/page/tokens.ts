/**
 * Reads HTML the way a browser does, as far as the page needs it (WHATWG HTML §13.2.5, without what the page has no use
 * for). Written for the tests alone: it shares nothing with what makes the page, so neither hides a mistake of the other.
 */
export type HtmlToken =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: readonly (readonly [string, string])[] }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  /** Comment or doctype. */
  | { readonly kind: 'other'; readonly text: string };

/** Elements whose content is text up to their own end tag. */
const RAW: ReadonlySet<string> = new Set(['style', 'script', 'title', 'textarea']);

const TAG = /<(\/?)([A-Za-z][^\s/>]*)((?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*\/?>/y;
const ATTRIBUTE = /\s+([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;

/** @throws when a `<` begins something that is neither a well-formed tag, nor a comment, nor a doctype */
export function tokensOf(html: string): HtmlToken[] {
  const tokens: HtmlToken[] = [];
  let at = 0;
  while (at < html.length) {
    if (html[at] !== '<') {
      const end = html.indexOf('<', at);
      const stop = end === -1 ? html.length : end;
      tokens.push({ kind: 'text', text: decoded(html.slice(at, stop)) });
      at = stop;
      continue;
    }
    if (html.startsWith('<!', at)) {
      const end = html.indexOf('>', at);
      tokens.push({ kind: 'other', text: html.slice(at, end + 1) });
      at = end + 1;
      continue;
    }
    TAG.lastIndex = at;
    const match = TAG.exec(html);
    if (match === null) throw new Error(`no tag at ${at}: ${html.slice(at, at + 80)}`);
    const [whole, slash, name = '', rest = ''] = match;
    at += whole.length;
    if (slash === '/') {
      tokens.push({ kind: 'close', name });
      continue;
    }
    tokens.push({ kind: 'open', name, attributes: attributesIn(rest) });
    if (!RAW.has(name)) continue;
    const end = html.indexOf(`</${name}`, at);
    tokens.push({ kind: 'text', text: name === 'title' ? decoded(html.slice(at, end)) : html.slice(at, end) });
    at = end;
  }
  return tokens;
}

function attributesIn(text: string): [string, string][] {
  return Array.from(text.matchAll(ATTRIBUTE), ([, name = '', double, single, bare]) => [
    name,
    decoded(double ?? single ?? bare ?? ''),
  ]);
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
]);

function decoded(text: string): string {
  return text.replace(/&(?:#([0-9]+)|([a-z]+));/g, (whole, digits?: string, name?: string) =>
    digits === undefined ? (NAMED.get(name ?? '') ?? whole) : String.fromCodePoint(Number(digits)),
  );
}

/** Tags and the names of their attributes: what a string in the page must not change. */
export function structureOf(html: string): string[] {
  return tokensOf(html).flatMap((token) => {
    if (token.kind === 'text') return [];
    if (token.kind === 'open') return [`<${token.name} ${token.attributes.map(([name]) => name).join(' ')}>`];
    return [token.kind === 'close' ? `</${token.name}>` : token.text];
  });
}
