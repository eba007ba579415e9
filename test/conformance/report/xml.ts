/** What stands in an XML document, read by as much of XML 1.0 as a report uses; anything else is refused. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  readonly text: string;
}

/** Outside of it a document is not well-formed (XML 1.0 §2.2). */
const NO_CHARACTER = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['#10', '\n'],
  ['#9', '\t'],
]);

/** @throws Error that says where it is not well-formed */
export function readXml(document: string): Element {
  const wrong = NO_CHARACTER.exec(document);
  if (wrong !== null) throw new Error(`no character of XML at ${wrong.index}: ${wrong[0].codePointAt(0)}`);
  const prolog = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!document.startsWith(prolog)) throw new Error('it does not begin as XML does');
  const [root, end] = readElement(document, prolog.length);
  if (document.slice(end).trim() !== '')
    throw new Error(`something stands behind the root: ${document.slice(end, 80)}`);
  return root;
}

function readElement(document: string, from: number): [Element, number] {
  const open = /<([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/y;
  open.lastIndex = from;
  const found = open.exec(document);
  if (found === null) throw new Error(`no element at ${from}: ${document.slice(from, from + 120)}`);
  const [, name = '', given = '', isEmpty] = found;
  const attributes = new Map<string, string>();
  for (const [, key = '', value = ''] of given.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
    if (attributes.has(key)) throw new Error(`${name} has ${key} twice`);
    // An attribute's line ends and tabs would be read as spaces (§3.3.3).
    attributes.set(key, decoded(value.replace(/[\n\t]/g, ' ')));
  }
  let at = open.lastIndex;
  const children: Element[] = [];
  let text = '';
  if (isEmpty === '/') return [{ name, attributes, children, text }, at];
  for (;;) {
    const next = document.indexOf('<', at);
    if (next < 0) throw new Error(`${name} does not end`);
    const between = document.slice(at, next);
    if (between.includes(']]>')) throw new Error(`]]> stands in the text of ${name}`);
    text += decoded(between);
    if (document.startsWith(`</${name}>`, next)) return [{ name, attributes, children, text }, next + name.length + 3];
    const [child, end] = readElement(document, next);
    children.push(child);
    at = end;
  }
}

function decoded(text: string): string {
  return text.replace(/&([^;&]*;?)/g, (whole, entity: string) => {
    const character = ENTITIES.get(entity.slice(0, -1));
    if (!entity.endsWith(';') || character === undefined) throw new Error(`no reference: ${whole}`);
    return character;
  });
}
