import type { ReadProblem } from './lines.ts';

/** As much XML as INFO and DUMP need (reference §2.7): elements, attributes, text. */

export const XML_DECLARATION = '<?xml version="1.0" standalone="yes" ?>\n';

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  /** All text directly inside. */
  text: string;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** A value for text or an attribute in double quotes. */
export function escapeXml(value: string): string {
  return value.replace(/[&<>"]/g, (character) => {
    if (character === '&') return '&amp;';
    if (character === '<') return '&lt;';
    return character === '>' ? '&gt;' : '&quot;';
  });
}

/** Undoes the five named entities; every other `&` is itself, as httpd escapes nothing. */
function unescapeXml(text: string): string {
  return text.includes('&') ? text.replace(/&([a-z]+);/g, (whole, name: string) => ENTITIES.get(name) ?? whole) : text;
}

/** Each takes some hundred bytes; the tables of 100,000 nodes have fewer. */
const MOST_ELEMENTS = 2_000_000;
const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z][\w.-]*)([^>]*?)(\/?)>/y;
const ATTRIBUTE = /\s*([A-Za-z][\w.-]*)\s*=\s*"([^"]*)"/y;

/**
 * Reads a document into its root element.
 *
 * @returns undefined when tags do not match or there is no root; what is between elements does not matter
 */
export function readXml(document: string): XmlElement | undefined {
  const top: XmlElement = { name: '', attributes: new Map(), children: [], text: '' };
  const open: XmlElement[] = [top];
  let at = 0;
  let elements = 0;
  while (at < document.length) {
    const current = open.at(-1);
    if (current === undefined) return undefined;
    if (document[at] !== '<') {
      const next = document.indexOf('<', at);
      const end = next === -1 ? document.length : next;
      current.text += unescapeXml(document.slice(at, end));
      at = end;
      continue;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(document);
    if (match === null) return undefined;
    at = TOKEN.lastIndex;
    const [, closing, name, attributes = '', empty] = match;
    if (name === undefined) continue;
    if (closing === '/') {
      if (current.name !== name || open.length === 1) return undefined;
      open.pop();
      continue;
    }
    const element: XmlElement = { name, attributes: readAttributes(attributes), children: [], text: '' };
    if (++elements > MOST_ELEMENTS) return undefined;
    current.children.push(element);
    if (empty !== '/') open.push(element);
  }
  return open.length === 1 && top.children.length === 1 ? top.children[0] : undefined;
}

/** Attributes up to the first text that is none: searching on behind it would cost the square of a hostile length. */
function readAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = 0;
  for (let match = ATTRIBUTE.exec(text); match !== null; match = ATTRIBUTE.exec(text)) {
    const [, name = '', value = ''] = match;
    attributes.set(name, unescapeXml(value));
  }
  return attributes;
}

/** The first child of that name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** Text of the first child of that name; empty without one. */
export function childText(element: XmlElement, name: string): string {
  return childOf(element, name)?.text ?? '';
}

/** Children of the first child of that name: the members of a list. */
function membersOf(element: XmlElement, list: string): readonly XmlElement[] {
  return childOf(element, list)?.children ?? [];
}

/** The members of a list as data; those that a reader finds incomplete are left out and named in `problems`. */
export function readMembers<T>(
  root: XmlElement,
  list: string,
  reader: (element: XmlElement) => T | undefined,
  problems: ReadProblem[],
): T[] {
  return membersOf(root, list).flatMap((element) => {
    const member = reader(element);
    if (member === undefined) problems.push({ line: 0, message: `an element of ${list} is incomplete` });
    return member === undefined ? [] : [member];
  });
}
