import { escapeHtml } from '../../../core/text.ts';

/** A piece of HTML that is safe to send: made by `html` alone, so a string can never pass for one. */
export interface Html {
  readonly html: string;
}

export type HtmlValue = Html | string | number | readonly Html[];

/** What stays itself in text and in quoted attribute values; nearly all values are of this kind. */
const PLAIN = /^[A-Za-z0-9 ./:,_+*%?=#;~()[\]-]*$/;

export const NOTHING: Html = { html: '' };

/**
 * Template of HTML: every value that is not HTML itself is escaped, so a string of a peer cannot become markup wherever it
 * stands in the text or between the quotes of an attribute. Attribute values have to be quoted, and none may be a URL of a
 * peer's choice, a script or a style: escaping does not help there, and the page has none of these.
 *
 * Strings are text: what peers sent goes through `textOf` first.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0] ?? '';
  for (let index = 0; index < values.length; index++) {
    text += written(values[index] ?? '') + (parts[index + 1] ?? '');
  }
  return { html: text };
}

/** Pieces one behind the other. */
export function joined(pieces: Iterable<Html>, separator: Html = NOTHING): Html {
  let text = '';
  for (const piece of pieces) text += text === '' ? piece.html : separator.html + piece.html;
  return { html: text };
}

function written(value: HtmlValue): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return 'html' in value ? value.html : joined(value).html;
}
